"""Endpoints, messages, their deliveries, and every attempt."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, sealed_column, word_column


class EndpointStatus(StrEnum):
    """Disabled: by a person, by an answer 410, or after days of failures."""

    ACTIVE = "active"
    DISABLED = "disabled"
    REMOVED = "removed"


class DeliveryStatus(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class WebhookEndpoint(Model):
    """An address of a brand that wants to be told. No `types` means: everything.

    `previous_secret` signs too until `previous_until`. `failing_since` is the first failure since
    the last success, `failures` how many there were; until `resting_until` nothing is tried.
    """

    __tablename__ = "webhook_endpoints"
    __table_args__ = (UniqueConstraint("public_id"), Index(None, "brand_id", "status"))

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("whe"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    url: Mapped[str] = mapped_column(String(500))
    label: Mapped[str] = mapped_column(String(80), default="")
    types: Mapped[list[str]] = mapped_column(JSON)
    status: Mapped[EndpointStatus] = word_column(EndpointStatus, default=EndpointStatus.ACTIVE)
    secret: Mapped[str] = sealed_column()
    previous_secret: Mapped[str | None] = sealed_column()
    previous_until: Mapped[datetime | None] = mapped_column(UTCDateTime())
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    last_success_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    failing_since: Mapped[datetime | None] = mapped_column(UTCDateTime())
    failures: Mapped[int] = mapped_column(default=0)
    resting_until: Mapped[datetime | None] = mapped_column(UTCDateTime())
    disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    disabled_reason: Mapped[str] = mapped_column(String(200), default="")

    @property
    def name(self) -> str:
        """What pages call it."""
        return self.label or self.url

    def is_rotating(self, now: datetime) -> bool:
        """Whether the old secret signs too."""
        return self.previous_until is not None and now < self.previous_until

    def secrets_at(self, now: datetime) -> list[str]:
        """The secrets a message is signed with: one, or two during a rotation."""
        old = self.previous_secret if self.is_rotating(now) else None
        return [self.secret, *([old] if old else [])]


class WebhookMessage(Model):
    """One thing that happened, in the words it is told in; never changed.

    `subject` is the public id of what it is about. `public_id` travels as `webhook-id`.
    """

    __tablename__ = "webhook_messages"
    __table_args__ = (
        UniqueConstraint("public_id"),
        Index(None, "brand_id", "id"),
        Index(None, "subject", "type"),
        Index(None, "happened_at"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("msg"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    type: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)
    happened_at: Mapped[datetime] = mapped_column(UTCDateTime())


class WebhookDelivery(Model):
    """One message for one endpoint. `failures` counts since it was last begun anew."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("endpoint_id", "message_id"),
        Index(None, "endpoint_id", "status", "id"),
        Index(None, "message_id"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("del"))
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("webhook_endpoints.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("webhook_messages.id"))
    status: Mapped[DeliveryStatus] = word_column(DeliveryStatus, default=DeliveryStatus.WAITING)
    failures: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    last_status: Mapped[int | None]
    next_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    delivered_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class WebhookAttempt(Model):
    """One try: what was answered, or why nothing was."""

    __tablename__ = "webhook_attempts"
    __table_args__ = (UniqueConstraint("delivery_id", "number"),)

    delivery_id: Mapped[int] = mapped_column(ForeignKey("webhook_deliveries.id"))
    number: Mapped[int]
    at: Mapped[datetime] = mapped_column(UTCDateTime())
    duration_ms: Mapped[int]
    status: Mapped[int | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    trouble: Mapped[str] = mapped_column(String(300), default="")
