"""The inbox: every message from outside, as it came."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, word_column


class InboundState(StrEnum):
    """UX §6: received → processed, ignored or failed → replayed."""

    RECEIVED = "received"
    PROCESSED = "processed"
    IGNORED = "ignored"
    FAILED = "failed"
    REPLAYED = "replayed"


class InboundEvent(Model):
    """One message, kept for ever: raw body, the headers that matter, and what became of it.

    Unique by the provider's own id and by topic and content, for ever: the id travels in an
    unsigned header, so a replay may carry a fresh one. `door` is the connection's public id, or
    "platform". `received_at` is wall time; `heard_at` the portal's time, which orders live in.
    """

    __tablename__ = "inbound_events"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("provider", "door", "provider_event_id"),
        UniqueConstraint("provider", "door", "content_sha256", name="uq_inbound_events_content"),
        Index(None, "state", "id"),
        Index(None, "connection_id", "id"),
        Index(None, "order_id"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("evt"))
    provider: Mapped[str] = mapped_column(String(20))
    door: Mapped[str] = mapped_column(String(60))
    connection_id: Mapped[int | None] = mapped_column(ForeignKey("connections.id"))
    brand_id: Mapped[int | None] = mapped_column(ForeignKey("brands.id"))
    provider_event_id: Mapped[str] = mapped_column(String(200))
    topic: Mapped[str] = mapped_column(String(120))
    headers: Mapped[dict[str, str]] = mapped_column(JSON)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    content_sha256: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(UTCDateTime())
    heard_at: Mapped[datetime] = mapped_column(UTCDateTime())
    processed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    state: Mapped[InboundState] = word_column(InboundState)
    attempts: Mapped[int] = mapped_column(default=0)
    replays: Mapped[int] = mapped_column(default=0)
    kind: Mapped[str] = mapped_column(String(30), default="")
    external_id: Mapped[str] = mapped_column(String(140), default="")
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    last_error: Mapped[str | None] = mapped_column(Text)
