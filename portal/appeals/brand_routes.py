"""Doors for the brand: the queue, one appeal, taking it, asking, deciding, and the rules."""

from datetime import timedelta

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.appeals import commands, decision_commands, queries, staff_pages
from portal.appeals.creator_pages import KINDS
from portal.appeals.forms import DecisionForm, MessageForm, OwnerForm, RulesForm
from portal.appeals.models import Appeal, AppealStatus, RejectReason
from portal.attribution import wording
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.kernel.pages import PageRequest
from portal.storage.unit_of_work import unit_of_work
from portal.web.formatting import digits
from portal.web.forms import HouseForm, amount_of
from portal.web.guards import opens_to, person
from portal.web.reply import reply, wants_list

blueprint = Blueprint("appeals_brand", __name__, url_prefix="/brand/<brand:brand_id>/appeals")
APPEAL, RULES = "appeals/brand/appeal.html", "appeals/brand/rules.html"
MONTH = timedelta(days=30)
VIEWS = {"open": "To answer", "waiting": "Waiting for creators", "finance": "Waiting for finance",
         "closed": "Closed"}  # fmt: skip


@blueprint.get("")
@opens_to("brand.viewer")
def appeals(brand_id: int) -> ResponseReturnValue:
    """The queue: what must be answered soonest stands first."""
    view, kind = request.args.get("view", "open"), request.args.get("kind", "")
    mine = person().id if request.args.get("mine") else None
    view = view if view in VIEWS else "open"
    asked = PageRequest(request.args.get("cursor"))
    return reply(
        "appeals/brand/appeals.html", "appeals/brand/_appeals.html" if wants_list() else None,
        brand_id=brand_id, view=view, views=VIEWS, kind=kind, kinds=KINDS, mine=bool(mine),
        listing=queries.queue(brand_id, asked, view, kind=kind, owner_id=mine), now=clock.now(),
        counts=queries.view_counts(brand_id), zone=identity.brand(brand_id).zone,
        may_set=person().may("brand.owner", brand_id),
        decided=queries.defects(brand_id, clock.now() - MONTH) if view == "closed" else [],
    )  # fmt: skip


@blueprint.get("/<appeal>")
@opens_to("brand.viewer")
def appeal(brand_id: int, appeal: str) -> ResponseReturnValue:
    """One appeal with the trace beside it, what was said, and the decision."""
    return _show(queries.one_of_brand(brand_id, appeal))


@blueprint.post("/<appeal>/take")
@opens_to("brand.manager")
def take(brand_id: int, appeal: str) -> ResponseReturnValue:
    """Answer it oneself."""
    found = queries.one_of_brand(brand_id, appeal)
    with unit_of_work():
        commands.take(found.id, by=person().id)
    return reply(then=_page(found), said="It is yours. The creator sees that it is under review.")


@blueprint.post("/<appeal>/hand-over")
@opens_to("brand.manager")
def hand_over(brand_id: int, appeal: str) -> ResponseReturnValue:
    """Let somebody else of the brand answer it."""
    found, form = queries.one_of_brand(brand_id, appeal), OwnerForm()
    form.owner.choices = staff_pages.managers_of(brand_id)
    if not form.validate_on_submit():
        return _show(found, owner=form)
    member = identity.member_of_brand(brand_id, form.owner.data)
    with unit_of_work():
        commands.take(found.id, by=person().id, owner_id=member.user.id)
    return reply(then=_page(found), said=f"{member.user.name} answers it from now on.")


@blueprint.post("/<appeal>/ask")
@opens_to("brand.manager")
def ask(brand_id: int, appeal: str) -> ResponseReturnValue:
    """Ask the creator for something; she has seven days."""
    found, form = queries.one_of_brand(brand_id, appeal), MessageForm()
    if not form.validate_on_submit():
        return _show(found, message=form)
    with unit_of_work():
        commands.ask(found.id, form.body.data or "", by=person().id)
    return reply(then=_page(found), said="Asked. Without an answer in seven days it is closed.")


@blueprint.post("/<appeal>/decide")
@opens_to("brand.manager")
def decide(brand_id: int, appeal: str) -> ResponseReturnValue:
    """In full, in part, or as it was: done at once, or put forward to finance."""
    found, form = queries.one_of_brand(brand_id, appeal), DecisionForm()
    form.currency_code = found.currency
    if not form.validate_on_submit():
        return _show(found, decision=form)
    try:
        with unit_of_work():
            done = _decided(found, form)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _show(found, decision=form)
    waits = done.status is AppealStatus.WAITING_FINANCE
    said = "Finance must agree to this amount; they are told." if waits else "Decided."
    return reply(then=_page(found), said=said)


@blueprint.route("/rules", methods=["GET", "POST"])
@opens_to("brand.owner")
def rules(brand_id: int) -> ResponseReturnValue:
    """How long creators may object, how fast the brand answers, and finance's limit."""
    brand, policy = identity.brand(brand_id), queries.policy_of(brand_id)
    form = RulesForm(open_days=policy.open_days, answer_days=policy.answer_days,
                     limit=digits(policy.limit))  # fmt: skip
    form.currency_code = brand.currency
    if not form.validate_on_submit():
        status = 422 if form.is_submitted() else 200
        return reply(RULES, status=status, brand_id=brand_id, form=form, currency=brand.currency)
    with unit_of_work():
        commands.set_rules(
            brand_id, open_days=form.open_days.data or 0, answer_days=form.answer_days.data or 0,
            limit=amount_of(form.limit, brand.currency), by=person().id,
        )  # fmt: skip
    return reply(then=url_for(".appeals", brand_id=brand_id), said="In force from now on.")


def _decided(found: Appeal, form: DecisionForm) -> Appeal:
    return decision_commands.decide(
        found.id, AppealStatus(form.outcome.data), form.answer.data or "", by=person().id,
        reason=RejectReason(form.reason.data) if form.reason.data else None,
        amount=amount_of(form.amount, found.currency) if form.amount.data else None,
    )  # fmt: skip


def _show(found: Appeal, **typed: HouseForm) -> ResponseReturnValue:
    decision = typed.get("decision") or DecisionForm(formdata=None)
    owner = typed.get("owner") or OwnerForm(formdata=None)
    if isinstance(owner, OwnerForm):
        owner.owner.choices = staff_pages.managers_of(found.brand_id)
    wrong = next(iter(typed.values()), None)
    return reply(
        APPEAL, status=422 if typed else 200, **staff_pages.detail(found, wording.BRAND),
        decision=decision, owner_form=owner, form=wrong or decision,
        message=typed.get("message") or MessageForm(formdata=None), me=person().id,
        may_decide=person().may("brand.manager", found.brand_id),
    )  # fmt: skip


def _page(found: Appeal) -> str:
    return url_for(".appeal", brand_id=found.brand_id, appeal=found.public_id)
