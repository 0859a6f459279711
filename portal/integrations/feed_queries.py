"""Look at what a brand's shops sent, without the bodies until one is opened."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import defer

from portal.integrations.models import InboundEvent, InboundState
from portal.kernel.errors import NotFound
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.storage.model import db


def listing(
    brand_id: int,
    request: PageRequest,
    state: InboundState | None = None,
    connection_id: int | None = None,
) -> Page[InboundEvent]:
    """A brand's messages, newest first."""
    conditions = [InboundEvent.brand_id == brand_id]
    if state is not None:
        conditions.append(InboundEvent.state == state)
    if connection_id is not None:
        conditions.append(InboundEvent.connection_id == connection_id)
    counting = select(InboundEvent.id).where(*conditions).limit(COUNT_CAP + 1)
    total = int(db.session.scalar(select(func.count()).select_from(counting.subquery())) or 0)
    wanted, position = select(InboundEvent).where(*conditions), request.position()
    if position:
        wanted = wanted.where(InboundEvent.id < int(position[0]))
    newest = wanted.order_by(InboundEvent.id.desc()).limit(request.size + 1)
    rows = list(db.session.scalars(newest.options(defer(InboundEvent.body))))
    cursor = cursor_of(rows[request.size - 1].id) if len(rows) > request.size else None
    return Page(rows[: request.size], cursor, total, is_first=position is None)


def one_of_brand(brand_id: int, public_id: str) -> InboundEvent:
    """A brand's message. Raises NotFound, for another brand's and the platform's too."""
    found = db.session.scalar(
        select(InboundEvent).where(
            InboundEvent.brand_id == brand_id, InboundEvent.public_id == public_id
        )
    )
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def with_old_bodies(before: datetime, limit: int) -> list[int]:
    """Messages received before (wall time) whose bodies are still kept, the oldest first."""
    wanted = (
        select(InboundEvent.id)
        .where(
            InboundEvent.received_at < before,
            InboundEvent.body_forgotten_at.is_(None),
            InboundEvent.state != InboundState.RECEIVED,
        )
        .order_by(InboundEvent.id)
        .limit(limit)
    )
    return list(db.session.scalars(wanted))
