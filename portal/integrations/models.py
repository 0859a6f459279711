"""The inbox: every message as it came; how each shop is reached, and what was put into it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, sealed_column, word_column


class InboundState(StrEnum):
    """UX §6: received → processed, ignored or failed → replayed; refused: its sender knows."""

    RECEIVED = "received"
    PROCESSED = "processed"
    IGNORED = "ignored"
    FAILED = "failed"
    REPLAYED = "replayed"
    REFUSED = "refused"


class InboundEvent(Model):
    """One message: raw body, the headers that matter, and what became of it. The row is kept for
    ever; the body is forgotten after PORTAL_RAW_BODY_DAYS (`body_forgotten_at`).

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
        Index(None, "brand_id", "id"),
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
    body_forgotten_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class AccessState(StrEnum):
    """Whether a shop lets us in with the key its people pasted."""

    UNTESTED = "untested"
    WORKING = "working"
    REFUSED = "refused"
    UNREACHABLE = "not reachable"


class ShopAccess(Model):
    """How we reach one shop's own API: to put codes in and to read again what webhooks missed.

    `address` is the shop's https address (Stripe has one for all: ""), `key` WooCommerce's consumer
    key, `secret` the token nobody is shown again. `reconciled_until`: all before was read again.
    """

    __tablename__ = "shop_accesses"
    __table_args__ = (UniqueConstraint("connection_id"),)

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    address: Mapped[str] = mapped_column(String(300))
    key: Mapped[str] = sealed_column(default="")
    secret: Mapped[str] = sealed_column()
    is_pushing: Mapped[bool] = mapped_column(default=True)
    state: Mapped[AccessState] = word_column(AccessState, default=AccessState.UNTESTED)
    problem: Mapped[str] = mapped_column(Text, default="")
    checked_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    reconciled_until: Mapped[datetime | None] = mapped_column(UTCDateTime())


class SightingKind(StrEnum):
    """What came to a hook without becoming a message, or with which of two secrets."""

    BAD_SIGNATURE = "bad signature"
    UNSIGNED = "unsigned"
    TOO_OLD = "too old"
    UNREADABLE = "unreadable"
    PING = "ping"
    OUTGOING = "outgoing secret"
    INCOMING = "incoming secret"


class HookSighting(Model):
    """The last of each kind at one connection (wall time); nothing of the message is kept."""

    __tablename__ = "hook_sightings"
    __table_args__ = (UniqueConstraint("connection_id", "kind"),)

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    kind: Mapped[SightingKind] = word_column(SightingKind)
    topic: Mapped[str] = mapped_column(String(120), default="")
    last_at: Mapped[datetime] = mapped_column(UTCDateTime())
    count: Mapped[int] = mapped_column(default=1)


class SyncState(StrEnum):
    """Where a code stands in one shop. Ended: it was switched off there."""

    WAITING = "waiting"
    IN_SHOP = "in the shop"
    ENDED = "ended"
    REFUSED = "refused"
    UNREACHABLE = "not reachable"


class CodeSync(Model):
    """One code in one shop. `wanted` counts the changes asked for: a push that was overtaken by
    another change does not speak for it. `reference` is the shop's own id of the discount."""

    __tablename__ = "code_syncs"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("connection_id", "code_id"),
        Index(None, "brand_id", "state", "id"),
        Index(None, "code_id"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("sync"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    code_id: Mapped[int] = mapped_column(ForeignKey("discount_codes.id"))
    state: Mapped[SyncState] = word_column(SyncState, default=SyncState.WAITING)
    wanted: Mapped[int] = mapped_column(default=1)
    reference: Mapped[str] = mapped_column(String(200), default="")
    problem: Mapped[str] = mapped_column(Text, default="")
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime())


class Promotion(Model):
    """Stripe's id of a promotion code → the code: checkouts name the id, people type the code."""

    __tablename__ = "promotions"
    __table_args__ = (UniqueConstraint("connection_id", "reference"),)

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    reference: Mapped[str] = mapped_column(String(120))
    code: Mapped[str] = mapped_column(String(120))


class ReconciliationState(StrEnum):
    """UX 6: a job's words."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Reconciliation(Model):
    """One reading again of [since, until) at a shop, and what had not come by webhook.

    `missing` holds {"what", "number", "external_id", "note"} for each, at most 200 of `missed`.
    """

    __tablename__ = "reconciliations"
    __table_args__ = (
        UniqueConstraint("public_id"),
        Index(None, "brand_id", "id"),
        Index(None, "connection_id", "id"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("rec"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    since: Mapped[datetime] = mapped_column(UTCDateTime())
    until: Mapped[datetime] = mapped_column(UTCDateTime())
    state: Mapped[ReconciliationState] = word_column(
        ReconciliationState, default=ReconciliationState.RUNNING
    )
    started_at: Mapped[datetime] = mapped_column(UTCDateTime())
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    seen: Mapped[int] = mapped_column(default=0)
    missed: Mapped[int] = mapped_column(default=0)
    missing: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    problem: Mapped[str] = mapped_column(Text, default="")


class UploadState(StrEnum):
    """A file of orders: read without keeping anything, then imported."""

    CHECKING = "checking"
    CHECKED = "checked"
    IMPORTING = "importing"
    IMPORTED = "imported"
    FAILED = "failed"


class Upload(Model):
    """One file of orders. `report` is the importer's own; at most 200 rejected rows are kept.

    `body` is emptied once it was imported: orders are facts, the file is not.
    """

    __tablename__ = "csv_uploads"
    __table_args__ = (UniqueConstraint("public_id"), Index(None, "brand_id", "id"))

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("csv"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(120))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    size_bytes: Mapped[int]
    state: Mapped[UploadState] = word_column(UploadState, default=UploadState.CHECKING)
    report: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    rejected: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
