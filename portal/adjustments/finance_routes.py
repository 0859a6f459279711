"""Doors for finance: what may be done about adjustments. Their list and page stand in reports."""

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue

from portal.adjustments import commands, finance_pages, queries
from portal.adjustments import file_commands as files
from portal.adjustments.commands import About
from portal.adjustments.forms import AdjustmentForm, NoteForm, ReasonForm
from portal.adjustments.models import Adjustment, AdjustmentReason
from portal.commissions import queries as commissions
from portal.identity import sign_in
from portal.kernel.errors import InvalidInput, NotFound, PortalError
from portal.storage.unit_of_work import unit_of_work
from portal.web.forms import HouseForm, amount_of
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint(
    "adjustments_finance", __name__, url_prefix="/finance/<brand:brand_id>/adjustments"
)
FINANCE = ("finance.preparer", "finance.approver")
NEW, ONE = "adjustments/finance/new.html", "adjustments/finance/adjustment.html"


@blueprint.get("/new")
@opens_to(*FINANCE)
def new(brand_id: int) -> ResponseReturnValue:
    """The form of a new adjustment."""
    return reply(NEW, **finance_pages.new(brand_id, AdjustmentForm(formdata=None)))


@blueprint.post("/new")
@opens_to(*FINANCE)
def propose(brand_id: int) -> ResponseReturnValue:
    """Post it, or send it to a second person when it is above the limit."""
    form = AdjustmentForm()
    shown = finance_pages.new(brand_id, form)
    if not form.validate_on_submit():
        return reply(NEW, status=422, **shown)
    try:
        with unit_of_work():
            made = _proposed(brand_id, form)
            if form.file.data:
                file = form.file.data
                files.attach(made.id, file.filename or "", file.read(), by=person().id)
            public_id, waits = made.public_id, made.needs_second
    except InvalidInput as refusal:
        form.refuse(refusal)
        return reply(NEW, status=422, **shown)
    said = "Sent to a second person for approval." if waits else "Posted. The creator reads why."
    return reply(then=_page(brand_id, public_id), said=said)


@blueprint.get("/<adjustment>/file")
@opens_to(*FINANCE)
def file(brand_id: int, adjustment: str) -> Response:
    """What was attached, to be saved: never shown inside the portal."""
    kept = queries.file_of(queries.one_of_brand(brand_id, adjustment).id)
    if kept is None:
        raise NotFound()
    answer = Response(kept.body, mimetype=kept.media)
    answer.headers.set("Content-Disposition", "attachment", filename=kept.name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/<adjustment>/approve")
@opens_to("finance.approver")
def approve(brand_id: int, adjustment: str) -> ResponseReturnValue:
    """Post what somebody else proposed, after a fresh proof of identity."""
    found = queries.one_of_brand(brand_id, adjustment)
    elsewhere = sign_in.require_step_up(then=_page(brand_id, adjustment))
    if elsewhere:
        return elsewhere
    with unit_of_work():
        commands.approve(found.id, by=person().id)
    return reply(then=_page(brand_id, adjustment), said="Approved and posted.")


@blueprint.post("/<adjustment>/decline")
@opens_to(*FINANCE)
def decline(brand_id: int, adjustment: str) -> ResponseReturnValue:
    """Do not post it; its proposer may take it back the same way."""
    found, form = queries.one_of_brand(brand_id, adjustment), ReasonForm()
    if not form.validate_on_submit():
        return _refused(found, form, 422)
    try:
        with unit_of_work():
            commands.decline(found.id, form.reason.data or "", by=person().id)
    except PortalError as refusal:
        form.form_errors.append(refusal.message)
        return _refused(found, form, 409)
    return reply(then=_page(brand_id, adjustment), said="Declined. Nothing was posted.")


@blueprint.post("/<adjustment>/reverse")
@opens_to(*FINANCE)
def reverse(brand_id: int, adjustment: str) -> ResponseReturnValue:
    """Make the opposite entry."""
    found, form = queries.one_of_brand(brand_id, adjustment), NoteForm()
    if not form.validate_on_submit():
        return _refused(found, form, 422)
    try:
        with unit_of_work():
            made = commands.reverse(found.id, form.note.data or "", by=person().id)
            public_id, waits = made.public_id, made.needs_second
    except PortalError as refusal:
        form.form_errors.append(refusal.message)
        return _refused(found, form, 409)
    said = "The opposite entry waits for a second person." if waits else "Opposite entry posted."
    return reply(then=_page(brand_id, public_id), said=said)


@blueprint.post("/write-off/<creator>/<currency>")
@opens_to(*FINANCE)
def write_off(brand_id: int, creator: str, currency: str) -> ResponseReturnValue:
    """Propose to give up a negative balance; a second person posts it."""
    who, form = queries.member_of(brand_id, creator), NoteForm()
    then = url_for("books_negative.balances", brand_id=brand_id)
    if not form.validate_on_submit():
        return reply(then=then, said="Nothing was written off: say why first.")
    with unit_of_work():
        made = commands.write_off(
            brand_id, who.id, currency, form.note.data or "", by=person().id
        )  # fmt: skip
        public_id = made.public_id
    return reply(then=_page(brand_id, public_id), said="A second person has to approve this.")


def _proposed(brand_id: int, form: AdjustmentForm) -> Adjustment:
    who = queries.member_of(brand_id, form.creator.data)
    amount = amount_of(form.amount, form.currency.data)
    return commands.propose(
        brand_id, who.id, amount if form.way.data == "up" else -amount,
        AdjustmentReason(form.reason.data), form.note.data or "", by=person().id,
        about=_about(brand_id, form), period=form.period.data, key=form.key.data or "",
    )  # fmt: skip


def _about(brand_id: int, form: AdjustmentForm) -> About:
    order_id = commission_id = None
    if form.order.data:
        order = queries.order_with_number(brand_id, form.order.data)
        if order is None:
            raise InvalidInput("order", "No order of this brand has that number.")
        order_id = order.id
    if form.commission.data:
        commission = commissions.one_of_brand(brand_id, form.commission.data)
        commission_id, order_id = commission.id, order_id or commission.order_id
    return About(order_id, commission_id)


def _refused(found: Adjustment, form: HouseForm, status: int) -> ResponseReturnValue:
    return reply(ONE, status=status, **finance_pages.detail(found, typed=form))


def _page(brand_id: int, public_id: str) -> str:
    return url_for("books_adjustments.adjustment", brand_id=brand_id, adjustment=public_id)
