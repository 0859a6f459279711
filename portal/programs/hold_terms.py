"""When a commission's hold begins and ends (R58, R59): the choice in the terms, and its dates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self
from zoneinfo import ZoneInfo

from portal.kernel import clock
from portal.kernel.errors import InvalidInput

LONGEST_DAYS = 120


class HoldBasis(StrEnum):
    """What the days of a hold are counted from. In all of them a later payment counts instead."""

    ORDER = "order"
    PAID = "paid"
    FULFILLED = "fulfilled"
    DELIVERED = "delivered"
    MONTH_END = "month end"


WORDS: Mapping[HoldBasis, str] = {
    HoldBasis.ORDER: "after the order",
    HoldBasis.PAID: "after the payment",
    HoldBasis.FULFILLED: "after the shop has sent the goods",
    HoldBasis.DELIVERED: "after the goods were delivered",
    HoldBasis.MONTH_END: "after the end of the month of the order",
}


@dataclass(frozen=True, slots=True)
class HoldTerms:
    """From what `hold_days` are counted. `months` is used by the month end alone: whole months
    after the month of the order, before the days begin."""

    basis: HoldBasis = HoldBasis.ORDER
    months: int = 0

    def plain(self) -> dict[str, Any]:
        """What differs from the usual, as JSON values."""
        if self == USUAL_HOLD:
            return {}
        return {"basis": self.basis.value, "months": self.months}

    @classmethod
    def of(cls, plain: Mapping[str, Any] | None) -> Self:
        """Back from `plain`; raises ValueError for a word that is none."""
        given = dict(plain or {})
        return cls(HoldBasis(given.get("basis", "order")), int(given.get("months", 0)))


USUAL_HOLD = HoldTerms()


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """The moments of one order that a hold may be counted from; None: not told yet."""

    placed_at: datetime
    paid_at: datetime | None = None
    fulfilled_at: datetime | None = None
    delivered_at: datetime | None = None


def check_hold(terms: HoldTerms, hold_days: int) -> None:
    """Raises InvalidInput for a hold that cannot be: longer than 120 days in all (R58)."""
    if terms.months < 0 or (terms.months and terms.basis is not HoldBasis.MONTH_END):
        raise InvalidInput("hold_months", "Only a hold to the month’s end has months.")
    if terms.months * 31 + hold_days > LONGEST_DAYS:
        raise InvalidInput("hold_months", "Sales are held for at most 120 days in all.")


def hold_end(facts: HoldFacts, hold_days: int, terms: HoldTerms, zone: str) -> datetime:
    """When a commission matures. Never before the days have passed after a late payment (R48).

    Days are days of 24 hours, except to a month's end: those are calendar days of the program's
    zone, so that a January order under "0 months, 27 days" is held through 27 February and is
    payable when 28 February begins (R59). Where the shop has not told of sending or delivery, it
    ends at the latest 120 days after the order and the days of the hold, so that money is never
    stuck because a shop says nothing.
    """
    days = timedelta(days=hold_days)
    paid_at = max(facts.placed_at, facts.paid_at or facts.placed_at)
    if terms.basis is HoldBasis.MONTH_END:
        return month_end_hold(paid_at, terms.months, hold_days, zone)
    if terms.basis is HoldBasis.FULFILLED:
        return _after(facts.fulfilled_at, facts, days)
    if terms.basis is HoldBasis.DELIVERED:
        return _after(facts.delivered_at, facts, days)
    return paid_at + days


def month_end_hold(at: datetime, months: int, days: int, zone: str) -> datetime:
    """The first instant after so many months and days from the end of an instant's month."""
    day = at.astimezone(ZoneInfo(zone)).date()
    first_after = clock.first_of_month(day, months + 1)
    return clock.start_of_day(first_after + timedelta(days=days), zone)


def is_told(facts: HoldFacts, terms: HoldTerms) -> bool:
    """Whether the moment is known that the hold is counted from."""
    if terms.basis is HoldBasis.FULFILLED:
        return facts.fulfilled_at is not None
    return terms.basis is not HoldBasis.DELIVERED or facts.delivered_at is not None


def hold_words(hold_days: int, terms: HoldTerms) -> str:
    """The hold as a sentence's part: "30 days after the order"."""
    days = f"{hold_days} day{'' if hold_days == 1 else 's'}"
    months = f"{terms.months} month{'' if terms.months == 1 else 's'} and " if terms.months else ""
    return f"{months}{days} {WORDS[terms.basis]}"


def losses_of_hold(old: HoldTerms, new: HoldTerms) -> list[str]:
    """What another basis takes from creators, one sentence each (R17)."""
    order = [HoldBasis.ORDER, HoldBasis.PAID, HoldBasis.FULFILLED, HoldBasis.DELIVERED,
             HoldBasis.MONTH_END]  # fmt: skip
    if order.index(new.basis) > order.index(old.basis) or new.months > old.months:
        return [f"The hold is counted {WORDS[new.basis]} instead of {WORDS[old.basis]}."]
    return []


def _after(told_at: datetime | None, facts: HoldFacts, days: timedelta) -> datetime:
    if told_at is None:
        return facts.placed_at + timedelta(days=LONGEST_DAYS) + days
    return max(told_at, facts.paid_at or told_at) + days
