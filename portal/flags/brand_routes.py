"""Doors for the brand: what looks wrong, what it holds, and the decision about it."""

import re
from dataclasses import asdict

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.ambassadors import queries as ambassadors
from portal.flags import brand_pages, commands, leak_commands, queries
from portal.flags.forms import ClearForm, DecideForm, RotateForm, ThresholdForm
from portal.flags.models import DeclineReason, Flag
from portal.flags.rules import Thresholds
from portal.kernel.errors import InvalidInput
from portal.kernel.pages import PageRequest
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import queries as codes
from portal.tracking.models import DiscountCode
from portal.web.forms import HouseForm
from portal.web.guards import opens_to, person
from portal.web.reply import reply, wants_list

blueprint = Blueprint("flags_brand", __name__, url_prefix="/brand/<brand:brand_id>/flags")
FLAG, RULES, ROTATE = "flags/brand/flag.html", "flags/brand/rules.html", "flags/brand/rotate.html"
ROW_ID = re.compile(r"[0-9]{1,18}")


@blueprint.get("")
@opens_to("brand.viewer")
def flags(brand_id: int) -> ResponseReturnValue:
    """What looks wrong, newest first; with `ambassador`, everything about her."""
    return _list(brand_id, DecideForm(formdata=None))


@blueprint.post("/bulk")
@opens_to("brand.manager")
def decide_many(brand_id: int) -> ResponseReturnValue:
    """Release, keep or decline all that the ticked flags hold."""
    form = DecideForm()
    found = queries.ids_of(brand_id, request.form.getlist("ids"))
    if not found:
        return reply(then=url_for(".flags", brand_id=brand_id), said="Tick at least one flag.")
    if not form.validate_on_submit():
        return _list(brand_id, form)
    try:
        with unit_of_work():
            for flag_id in found:
                _decide(flag_id, form, None)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _list(brand_id, form)
    said = f"Decided about {len(found)} {'flag' if len(found) == 1 else 'flags'}."
    return reply(then=url_for(".flags", brand_id=brand_id), said=said)


@blueprint.get("/<flag>")
@opens_to("brand.viewer")
def flag(brand_id: int, flag: str) -> ResponseReturnValue:
    """One flag: the evidence in words and figures, and what it holds."""
    return _show(queries.one_of_brand(brand_id, flag), DecideForm(formdata=None))


@blueprint.post("/<flag>")
@opens_to("brand.manager")
def decide(brand_id: int, flag: str) -> ResponseReturnValue:
    """Release, keep held or decline: everything, or what is ticked."""
    found, form = queries.one_of_brand(brand_id, flag), DecideForm()
    named = request.form.getlist("ids")
    ticked = [int(one) for one in named if ROW_ID.fullmatch(one)] if named else None
    if not form.validate_on_submit():
        return _show(found, form)
    try:
        with unit_of_work():
            _decide(found.id, form, ticked)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _show(found, form)
    is_kept = request.form.get("act") == "keep"
    said = "Kept held. Nothing is decided yet." if is_kept else "Decided. The creator is told."
    return reply(then=_page(found), said=said)


@blueprint.post("/<flag>/clear")
@opens_to("brand.manager")
def clear(brand_id: int, flag: str) -> ResponseReturnValue:
    """Somebody looked: nothing is wrong."""
    found, form = queries.one_of_brand(brand_id, flag), ClearForm()
    with unit_of_work():
        commands.clear(found.id, form.note.data or "", by=person().id)
    return reply(then=_page(found), said="Closed. It is not raised again for the same days.")


@blueprint.route("/codes/<code>", methods=["GET", "POST"])
@opens_to("brand.manager")
def rotate(brand_id: int, code: str) -> ResponseReturnValue:
    """A leaked code: one action replaces it (or only tells its creator)."""
    found, form = codes.one_of_brand(brand_id, code), RotateForm()
    if not form.validate_on_submit():
        return _leak(found, form)
    try:
        with unit_of_work():
            _handle_leak(found, form)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _leak(found, form)
    then = url_for("reports_codes.code", brand_id=brand_id, code=found.public_id)
    return reply(then=then, said="Done, and the creator is told. Orders from now on are withheld.")


