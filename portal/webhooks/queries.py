"""Look at a brand's endpoints, what they were told, and how that went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select

from portal.kernel.errors import NotFound
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.storage.model import db
from portal.webhooks import rules
from portal.webhooks.models import (
    DeliveryStatus,
    EndpointStatus,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
)


class Span(NamedTuple):
    """From an instant until another, both included."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One line of an endpoint's log."""

    delivery: WebhookDelivery
    message: WebhookMessage


def endpoints_of(brand_id: int) -> Sequence[WebhookEndpoint]:
    """A brand's endpoints, the oldest first; removed ones are left out."""
    rows = select(WebhookEndpoint).where(
        WebhookEndpoint.brand_id == brand_id, WebhookEndpoint.status != EndpointStatus.REMOVED
    )
    return db.session.scalars(rows.order_by(WebhookEndpoint.id)).all()  # type: ignore[no-any-return]


def listeners(brand_id: int, kind: str) -> Sequence[WebhookEndpoint]:
    """The endpoints of a brand that want messages of a type, disabled ones too: what happens
    meanwhile is kept, to be sent again later."""
    return [one for one in endpoints_of(brand_id) if rules.wanted(one.types, kind)]


def is_anybody_listening() -> bool:
    """Whether any brand has an endpoint at all."""
    found = select(WebhookEndpoint.id).where(WebhookEndpoint.status != EndpointStatus.REMOVED)
    return db.session.scalar(found.limit(1)) is not None


def endpoint(endpoint_id: int) -> WebhookEndpoint:
    """An endpoint by its row id. Raises NotFound."""
    found = db.session.get(WebhookEndpoint, endpoint_id)
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def one_of_brand(brand_id: int, public_id: str) -> WebhookEndpoint:
    """A brand's endpoint. Raises NotFound, for another brand's and for a removed one too."""
    found = db.session.scalar(
        select(WebhookEndpoint).where(
            WebhookEndpoint.brand_id == brand_id,
            WebhookEndpoint.public_id == public_id,
            WebhookEndpoint.status != EndpointStatus.REMOVED,
        )
    )
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def log_of(
    endpoint_id: int, request: PageRequest, status: DeliveryStatus | None = None
) -> Page[DeliveryRow]:
    """What an endpoint was told, the newest first."""
    wanted = (
        select(WebhookDelivery, WebhookMessage)
        .join(WebhookMessage, WebhookMessage.id == WebhookDelivery.message_id)
        .where(WebhookDelivery.endpoint_id == endpoint_id)
    )
    if status is not None:
        wanted = wanted.where(WebhookDelivery.status == status)
    ids = wanted.with_only_columns(WebhookDelivery.id).limit(COUNT_CAP + 1).subquery()
    total = int(db.session.scalar(select(func.count()).select_from(ids)) or 0)
    last = request.row_id()
    if last is not None:
        wanted = wanted.where(WebhookDelivery.id < last)
    found = db.session.execute(
        wanted.order_by(WebhookDelivery.id.desc()).limit(request.size + 1)
    ).all()
    rows = [DeliveryRow(row[0], row[1]) for row in found[: request.size]]
    cursor = cursor_of(rows[-1].delivery.id) if len(found) > request.size else None
    return Page(rows, cursor, total, is_first=last is None)


def counts(endpoint_id: int) -> dict[DeliveryStatus, int]:
    """How many deliveries of an endpoint are in each state."""
    rows = db.session.execute(
        select(WebhookDelivery.status, func.count())
        .where(WebhookDelivery.endpoint_id == endpoint_id)
        .group_by(WebhookDelivery.status)
    )
    return {row[0]: row[1] for row in rows}


