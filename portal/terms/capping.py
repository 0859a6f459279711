"""Limits of terms on orders that were: what goes above one waits for the brand (R9), judged by the
function that holds real commissions. Stores nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from portal.ambassadors.models import Ambassador
from portal.commissions.limit_rules import (
    Limit,
    is_measured,
    limit_passed,
    may_wait,
    period_of,
)
from portal.kernel.money import Money
from portal.programs.rate_rules import Period
from portal.programs.rules import TermsFacts
from portal.sales.models import Order

PER_ORDER, CLICKS = "order", "clicks"
CAPS = (PER_ORDER, *(one.value for one in Limit), CLICKS)


class Part(NamedTuple):
    """What somebody (an ambassador's row id) gets of an order; `held_minor` is what waits for the
    brand instead, `capped_by` one of CAPS. `is_void`: refunds left nothing of what was earned."""

    who: int
    amount: Money
    points: int = 0
    is_void: bool = False
    held_minor: int = 0
    capped_by: str = ""


Parts = Sequence[Part]


@dataclass(slots=True)
class _Earned:
    """What was earned so far in each calendar period: held or not, void left out."""

    orders: dict[tuple[int, Period, datetime], int] = field(default_factory=dict)
    own: dict[tuple[str, int, Period, datetime], int] = field(default_factory=dict)
    of_all: dict[tuple[str, Period, datetime], int] = field(default_factory=dict)

    def add(self, part: Part, starts: Mapping[Period, datetime], *, is_own: bool) -> None:
        currency = part.amount.currency
        for period, start in starts.items():
            place, own = (part.who, period, start), (currency, part.who, period, start)
            self.orders[place] = self.orders.get(place, 0) + bool(part.amount)
            self.own[own] = self.own.get(own, 0) + part.amount.minor
            if is_own:
                key = (currency, period, start)
                self.of_all[key] = self.of_all.get(key, 0) + part.amount.minor

    def passes(self, part: Part, terms: TermsFacts, starts: Mapping[Period, datetime]) -> str:
        """The limit that somebody's part goes above, with what came before it, or that cannot be
        measured in its currency; one of CAPS, or nothing."""
        rates, currency = terms.rates, part.amount.currency
        if not part.amount or not may_wait(terms, currency):
            return ""
        if not is_measured(terms, currency):
            period = Limit.AMOUNT if rates.most_minor else Limit.BUDGET
            return PER_ORDER if rates.cap_minor else period.value
        start = starts[rates.period]
        orders = self.orders[part.who, rates.period, start]
        own = self.own[currency, part.who, rates.period, start]
        everybody = self.of_all.get((currency, rates.period, start), 0)
        passed = limit_passed(rates, orders, Money(own, currency), Money(everybody, currency))
        return passed.value if passed else ""


class Limits:
    """The limits of a replay, in the order in which orders came in: as they were, and as they
    would be. What is placed before `since` counts, and is not shown."""

    def __init__(self, since: datetime, zone: str, program_id: int) -> None:
        self.since, self._zone, self._program_id = since, zone, program_id
        self._worlds = (_Earned(), _Earned())

    def cut(
        self, order: Order, terms: Sequence[TermsFacts | None], outcomes: Sequence[Parts],
        members: Mapping[int, Ambassador],
    ) -> list[Parts]:  # fmt: skip
        """One order's two outcomes, each without what goes above its own terms' limits. The
        program's budget is that of its own ambassadors."""
        sharing = {who for who, one in members.items() if one.program_id == self._program_id}
        starts = {one: period_of(order.placed_at, one, self._zone)[0] for one in Period}
        return [
            [self._judged(part, held, earned, starts, sharing) for part in parts] if held else ()
            for held, parts, earned in zip(terms, outcomes, self._worlds, strict=True)
        ]

    def _judged(
        self, part: Part, terms: TermsFacts, earned: _Earned, starts: Mapping[Period, datetime],
        sharing: Collection[int],
    ) -> Part:  # fmt: skip
        if part.is_void:
            return part
        earned.add(part, starts, is_own=part.who in sharing)
        passed = earned.passes(part, terms, starts)
        if not passed:
            return part
        return part._replace(
            amount=Money.zero(part.amount.currency), points=0, held_minor=part.amount.minor,
            capped_by=passed,
        )  # fmt: skip


def first_counted(since: datetime, versions: Collection[TermsFacts], zone: str) -> datetime:
    """From when on orders have to be read, so that the limits of the first period are whole."""
    periods = {one.rates.period for one in versions if one.rates.has_limits}
    return min([since, *(period_of(since, one, zone)[0] for one in periods)])
