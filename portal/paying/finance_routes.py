"""Doors for finance: when and by which ways the brand pays, its payer's account, its rates."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from portal.identity import queries as identity
from portal.identity import sign_in
from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.paying import commands, queries, rules
from portal.paying.forms import (
    SCHEDULES,
    WAYS,
    LimitForm,
    PayerForm,
    RateForm,
    ScheduleForm,
    WaysForm,
)
from portal.paying.models import FeeBearer, Schedule
from portal.programs import queries as programs
from portal.storage.unit_of_work import unit_of_work
from portal.web.forms import amount_of
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("paying_finance", __name__, url_prefix="/finance/<brand:brand_id>/paying")
FINANCE = ("finance.preparer", "finance.approver")
PAGE = "paying/finance/settings.html"


@blueprint.get("")
@opens_to(*FINANCE)
def settings(brand_id: int) -> ResponseReturnValue:
    """All of it on one page."""
    return _page(brand_id)


@blueprint.post("/schedule")
@opens_to("finance.approver")
def schedule(brand_id: int) -> ResponseReturnValue:
    """When the brand pays (R85)."""
    form = ScheduleForm()
    return _saved(brand_id, form, "schedule", lambda by: commands.set_schedule(
        brand_id, Schedule(form.schedule.data), by=by))  # fmt: skip


@blueprint.post("/ways")
@opens_to("finance.approver")
def ways(brand_id: int) -> ResponseReturnValue:
    """Which ways, fees and their bearer, the uplift (R93, R94)."""
    form = WaysForm()
    return _saved(brand_id, form, "ways", lambda by: commands.set_ways(
        brand_id, form.ways.data, by=by, fee_bearer=FeeBearer(form.bearer.data),
        fees={"stripe": _bp(form.stripe_fee), "paypal": _bp(form.paypal_fee)},
        uplift_bp=_bp(form.uplift)))  # fmt: skip


@blueprint.post("/payer")
@opens_to("finance.approver")
def payer(brand_id: int) -> ResponseReturnValue:
    """The account that bank files draw on."""
    form = PayerForm()
    return _saved(brand_id, form, "payer", lambda by: commands.set_payer(
        brand_id, form.name.data, form.iban.data, form.bic.data or "", by=by))  # fmt: skip


@blueprint.post("/limit")
@opens_to("finance.approver")
def limit(brand_id: int) -> ResponseReturnValue:
    """Above what a run needs a second approver (R87)."""
    form = LimitForm()
    form.currency_code = (form.currency.data or "").upper()
    return _saved(brand_id, form, "limit", lambda by: commands.set_limit(
        brand_id, amount_of(form.amount, form.currency_code), by=by))  # fmt: skip


@blueprint.post("/rate")
@opens_to(*FINANCE)
def rate(brand_id: int) -> ResponseReturnValue:
    """Enter a rate of exchange (R96)."""
    form = RateForm()
    return _saved(brand_id, form, "rate", lambda by: commands.enter_rate(
        brand_id, form.currency.data.upper(), form.target.data.upper(), form.rate.data,
        form.from_on.data, form.source.data, by=by))  # fmt: skip


# ---- inside
def _saved(
    brand_id: int, form: Any, name: str, act: Callable[[int], object]
) -> ResponseReturnValue:
    if not form.validate():
        return _page(brand_id, 422, **{name: form})
    here = url_for(".settings", brand_id=brand_id)
    elsewhere = sign_in.require_step_up(then=here)  # what is typed names accounts: it is not kept
    if elsewhere:
        return elsewhere
    try:
        with unit_of_work():
            act(person().id)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _page(brand_id, 422, **{name: form})
    return reply(then=here, said="Saved. What was calculated before stays as it is.")


def _page(brand_id: int, status: int = 200, **typed: Any) -> ResponseReturnValue:
    brand, terms = identity.brand(brand_id), queries.terms(brand_id)
    forms = {
        "schedule": ScheduleForm(formdata=None, data={"schedule": terms.schedule.value}),
        "ways": WaysForm(formdata=None, data={
            "ways": terms.ways, "bearer": terms.fee_bearer.value,
            "stripe_fee": _percent(terms.fees.get("stripe", 0)),
            "paypal_fee": _percent(terms.fees.get("paypal", 0)),
            "uplift": _percent(terms.uplift_bp)}),
        "payer": PayerForm(formdata=None, data={"name": terms.payer_name}),
        "limit": LimitForm(formdata=None, data={"currency": brand.currency}),
        "rate": RateForm(formdata=None, data={"from_on": clock.today(brand.zone)}),
    } | typed  # fmt: skip
    wrong = next(iter(typed.values()), None)
    return reply(
        PAGE, status=status, brand=brand, zone=brand.zone, terms=terms, forms=forms, form=wrong,
        limits=queries.limits_of(brand_id), rates=queries.rates_of(brand_id),
        next_day=queries.pay_day(brand_id, brand.zone), minimums=programs.minimums_of(brand_id),
        rate_words=rules.rate_words, words=SCHEDULES, way_words=WAYS,
        may_change=person().may("finance.approver", brand_id),
    )  # fmt: skip


def _bp(field: Any) -> int:
    return int(Decimal(field.data or 0) * 100)


def _percent(rate_bp: int) -> Decimal:
    return Decimal(rate_bp) / 100
