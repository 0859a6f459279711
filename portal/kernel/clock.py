"""The portal's two clocks.

`now()` is the time the business lives in: holds, windows, runs. A demo may move it by an
offset kept in a small file that every process reads (time travel). `wall()` is the machine's
clock and cannot be moved: signature ages, sessions and sign-in codes use it.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC as UTC
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

OFFSET_RECHECK_SECONDS = 0.5


@dataclass
class _State:
    """Where the clock stands; one per process."""

    frozen: datetime | None = None
    offset_file: Path | None = None
    offset: timedelta = timedelta(0)
    read_at: float | None = None


_state = _State()


def now() -> datetime:
    """The portal's time, aware, in UTC."""
    if _state.frozen is not None:
        return _state.frozen
    return wall() + demo_offset()


def wall() -> datetime:
    """The machine's time, aware, in UTC. Time travel does not move it."""
    return datetime.fromtimestamp(time.time(), UTC)  # the one place that reads the machine's clock


def today(zone: str) -> date:
    """The calendar day of `now()` in an IANA zone."""
    return now().astimezone(ZoneInfo(zone)).date()


def is_zone(name: str) -> bool:
    """Whether this names an IANA zone, such as "Europe/Berlin"."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def start_of_day(day: date, zone: str) -> datetime:
    """The first instant of a calendar day in a zone, in UTC; right on daylight-saving days."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return midnight.astimezone(UTC)


def first_of_month(day: date, months_later: int = 0) -> date:
    """The first day of a day's month, or of one so many months later; earlier when negative."""
    year, month = divmod(day.year * 12 + day.month - 1 + months_later, 12)
    return date(year, month + 1, 1)


def period_around(instant: datetime, months: int, zone: str) -> tuple[datetime, datetime]:
    """The calendar period of so many months (a divisor of 12) around an instant, in a zone: its
    first instant, and the next one's."""
    day = instant.astimezone(ZoneInfo(zone)).date()
    first = (day.month - 1) // months * months + 1
    later = first + months
    begins = date(day.year, first, 1)
    ends = date(day.year + (later > 12), later - 12 if later > 12 else later, 1)
    return start_of_day(begins, zone), start_of_day(ends, zone)


def follow(offset_file: Path | None) -> None:
    """Read the time-travel offset (whole seconds) from this file from now on; None: no travel."""
    _state.offset_file, _state.offset, _state.read_at = offset_file, timedelta(0), None


def demo_offset() -> timedelta:
    """How far time travel has moved `now()`; re-read at most twice a second."""
    if _state.offset_file is None:
        return timedelta(0)
    tick = time.monotonic()
    if _state.read_at is None or tick - _state.read_at > OFFSET_RECHECK_SECONDS:
        _state.read_at = tick
        try:
            seconds = int(_state.offset_file.read_text().strip() or 0)
        except (FileNotFoundError, ValueError):
            seconds = 0
        _state.offset = timedelta(seconds=seconds)
    return _state.offset


def travel(by: timedelta) -> timedelta:
    """Move `now()` forward for every process that follows the same file. Returns the new offset.

    Raises RuntimeError when no offset file is followed (not a demo).
    """
    file = _state.offset_file
    if file is None:
        raise RuntimeError("Time travel exists only in a demo.")
    _state.read_at = None
    seconds = int((demo_offset() + by).total_seconds())
    temporary = file.with_suffix(f".{os.getpid()}.new")
    temporary.write_text(str(seconds))
    temporary.replace(file)
    _state.read_at = None
    return demo_offset()


@contextmanager
def at(instant: str | datetime, zone: tzinfo = UTC) -> Iterator[None]:
    """Stand still at an instant, for tests and the demo's history; nests."""
    moment = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    before = _state.frozen
    _state.frozen = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    try:
        yield
    finally:
        _state.frozen = before


def pass_days(days: int) -> None:
    """Move a clock that stands still (inside `at`) forward by whole days."""
    pass_time(timedelta(days=days))


def pass_time(by: timedelta) -> None:
    """Move a clock that stands still (inside `at`) forward."""
    if _state.frozen is None:
        raise RuntimeError("Only a clock that stands still can be moved: use clock.at(…).")
    _state.frozen = _state.frozen + by