def delivery_of(endpoint_id: int, public_id: str) -> DeliveryRow:
    """One delivery of an endpoint. Raises NotFound."""
    row = db.session.execute(
        select(WebhookDelivery, WebhookMessage)
        .join(WebhookMessage, WebhookMessage.id == WebhookDelivery.message_id)
        .where(WebhookDelivery.endpoint_id == endpoint_id, WebhookDelivery.public_id == public_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    return DeliveryRow(row[0], row[1])


def delivery_id(endpoint_id: int, message_id: int) -> int:
    """The delivery of a message to an endpoint. Raises NotFound."""
    found = db.session.scalar(
        select(WebhookDelivery.id).where(
            WebhookDelivery.endpoint_id == endpoint_id, WebhookDelivery.message_id == message_id
        )
    )
    if found is None:
        raise NotFound()
    return int(found)


def endpoint_id_of(delivery_row_id: int) -> int:
    """Whose delivery it is. Raises NotFound."""
    found = db.session.scalar(
        select(WebhookDelivery.endpoint_id).where(WebhookDelivery.id == delivery_row_id)
    )
    if found is None:
        raise NotFound()
    return int(found)


def message(message_id: int) -> WebhookMessage:
    """A message by its row id. Raises NotFound."""
    found = db.session.get(WebhookMessage, message_id)
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def attempts_of(delivery_row_id: int) -> Sequence[WebhookAttempt]:
    """Every try of a delivery, the newest first."""
    rows = select(WebhookAttempt).where(WebhookAttempt.delivery_id == delivery_row_id)
    return db.session.scalars(rows.order_by(WebhookAttempt.number.desc())).all()  # type: ignore[no-any-return]


def was_told(subject: str, kind: str) -> bool:
    """Whether a message of this type about a subject was written, and is kept still."""
    found = select(WebhookMessage.id).where(
        WebhookMessage.subject == subject, WebhookMessage.type == kind
    )
    return db.session.scalar(found.limit(1)) is not None


def waiting_of(endpoint_id: int, limit: int) -> Sequence[int]:
    """Deliveries that wait, the oldest first."""
    rows = select(WebhookDelivery.id).where(
        WebhookDelivery.endpoint_id == endpoint_id,
        WebhookDelivery.status == DeliveryStatus.WAITING,
    )
    return db.session.scalars(rows.order_by(WebhookDelivery.id).limit(limit)).all()  # type: ignore[no-any-return]


def messages_in(
    found: WebhookEndpoint, span: Span, after_id: int, limit: int, *, only_failed: bool
) -> Sequence[int]:
    """Messages of the endpoint's brand in a span, the oldest first, after a row id: those that
    failed, or all that it listens to."""
    wanted: list[ColumnElement[bool]] = [
        WebhookMessage.brand_id == found.brand_id, WebhookMessage.id > after_id,
        WebhookMessage.happened_at >= span.since, WebhookMessage.happened_at <= span.until,
    ]  # fmt: skip
    kinds = found.types or list(rules.TYPES)
    wanted.append(WebhookMessage.type.in_(kinds))
    if only_failed:
        failed = select(WebhookDelivery.message_id).where(
            WebhookDelivery.endpoint_id == found.id,
            WebhookDelivery.status == DeliveryStatus.FAILED,
        )
        wanted.append(WebhookMessage.id.in_(failed))
    rows = select(WebhookMessage.id).where(*wanted).order_by(WebhookMessage.id).limit(limit)
    return db.session.scalars(rows).all()  # type: ignore[no-any-return]


def overdue(instant: datetime, limit: int) -> Sequence[int]:
    """Deliveries that should have been tried before an instant and were not, the oldest first;
    those of endpoints that are disabled or rest are left out."""
    rested_at = func.coalesce(WebhookEndpoint.resting_until, WebhookDelivery.next_at)
    rows = (
        select(WebhookDelivery.id)
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
        .where(
            WebhookEndpoint.status == EndpointStatus.ACTIVE,
            WebhookDelivery.status == DeliveryStatus.WAITING,
            WebhookDelivery.next_at < instant,
            rested_at < instant,
        )
    )
    return db.session.scalars(rows.order_by(WebhookDelivery.id).limit(limit)).all()  # type: ignore[no-any-return]


def messages_before(instant: datetime, limit: int) -> Sequence[int]:
    """Messages of before an instant, the oldest first."""
    rows = select(WebhookMessage.id).where(WebhookMessage.happened_at < instant)
    return db.session.scalars(rows.order_by(WebhookMessage.id).limit(limit)).all()  # type: ignore[no-any-return]
