"""The inbox in figures, for the operator's pages."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from portal.integrations import queries
from portal.integrations.models import InboundEvent, InboundState
from portal.kernel import clock
from portal.storage.model import db

DAY = timedelta(hours=24)


def health() -> dict[str, Any]:
    """`last_at` and `oldest_at` (wall time or None), `day`, `waiting` and `failed` (counts)."""
    counts, since = queries.counts(), clock.wall() - DAY
    last = select(func.max(InboundEvent.received_at)).scalar_subquery()
    day = select(func.count()).where(InboundEvent.received_at > since).scalar_subquery()
    last_at, in_a_day = db.session.execute(select(last, day)).one()
    return {
        "last_at": last_at,
        "oldest_at": oldest_waiting(),
        "day": int(in_a_day),
        "waiting": counts.get(InboundState.RECEIVED, 0),
        "failed": counts.get(InboundState.FAILED, 0),
    }


def oldest_waiting() -> datetime | None:
    """Since when the longest-waiting message waits (wall time); None when none does."""
    found: datetime | None = db.session.scalar(
        select(func.min(InboundEvent.received_at)).where(
            InboundEvent.state == InboundState.RECEIVED
        )
    )
    return found


def lag_words(event: InboundEvent) -> str:
    """How long a message waited until it was processed: "0 s", "12 s", "4 min"; "" before."""
    if event.processed_at is None:
        return ""
    seconds = max(int((event.processed_at - event.heard_at).total_seconds()), 0)
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"
