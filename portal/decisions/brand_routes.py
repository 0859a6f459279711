"""Doors for the brand: decide about an order, take a decision back, and say which orders wait."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Field

from portal.ambassadors import queries as ambassadors
from portal.attribution import queries as decisions
from portal.attribution import rule_commands
from portal.decisions import commands, queries, staff_pages
from portal.decisions.forms import CreditForm, DeclineForm, RulesForm
from portal.decisions.rules import DeclineReason
from portal.identity import queries as identity
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.sales import queries as sales
from portal.sales.models import Order
from portal.storage.unit_of_work import unit_of_work
from portal.web.formatting import digits
from portal.web.forms import HouseForm, SelectChoice, amount_of, stripped
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("decisions_brand", __name__, url_prefix="/brand/<brand:brand_id>/orders")
PAGE, RULES = "decisions/brand/decide.html", "decisions/brand/rules.html"


@blueprint.get("/<order>/decide")
@opens_to("brand.manager")
def decide(brand_id: int, order: str) -> ResponseReturnValue:
    """Trace and evidence, who could be credited and what each would earn; `who` adds somebody."""
    found, form = sales.one_of_brand(brand_id, order), CreditForm(formdata=None)
    try:
        named = _named(brand_id)
    except InvalidInput as no:
        form.refuse(no)
        return _show(found, form=form)
    return _show(found, named)


@blueprint.post("/<order>/credit")
@opens_to("brand.manager")
def credit(brand_id: int, order: str) -> ResponseReturnValue:
    """Credit it to one of them, at once or once finance agrees."""
    found, form = sales.one_of_brand(brand_id, order), CreditForm()
    form.who.choices, form.who.validate_choice = [], False
    if not form.validate_on_submit():
        return _show(found, _typed_member(brand_id, form), form=form)
    member = ambassadors.one_of_brand(brand_id, form.who.data)
    with unit_of_work():
        waits = commands.credit(
            found.id, member.id, form.reason.data or "", by=person().id,
            seen=request.form.get("seen", None, type=int),
        )  # fmt: skip
    said = "Finance must agree to this amount; they are told." if waits else "Credited."
    return reply(then=_after(found), said=said)


@blueprint.post("/<order>/decline")
@opens_to("brand.manager")
def decline(brand_id: int, order: str) -> ResponseReturnValue:
    """Credit nobody, with a reason the creators read."""
    found, form = sales.one_of_brand(brand_id, order), DeclineForm()
    if not form.validate_on_submit():
        return _show(found, decline=form)
    reason = DeclineReason(form.word.data)
    with unit_of_work():
        commands.decline(found.id, reason, form.note.data or "", by=person().id)
    return reply(then=_after(found), said="Declined. Whoever had a part in it reads why.")


@blueprint.post("/<order>/undo")
@opens_to("brand.manager")
def undo(brand_id: int, order: str) -> ResponseReturnValue:
    """Take a decision, or what waits for finance, back."""
    found = sales.one_of_brand(brand_id, order)
    with unit_of_work():
        was_decided = commands.undo(found.id, by=person().id)
    then = url_for(".decide", brand_id=brand_id, order=found.public_id)
    what = "The rules judged the order again." if was_decided else "Finance is not asked any more."
    return reply(then=then, said=f"Taken back. {what}")


@blueprint.route("/rules", methods=["GET", "POST"])
@opens_to("brand.owner")
def rules(brand_id: int) -> ResponseReturnValue:
    """Which orders wait for a person."""
    currency, form = identity.brand(brand_id).currency, _rules_form(brand_id)
    form.currency_code = currency
    if not form.validate_on_submit():
        status = 422 if form.is_submitted() else 200
        return reply(RULES, status=status, brand_id=brand_id, form=form, currency=currency)
    with unit_of_work():
        rule_commands.set_rules(
            brand_id, asks_likeness=form.asks_likeness.data, by=person().id,
            ask_above=_amount(form.ask_above, currency),
            finance_above=_amount(form.finance_above, currency),
        )  # fmt: skip
    then = url_for("reports_orders.orders", brand_id=brand_id)
    return reply(then=then, said="In force for orders that come in from now on.")


def _rules_form(brand_id: int) -> RulesForm:
    found = decisions.rules_of(brand_id)
    if found is None:
        return RulesForm()
    return RulesForm(
        ask_above=_digits(found.ask_above_minor, found.currency),
        finance_above=_digits(found.finance_above_minor, found.currency),
        asks_likeness=found.asks_likeness,
    )


def _digits(minor: int | None, currency: str) -> str:
    return digits(Money(minor, currency)) if minor else ""


def _amount(field: Field, currency: str) -> Money | None:
    return amount_of(field, currency) if field.data else None


def _named(brand_id: int) -> int | None:
    typed = str(stripped(request.args.get("who", "")))
    return queries.ambassador_named(brand_id, typed) if typed else None


def _typed_member(brand_id: int, form: CreditForm) -> int | None:
    """Whoever was chosen stays on the page when the reason is missing."""
    return ambassadors.one_of_brand(brand_id, form.who.data).id if form.who.data else None


def _show(order: Order, named: int | None = None, **typed: HouseForm) -> ResponseReturnValue:
    shown = staff_pages.decision(order, named)
    form = typed.get("form") or CreditForm(formdata=None)
    if isinstance(form, CreditForm):
        form.who.choices = [
            SelectChoice(one["id"], one["name"]) for one in shown["candidates"] if one["worth"]
        ]
    decline = typed.get("decline") or DeclineForm(formdata=None)
    return reply(
        PAGE, status=422 if typed else 200, form=decline if "decline" in typed else form,
        credit=form, decline=decline, who=request.args.get("who", ""), **shown,
    )  # fmt: skip


def _after(order: Order) -> str:
    """The next order that waits, or this one's own page when none does."""
    waits = queries.next_waiting(order.brand_id, order.id)
    if waits is not None:
        return url_for(".decide", brand_id=order.brand_id, order=waits.public_id)
    return url_for("reports_orders.order", brand_id=order.brand_id, order=order.public_id)
