"""The rate that a rail permits, shared by all workers of an installation (ADR 0038).

Whoever takes a batch takes a stretch of the rail's time with it, in the same transaction: the next
batch, in whichever process, begins where this one ends. Within a process `bucket` spaces the calls.
"""

from datetime import datetime, timedelta

from sqlalchemy import select

from portal.kernel import clock
from portal.payouts.models import RailPace
from portal.storage.insert_once import insert_once
from portal.storage.model import db

# What nobody used of the last quarter of a second may still be used; a rail counts by the second.
CREDIT = timedelta(milliseconds=250)
# A stretch further ahead was taken by a machine whose clock is wrong (P10).
MOST_AHEAD = timedelta(minutes=2)


def take_stretch(rail: str, calls: int, per_second: int) -> tuple[datetime, datetime]:
    """When the first of so many calls may be made, and when the next batch may begin; wall time."""
    now, wanted = clock.wall(), select(RailPace).where(RailPace.rail == rail).with_for_update()
    found = db.session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        insert_once(RailPace, rail=rail, next_at=now)
        found = db.session.scalars(wanted).one()
    is_believable = found.next_at <= now + MOST_AHEAD
    starts_at = max(found.next_at, now - CREDIT) if is_believable else now
    found.next_at = starts_at + timedelta(microseconds=calls * 1_000_000 // per_second)
    return starts_at, found.next_at