@blueprint.post("/codes/<code>/over")
@opens_to("brand.manager")
def leak_over(brand_id: int, code: str) -> ResponseReturnValue:
    """Orders with the code count as ever from now on."""
    found = codes.one_of_brand(brand_id, code)
    leak = queries.leak_of(found.id)
    if leak is not None:
        with unit_of_work():
            leak_commands.end(leak.id, by=person().id)
    then = url_for(".rotate", brand_id=brand_id, code=found.public_id)
    return reply(then=then, said="Orders placed from now on count as ever.")


@blueprint.route("/rules", methods=["GET", "POST"])
@opens_to("brand.owner")
def rules(brand_id: int) -> ResponseReturnValue:
    """From where on something is flagged, and which sites collect codes."""
    thresholds, sites = queries.rules_of(brand_id)
    form = ThresholdForm(**asdict(thresholds), sites="\n".join(sites))
    if form.validate_on_submit():
        values = {name: form[name].data for name in asdict(Thresholds())}
        try:
            with unit_of_work():
                commands.set_rules(brand_id, values, form.sites.data or "", by=person().id)
            return reply(then=url_for(".flags", brand_id=brand_id), said="In force from now on.")
        except InvalidInput as refusal:
            form.refuse(refusal)
    status = 422 if form.is_submitted() else 200
    return reply(RULES, status=status, brand_id=brand_id, form=form, names=asdict(Thresholds()))


def _list(brand_id: int, form: DecideForm) -> ResponseReturnValue:
    view = request.args.get("view", "open")
    view = view if view in queries.VIEWS else "open"
    about = request.args.get("ambassador", "")
    member = ambassadors.one_of_brand(brand_id, about) if about else None
    asked = PageRequest(request.args.get("cursor"))
    part = "flags/brand/_flags.html" if wants_list() else None
    return reply(
        "flags/brand/flags.html", part, status=422 if form.errors else 200, form=form,
        may_decide=person().may("brand.manager", brand_id),
        may_set=person().may("brand.owner", brand_id),
        **brand_pages.flags(brand_id, asked, view, member),
    )  # fmt: skip


def _decide(flag_id: int, form: DecideForm, ticked: list[int] | None) -> None:
    act, me = request.form.get("act", ""), person().id
    if act == "keep":
        commands.keep(flag_id, by=me, note=form.note.data or "")
    elif act == "decline":
        if not form.reason.data:
            raise InvalidInput("reason", "Choose the reason: the creator reads it.")
        reason = DeclineReason(form.reason.data)
        commands.decline(flag_id, reason, form.note.data or "", by=me, commission_ids=ticked)
    elif act == "release":
        commands.release(flag_id, by=me, note=form.note.data or "", commission_ids=ticked)
    else:
        raise InvalidInput("note", "Choose what to do: release, keep or decline.")


def _handle_leak(found: DiscountCode, form: RotateForm) -> None:
    note, me = form.note.data or "", person().id
    if request.form.get("act") == "tell":
        leak_commands.tell(found.id, by=me, note=note)
        return
    days, wanted = form.grace_days.data or 0, form.code.data or None
    leak_commands.rotate(found.id, days, by=me, note=note, wanted=wanted)


def _leak(found: DiscountCode, form: HouseForm) -> ResponseReturnValue:
    status = 422 if form.is_submitted() else 200
    return reply(ROTATE, status=status, form=form, **brand_pages.leak(found))


def _show(found: Flag, form: DecideForm) -> ResponseReturnValue:
    asked = PageRequest(request.args.get("cursor"))
    return reply(
        FLAG, status=422 if form.is_submitted() and form.errors else 200, form=form,
        clear_form=ClearForm(formdata=None),
        may_decide=person().may("brand.manager", found.brand_id),
        **brand_pages.detail(found, asked),
    )  # fmt: skip


def _page(found: Flag) -> str:
    return url_for(".flag", brand_id=found.brand_id, flag=found.public_id)
