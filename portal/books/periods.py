"""Months of a brand: their names, and their bounds as instants (daylight saving included)."""

from datetime import date, datetime

from portal.kernel import clock
from portal.kernel.errors import InvalidInput

FIRST_YEAR, LAST_YEAR = 2000, 2199


def month_of(text: str, today: date) -> date:
    """The first day of a month written "2026-11"; this month when nothing is written. Raises
    InvalidInput."""
    if not text:
        return today.replace(day=1)
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        found = date(1, 1, 1)
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise InvalidInput("month", "Write a month as 2026-11.")
    return found


def next_month(month: date) -> date:
    """The first day of the month after."""
    year, index = divmod(month.year * 12 + month.month, 12)
    return date(year, index + 1, 1)


def last_months(today: date, count: int) -> list[date]:
    """The first days of this month and those before it, newest first."""
    this = today.year * 12 + today.month - 1
    return [date((this - back) // 12, (this - back) % 12 + 1, 1) for back in range(count)]


def bounds(month: date, zone: str) -> tuple[datetime, datetime]:
    """The first instant of a month in a zone, and the first after it."""
    return clock.start_of_day(month, zone), clock.start_of_day(next_month(month), zone)
