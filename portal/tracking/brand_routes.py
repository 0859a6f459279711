"""Doors for the brand: pause, resume, retire and replace a code. The pages about it: reports."""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from portal.ambassadors import queries as ambassadors
from portal.creators import queries as creators
from portal.kernel.errors import InvalidInput
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import commands, queries, rules
from portal.tracking.forms import ReasonForm, ReplaceForm
from portal.tracking.models import DiscountCode
from portal.web.forms import HouseForm
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("tracking_brand", __name__, url_prefix="/brand/<brand:brand_id>/codes")
PAGES = {
    "pause": "tracking/brand/pause_code.html",
    "retire": "tracking/brand/retire_code.html",
    "replace": "tracking/brand/replace_code.html",
}


@blueprint.route("/<code>/pause", methods=["GET", "POST"])
@opens_to("brand.manager")
def pause(brand_id: int, code: str) -> ResponseReturnValue:
    """A page that says what stops; then the pause."""
    found, form = queries.one_of_brand(brand_id, code), ReasonForm()
    if not form.validate_on_submit():
        return _page("pause", found, form)
    with unit_of_work():
        commands.pause_code(found.id, form.reason.data or "", by=person().id)
    return reply(then=_code(found), said=f"{found.code} is paused for orders from now on.")


@blueprint.post("/<code>/resume")
@opens_to("brand.manager")
def resume(brand_id: int, code: str) -> ResponseReturnValue:
    """Let a paused code work again."""
    found = queries.one_of_brand(brand_id, code)
    with unit_of_work():
        commands.resume_code(found.id, by=person().id)
    return reply(then=_code(found), said=f"{found.code} works again, for orders from now on.")


@blueprint.route("/<code>/retire", methods=["GET", "POST"])
@opens_to("brand.manager")
def retire(brand_id: int, code: str) -> ResponseReturnValue:
    """A page that says that nobody will ever have it again; then the end."""
    found, form = queries.one_of_brand(brand_id, code), ReasonForm()
    if not form.validate_on_submit():
        return _page("retire", found, form)
    with unit_of_work():
        commands.retire_code(found.id, form.reason.data or "", by=person().id)
    return reply(then=_code(found), said=f"{found.code} is retired for good.")


@blueprint.route("/<code>/replace", methods=["GET", "POST"])
@opens_to("brand.manager")
def replace(brand_id: int, code: str) -> ResponseReturnValue:
    """A new code at once; the old one goes on for its days of grace."""
    found, form = queries.one_of_brand(brand_id, code), ReplaceForm()
    if not form.validate_on_submit():
        return _page("replace", found, form)
    try:
        with unit_of_work():
            new = commands.replace_code(
                found.id, form.code.data or None, form.grace_days.data or 0, by=person().id
            )
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _page("replace", found, form)
    return reply(then=_code(new), said=f"{new.code} works now. Add it to your shop, too.")


def _page(act: str, found: DiscountCode, form: HouseForm) -> ResponseReturnValue:
    rules.next_code_status(found.status, act)  # a page for what cannot be done would be a trap
    owner = creators.creator(ambassadors.ambassador(found.ambassador_id).creator_id)
    others = [
        one.code for one in queries.codes_of_ambassador(found.ambassador_id)
        if one.is_working and one.id != found.id
    ]  # fmt: skip
    return reply(
        PAGES[act], status=422 if form.is_submitted() else 200, code=found, form=form,
        back=_code(found), name=owner.name, others=others,
        ideas=queries.suggestions(found.brand_id, owner.name, found.discount_bp),
    )  # fmt: skip


def _code(found: DiscountCode) -> str:
    return url_for("reports_codes.code", brand_id=found.brand_id, code=found.public_id)
