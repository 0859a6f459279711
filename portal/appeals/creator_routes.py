"""Doors for creators: object, add to it, take it back, ask for a second look."""

from collections.abc import Callable

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.ambassadors import queries as ambassadors
from portal.appeals import commands, creator_pages, queries, subject_queries
from portal.appeals.forms import AppealForm, MessageForm, MissingSaleForm
from portal.appeals.rules import Subject
from portal.kernel.errors import InvalidInput, NotFound, PortalError
from portal.kernel.pages import PageRequest
from portal.storage.unit_of_work import unit_of_work
from portal.web.forms import HouseForm, amount_of
from portal.web.guards import CREATOR, opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("appeals_creator", __name__, url_prefix="/creator/appeals")
NEW, APPEAL = "appeals/creator/new.html", "appeals/creator/appeal.html"
SUBJECTS: dict[str, Callable[[int, str], Subject]] = {
    "commission": subject_queries.of_commission,
    "assignment": subject_queries.of_assignment,
    "payout": subject_queries.of_payout,
    "membership": subject_queries.of_membership,
}


@blueprint.get("")
@opens_to(CREATOR)
def appeals() -> ResponseReturnValue:
    """Her appeals, newest first."""
    found = queries.of_creator(_me(), PageRequest(request.args.get("cursor")))
    shown = creator_pages.appeals(_me(), found)
    return reply("appeals/creator/appeals.html", **shown)


@blueprint.get("/<appeal>")
@opens_to(CREATOR)
def appeal(appeal: str) -> ResponseReturnValue:
    """One appeal: what she wrote, what was said, what was decided."""
    found = queries.one_of_creator(_me(), appeal)
    return reply(APPEAL, **creator_pages.detail(found), form=MessageForm())


@blueprint.route("/new/order", methods=["GET", "POST"])
@opens_to(CREATOR)
def new_sale() -> ResponseReturnValue:
    """An order that should have been hers, by its number and its day."""
    members, form = creator_pages.programs_of(_me()), _sale_form()
    form.program.choices = [(one.public_id, name) for one, name in members]
    if not members:
        raise NotFound()
    if not form.validate_on_submit():
        return _new(form, None)
    member = ambassadors.one_of_creator(_me(), form.program.data)
    assert form.on.data, "the form has checked it"
    return _open(form, subject_queries.of_sale(member, form.number.data or "", form.on.data))


@blueprint.route("/new/<kind>/<subject>", methods=["GET", "POST"])
@opens_to(CREATOR)
def new(kind: str, subject: str) -> ResponseReturnValue:
    """Object to something of hers that stands on another page."""
    if kind not in SUBJECTS:
        raise NotFound()
    found, form = SUBJECTS[kind](_me(), subject), AppealForm()
    known = queries.open_about(_me(), found.key)
    if known is not None:
        return reply(then=_page(known.public_id), said="You have an open appeal about this.")
    form.currency_code = found.currency
    if not form.validate_on_submit():
        return _new(form, found)
    return _open(form, found)


@blueprint.post("/<appeal>/answer")
@opens_to(CREATOR)
def answer(appeal: str) -> ResponseReturnValue:
    """Add to an open appeal."""
    return _says(appeal, commands.answer, "Sent. The brand reads it with your appeal.")


@blueprint.post("/<appeal>/reopen")
@opens_to(CREATOR)
def reopen(appeal: str) -> ResponseReturnValue:
    """Ask for a second look, once."""
    return _says(appeal, commands.reopen, "Open again. Somebody else decides this time.")


@blueprint.post("/<appeal>/withdraw")
@opens_to(CREATOR)
def withdraw(appeal: str) -> ResponseReturnValue:
    """Take it back."""
    found = queries.one_of_creator(_me(), appeal)
    with unit_of_work():
        commands.withdraw(found.id, by=person().id)
    return reply(then=_page(appeal), said="Taken back. Nothing changes.")


def _says(public_id: str, act: Callable[..., object], said: str) -> ResponseReturnValue:
    found, form = queries.one_of_creator(_me(), public_id), MessageForm()
    if form.validate_on_submit():
        try:
            with unit_of_work():
                act(found.id, form.body.data, by=person().id, link=form.link.data or "")
            return reply(then=_page(public_id), said=said)
        except InvalidInput as refusal:
            form.refuse(refusal)
    return reply(APPEAL, status=422, **creator_pages.detail(found), form=form)


def _open(form: AppealForm, subject: Subject) -> ResponseReturnValue:
    says_amount = bool(form.amount.data) and not isinstance(form, MissingSaleForm)
    claimed = amount_of(form.amount, subject.currency) if says_amount else None
    try:
        with unit_of_work():
            made = commands.open_appeal(
                subject, form.body.data or "", by=person().id, link=form.link.data or "",
                claimed=claimed,
            )  # fmt: skip
    except PortalError as refusal:
        form.refuse(refusal if isinstance(refusal, InvalidInput) else _at_head(refusal))
        return _new(form, None if isinstance(form, MissingSaleForm) else subject)
    return reply(then=_page(made.public_id), said="Sent. You read the answer here and by mail.")


def _new(form: HouseForm, subject: Subject | None) -> ResponseReturnValue:
    shown = creator_pages.new(_me(), subject)
    return reply(NEW, status=422 if form.is_submitted() else 200, form=form, **shown)


def _sale_form() -> MissingSaleForm:
    form = MissingSaleForm()
    if request.method == "GET":
        form.process(request.args)
    return form


def _at_head(refusal: PortalError) -> InvalidInput:
    return InvalidInput("", refusal.message)


def _page(public_id: str) -> str:
    return url_for(".appeal", appeal=public_id)


def _me() -> int:
    return int(person().creator_id)  # type: ignore[attr-defined]
