"""Limits of a month, quarter or year: which one a commission passes, and what is said of it (R9).
Pure."""

from datetime import datetime
from enum import StrEnum

from portal.kernel import clock
from portal.kernel.money import Money
from portal.programs.rate_rules import Period, RateTable
from portal.programs.rules import TermsFacts

A_PERIOD = {Period.MONTH: "a month", Period.QUARTER: "a quarter", Period.YEAR: "a year"}
MONTHS = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}


class Limit(StrEnum):
    """What the orders of a period may pass, in the order in which it is asked (R9)."""

    ORDERS = "orders"
    AMOUNT = "amount"
    BUDGET = "budget"


def period_of(instant: datetime, period: Period, zone: str) -> tuple[datetime, datetime]:
    """The calendar period around an instant, in a zone: its first instant, and the next one's."""
    return clock.period_around(instant, MONTHS[period], zone)


def may_wait(terms: TermsFacts, currency: str) -> bool:
    """Whether something earned in a currency can be above a limit of its terms."""
    return terms.rates.has_limits or not is_measured(terms, currency)


def is_measured(terms: TermsFacts, currency: str) -> bool:
    """Whether the amounts that terms limit say anything of one in this currency: amounts are never
    converted, so what is earned in another than theirs waits for a person."""
    rates = terms.rates
    amounts = rates.cap_minor or rates.most_minor or rates.budget_minor
    return not amounts or currency == terms.flat.currency


def unmeasured(terms: TermsFacts, currency: str) -> str:
    """Why that waits, as the sentence the creator reads."""
    theirs = terms.flat.currency
    return f"Earned in {currency}, and the terms limit it in {theirs}, so the brand decides."


def limit_passed(rates: RateTable, orders: int, own: Money, everybody: Money) -> Limit | None:
    """The first limit of a period that this much passes. `orders`, `own` and `everybody` are with
    the one that is judged; `orders` are those that earned something, in whatever currency."""
    if rates.most_actions and orders > rates.most_actions:
        return Limit.ORDERS
    if rates.most_minor and own.minor > rates.most_minor:
        return Limit.AMOUNT
    return Limit.BUDGET if rates.budget_minor and everybody.minor > rates.budget_minor else None


def exceeded(rates: RateTable, currency: str, orders: int, own: Money, everybody: Money) -> str:
    """Why this much is above a limit (`limit_passed`), as the sentence the creator reads; nothing
    when it fits."""
    a, passed = A_PERIOD[rates.period], limit_passed(rates, orders, own, everybody)
    if passed is Limit.ORDERS:
        return f"Above the limit of {rates.most_actions:,} orders {a}, so the brand decides."
    if passed is Limit.AMOUNT:
        return f"Above the limit of {Money(rates.most_minor, currency)} {a}, so the brand decides."
    if passed is Limit.BUDGET:
        return f"The program’s budget of {a[2:]} is used up, so the brand decides."
    return ""
