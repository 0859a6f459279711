"""Goals, the windows they are reached in, and what follows from having reached one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from portal.bonuses.models import Metric, Window
from portal.kernel import currencies
from portal.kernel.clock import first_of_month, start_of_day
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money

EVER = "ever"
MONTHS = {Window.MONTH: 1, Window.QUARTER: 3, Window.YEAR: 12}
# Sales are approved up to 120 days after they were made, and goals may be held as long again.
LOOKS_BACK = {Window.MONTH: 10, Window.QUARTER: 4, Window.YEAR: 2}
STILL_COUNTED = timedelta(days=130)


@dataclass(frozen=True, slots=True)
class Goal:
    """What has to be reached; `threshold` in pieces, or in minor units of the amount's currency."""

    title: str
    metric: Metric
    threshold: int
    amount: Money
    window: Window
    repeats: bool
    hold_days: int


@dataclass(frozen=True, slots=True)
class Period:
    """One window: from `since` on, before `until`; None where it has no such end."""

    key: str
    since: datetime | None = None
    until: datetime | None = None


class Promise(Protocol):
    """A row that promises something for a goal: a bonus, or a reward. Sales made from `ends_at` on
    are not counted."""

    @property
    def brand_id(self) -> int: ...
    @property
    def program_id(self) -> int: ...
    @property
    def metric(self) -> Metric: ...
    @property
    def threshold(self) -> int: ...
    @property
    def currency(self) -> str: ...
    @property
    def window(self) -> Window: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime | None: ...


def threshold_of(typed: str, metric: Metric, currency: str) -> int:
    """A typed goal: pieces, or minor units for net sales. Raises InvalidInput for broken pieces."""
    if metric is Metric.NET:
        return currencies.to_minor(typed, currency)
    if not typed.isdecimal():
        raise InvalidInput("threshold", "Write a whole number, such as 10.")
    return int(typed)


def stands(period: str, reached: Collection[str], *, repeats: bool) -> bool:
    """Whether a bonus that is not payable yet is still hers (R76): the goal is still reached, in
    the same window where every window counts by itself, else in any."""
    return period in reached if repeats else bool(reached)


def period_of(key: str, window: Window, zone: str) -> Period:
    """The window of a key: "2026-11" is November, or the quarter or year that begins with it."""
    if window is Window.LIFETIME:
        return Period(EVER)
    year, month = (int(part) for part in key.split("-"))
    first = date(year, month, 1)
    later = first_of_month(first, MONTHS[window])
    return Period(key, start_of_day(first, zone), start_of_day(later, zone))


def periods(window: Window, since: date, today: date, zone: str) -> list[Period]:
    """The windows to look at on `today`, newest first, none before the one that holds `since`."""
    if window is Window.LIFETIME:
        return [Period(EVER)]
    found: list[Period] = []
    size = MONTHS[window]
    first, floor = _first(today, size), _first(since, size)
    while first >= floor and len(found) < LOOKS_BACK[window]:
        found.append(period_of(f"{first:%Y-%m}", window, zone))
        first = first_of_month(first, -size)
    return found


def check(goal: Goal) -> None:
    """Raises InvalidInput, at the field concerned, for a goal that cannot be."""
    if not goal.title.strip():
        raise InvalidInput("title", "Give the bonus a name: the creator reads it.")
    if goal.threshold <= 0:
        raise InvalidInput("threshold", "The goal is more than zero.")
    if goal.amount.minor <= 0:
        raise InvalidInput("amount", "The bonus is more than zero.")
    if not 0 <= goal.hold_days <= 120:
        raise InvalidInput("hold_days", "Choose 0 to 120 days.")


def source_of(bonus_id: int, ambassador_id: int, period: str, *, repeats: bool) -> str:
    """What the bonus is owed for, once: R29."""
    once = f"bonus:{bonus_id}:{ambassador_id}"
    return f"{once}:{period}" if repeats else once


def _first(day: date, size: int) -> date:
    return date(day.year, (day.month - 1) // size * size + 1, 1)
