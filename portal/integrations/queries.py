"""Look at the inbox."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from portal.integrations.models import InboundEvent, InboundState
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.storage.model import db

LATE = timedelta(minutes=15)


def inbox(request: PageRequest, state: InboundState | None = None) -> Page[InboundEvent]:
    """Messages of every door, newest first."""
    wanted = select(InboundEvent)
    if state is not None:
        wanted = wanted.where(InboundEvent.state == state)
    counted = select(func.count()).select_from(wanted.limit(COUNT_CAP + 1).subquery())
    total, position = int(db.session.scalar(counted) or 0), request.position()
    if position:
        wanted = wanted.where(InboundEvent.id < int(position[0]))
    rows = list(db.session.scalars(wanted.order_by(InboundEvent.id.desc()).limit(request.size + 1)))
    cursor = cursor_of(rows[request.size - 1].id) if len(rows) > request.size else None
    return Page(rows[: request.size], cursor, total, is_first=position is None)


def one(public_id: str) -> InboundEvent:
    """A message by its public id. Raises NotFound."""
    found = db.session.scalar(select(InboundEvent).where(InboundEvent.public_id == public_id))
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def of_order(order_id: int) -> Sequence[InboundEvent]:
    """The messages an order was recorded from, the oldest first."""
    rows = select(InboundEvent).where(InboundEvent.order_id == order_id).order_by(InboundEvent.id)
    return db.session.scalars(rows).all()  # type: ignore[no-any-return]


def counts() -> dict[InboundState, int]:
    """How many messages are in each state."""
    rows = db.session.execute(select(InboundEvent.state, func.count()).group_by(InboundEvent.state))
    return dict(rows.all())


def violations() -> list[str]:
    """Messages that failed, or wait far too long for the worker."""
    failed = db.session.scalars(
        select(InboundEvent).where(InboundEvent.state == InboundState.FAILED).limit(20)
    )
    waiting = db.session.scalars(
        select(InboundEvent)
        .where(
            InboundEvent.state == InboundState.RECEIVED,
            InboundEvent.received_at < clock.wall() - LATE,
        )
        .limit(20)
    )
    return [
        *(f"Message {event.public_id} failed: {event.last_error}" for event in failed),
        *(f"Message {event.public_id} still waits for the worker." for event in waiting),
    ]
