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
from portal.kernel.money import Money
from portal.paying import change_commands as changes
from portal.paying import commands, queries, rules
from portal.paying.forms import (
    LimitForm,
    MinimumForm,
    PayerForm,
    RateForm,
    ScheduleForm,
    WaysForm,
)
from portal.paying.models import FeeBearer, Schedule
from portal.paying.wording import SCHEDULES, WAYS
from portal.programs import queries as programs
from portal.proposals import queries as proposals
from portal.proposals.wording import PUT_FORWARD
from portal.storage.unit_of_work import unit_of_work
from portal.web.formatting import digits
from portal.web.forms import amount_of
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("paying_finance", __name__, url_prefix="/finance/<brand:brand_id>/paying")
FINANCE = ("finance.preparer", "finance.approver")
ENTERED = "Entered. It holds from its day on."
PAGE = "paying/finance/settings.html"


@blueprint.get("")
@opens_to(*FINANCE)
def settings(brand_id: int) -> ResponseReturnValue:
    """All of it on one page."""
    return _page(brand_id)


@blueprint.post("/schedule")
@opens_to(*FINANCE)
def schedule(brand_id: int) -> ResponseReturnValue:
    """Put forward when the brand pays (R85)."""
    form = ScheduleForm()
    return _saved(brand_id, form, "schedule", lambda by: changes.put_forward_schedule(
        brand_id, Schedule(form.schedule.data), by=by))  # fmt: skip


@blueprint.post("/ways")
@opens_to(*FINANCE)
def ways(brand_id: int) -> ResponseReturnValue:
    """Put forward which ways, fees and their bearer, the uplift (R93, R94)."""
    form = WaysForm()
    form.currency_code = identity.brand(brand_id).currency
    return _saved(brand_id, form, "ways", lambda by: changes.put_forward_ways(
        brand_id, form.ways.data, {"stripe": _bp(form.stripe_fee), "paypal": _bp(form.paypal_fee)},
        {"stripe": _fixed(form.stripe_fixed, form), "paypal": _fixed(form.paypal_fixed, form)},
        FeeBearer(form.bearer.data), _bp(form.uplift), by=by))  # fmt: skip


@blueprint.post("/payer")
@opens_to(*FINANCE)
def payer(brand_id: int) -> ResponseReturnValue:
    """Put forward the account that bank files draw on."""
    form = PayerForm()
    return _saved(brand_id, form, "payer", lambda by: changes.put_forward_payer(
        brand_id, form.name.data, form.iban.data, form.bic.data or "", by=by))  # fmt: skip


@blueprint.post("/limit")
@opens_to(*FINANCE)
def limit(brand_id: int) -> ResponseReturnValue:
    """Put forward above what a run needs a second approver (R87)."""
    form = LimitForm(prefix="limit-")
    form.currency_code = (form.currency.data or "").upper()
    return _saved(brand_id, form, "limit", lambda by: changes.put_forward_limit(
        brand_id, amount_of(form.amount, form.currency_code), by=by))  # fmt: skip


@blueprint.post("/minimum")
@opens_to(*FINANCE)
def minimum(brand_id: int) -> ResponseReturnValue:
    """Put forward the least that is paid out at once in one currency (R84)."""
    form = MinimumForm(prefix="minimum-")
    form.currency_code = (form.currency.data or "").upper()
    return _saved(brand_id, form, "minimum", lambda by: changes.put_forward_minimum(
        brand_id, amount_of(form.amount, form.currency_code), by=by))  # fmt: skip


@blueprint.post("/rate")
@opens_to(*FINANCE)
def rate(brand_id: int) -> ResponseReturnValue:
    """Enter a rate of exchange (R96)."""
    form = RateForm(prefix="rate-")
    return _saved(brand_id, form, "rate", lambda by: commands.enter_rate(
        brand_id, form.currency.data.upper(), form.target.data.upper(), form.rate.data,
        form.from_on.data, form.source.data, by=by), ENTERED)  # fmt: skip


# ---- inside
def _saved(
    brand_id: int, form: Any, name: str, act: Callable[[int], object], said: str = PUT_FORWARD
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
    return reply(then=here, said=said)


def _page(brand_id: int, status: int = 200, **typed: Any) -> ResponseReturnValue:
    brand, terms = identity.brand(brand_id), queries.terms(brand_id)
    forms = {
        "schedule": ScheduleForm(formdata=None, data={"schedule": terms.schedule.value}),
        "ways": WaysForm(formdata=None, data={
            "ways": terms.ways, "bearer": terms.fee_bearer.value,
            "stripe_fee": _percent(terms.fees.get("stripe", 0)),
            "paypal_fee": _percent(terms.fees.get("paypal", 0)),
            "stripe_fixed": digits(terms.fixed_fee("stripe", brand.currency)),
            "paypal_fixed": digits(terms.fixed_fee("paypal", brand.currency)),
            "uplift": _percent(terms.uplift_bp)}),
        "payer": PayerForm(formdata=None, data={"name": terms.payer_name}),
        "limit": LimitForm(prefix="limit-", formdata=None, data={"currency": brand.currency}),
        "minimum": MinimumForm(prefix="minimum-", formdata=None, data={"currency": brand.currency}),
        "rate": RateForm(prefix="rate-", formdata=None, data={"from_on": clock.today(brand.zone)}),
    } | typed  # fmt: skip
    wrong = next(iter(typed.values()), None)
    return reply(
        PAGE, status=status, brand=brand, zone=brand.zone, terms=terms, forms=forms, form=wrong,
        limits=queries.limits_of(brand_id), rates=queries.rates_of(brand_id),
        next_day=queries.pay_day(brand_id, brand.zone), minimums=programs.minimums_of(brand_id),
        rate_words=rules.rate_words, words=SCHEDULES, way_words=WAYS,
        open_changes=proposals.open_of(brand_id, changes.KINDS), me=person().id,
        brand_id=brand_id, may_confirm=person().may("finance.approver", brand_id),
    )  # fmt: skip


def _bp(field: Any) -> int:
    return int(Decimal(field.data or 0) * 100)


def _fixed(field: Any, form: WaysForm) -> Money:
    return amount_of(field, form.currency_code) if field.data else Money.zero(form.currency_code)


def _percent(rate_bp: int) -> Decimal:
    return Decimal(rate_bp) / 100
