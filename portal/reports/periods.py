"""Spans of calendar days in a brand's zone, cut into steps for a chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.kernel import clock

# The days of a span → the days of one step, so that a chart has at most about 50 points.
STEPS = {7: 1, 30: 1, 90: 7, 365: 7}
WORDS = {7: "7 d", 30: "30 d", 90: "90 d", 365: "12 m"}
DEFAULT_DAYS = 30


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days from `first` on, `days` of them, in a zone; `step` days make one point."""

    first: date
    days: int
    step: int
    zone: str

    @property
    def start(self) -> datetime:
        """The first instant, in UTC."""
        return clock.start_of_day(self.first, self.zone)

    @property
    def start_by_name(self) -> datetime:
        """The first instant of the UTC day of the same name, for what is kept by UTC day."""
        return clock.start_of_day(self.first, "UTC")

    @property
    def end(self) -> datetime:
        """The first instant after it, in UTC."""
        return clock.start_of_day(self.first + timedelta(days=self.days), self.zone)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.first + timedelta(days=self.days - 1)

    @property
    def step_days(self) -> Sequence[date]:
        """The first day of each step; the last step may be longer."""
        whole = self.days // self.step
        return [self.first + timedelta(days=self.step * at) for at in range(whole)]

    @property
    def edges(self) -> Sequence[datetime]:
        """Where each step begins, and where the last one ends."""
        return [*(clock.start_of_day(day, self.zone) for day in self.step_days), self.end]

    def before(self) -> "Span":
        """The span of the same length that ends where this begins."""
        return Span(self.first - timedelta(days=self.days), self.days, self.step, self.zone)


def until_today(days: int, zone: str) -> Span:
    """The last so many days in a zone, today included; an unknown number is 30."""
    days = days if days in STEPS else DEFAULT_DAYS
    first = clock.today(zone) - timedelta(days=days - 1)
    return Span(first, days, STEPS[days], zone)
