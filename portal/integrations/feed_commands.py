"""Keep the feed lean: raw bodies end, what became of each message stays."""

from collections.abc import Sequence

from sqlalchemy import update

from portal.integrations.models import InboundEvent, InboundState
from portal.kernel import clock
from portal.storage.changes import change


def forget_bodies(event_ids: Sequence[int]) -> int:
    """Empty these raw bodies and headers; the hash still tells a replay. What waits to be read is
    left alone: it may have been asked for again meanwhile. Returns how many."""
    return change(
        update(InboundEvent)
        .where(
            InboundEvent.id.in_(event_ids),
            InboundEvent.body_forgotten_at.is_(None),
            InboundEvent.state != InboundState.RECEIVED,
        )
        .values(body=b"", headers={}, body_forgotten_at=clock.wall())
    )
