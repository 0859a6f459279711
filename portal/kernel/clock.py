"""The portal's two clocks.

`now()` is the time the business lives in: holds, windows, runs. A demo may move it by an
offset kept in a small file that every process reads (time travel). `wall()` is the machine's
clock and cannot be moved: signature ages, sessions and sign-in codes use it.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC as UTC
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

_frozen: datetime | None = None
_offset_file: Path | None = None
_offset_read_at = 0.0
_offset = timedelta(0)
OFFSET_RECHECK_SECONDS = 0.5


def now() -> datetime:
    """The portal's time, aware, in UTC."""
    if _frozen is not None:
        return _frozen
    return wall() + demo_offset()


def wall() -> datetime:
    """The machine's time, aware, in UTC. Time travel does not move it."""
    return datetime.fromtimestamp(time.time(), UTC)  # the one place that reads the machine's clock


def today(zone: str) -> date:
    """The calendar day of `now()` in an IANA zone."""
    return now().astimezone(ZoneInfo(zone)).date()


def month_of(instant: datetime, zone: str) -> tuple[int, int]:
    """(year, month) of an instant in an IANA zone (R147)."""
    local = instant.astimezone(ZoneInfo(zone))
    return local.year, local.month


def start_of_day(day: date, zone: str) -> datetime:
    """The first instant of a calendar day in a zone, in UTC; right on daylight-saving days."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return midnight.astimezone(UTC)


def follow(offset_file: Path | None) -> None:
    """Read the time-travel offset (whole seconds) from this file from now on; None: no travel."""
    global _offset_file, _offset_read_at, _offset
    _offset_file, _offset_read_at, _offset = offset_file, 0.0, timedelta(0)


def demo_offset() -> timedelta:
    """How far time travel has moved `now()`; re-read at most twice a second."""
    global _offset_read_at, _offset
    if _offset_file is None:
        return timedelta(0)
    tick = time.monotonic()
    if tick - _offset_read_at > OFFSET_RECHECK_SECONDS or _offset_read_at == 0:
        _offset_read_at = tick
        try:
            _offset = timedelta(seconds=int(_offset_file.read_text().strip() or 0))
        except (FileNotFoundError, ValueError):
            _offset = timedelta(0)
    return _offset


def travel(by: timedelta) -> timedelta:
    """Move `now()` forward for every process that follows the same file. Returns the new offset.

    Raises RuntimeError when no offset file is followed (not a demo).
    """
    global _offset_read_at
    if _offset_file is None:
        raise RuntimeError("Time travel exists only in a demo.")
    _offset_read_at = 0.0
    seconds = int((demo_offset() + by).total_seconds())
    temporary = _offset_file.with_suffix(f".{os.getpid()}.new")
    temporary.write_text(str(seconds))
    temporary.replace(_offset_file)
    _offset_read_at = 0.0
    return demo_offset()


@contextmanager
def at(instant: str | datetime, zone: tzinfo = UTC) -> Iterator[None]:
    """Stand still at an instant, for tests and the demo's history; nests."""
    global _frozen
    moment = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    before = _frozen
    _frozen = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    _frozen = _frozen.astimezone(UTC)
    try:
        yield
    finally:
        _frozen = before


def pass_days(days: int) -> None:
    """Move a clock that stands still (inside `at`) forward by whole days."""
    pass_time(timedelta(days=days))


def pass_time(by: timedelta) -> None:
    """Move a clock that stands still (inside `at`) forward."""
    global _frozen
    if _frozen is None:
        raise RuntimeError("Only a clock that stands still can be moved: use clock.at(…).")
    _frozen = _frozen + by
