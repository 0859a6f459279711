"""API keys, and the first answers of requests that carried an Idempotency-Key."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.api.rules import is_live
from portal.kernel import codes
from portal.storage.model import Model
from portal.storage.types import UTCDateTime


class ApiKey(Model):
    """One key of one brand. Only its hash is stored; `shown` and `last_four` let people know it.

    A key with a `connection_id` is one shop's: what it tells is that shop's, in its feed too.
    `ends_at` is the end of the overlap once a rotation has replaced it (`replaced_by_id`).
    """

    __tablename__ = "api_keys"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("token_hash"),
        Index(None, "brand_id", "id"),
        Index(None, "connection_id"),
        Index(None, "shown"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("key"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    connection_id: Mapped[int | None] = mapped_column(ForeignKey("connections.id"))
    name: Mapped[str] = mapped_column(String(60))
    shown: Mapped[str] = mapped_column(String(20))
    last_four: Mapped[str] = mapped_column(String(4))
    token_hash: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("api_keys.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    revoked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    def is_live(self, now: datetime) -> bool:
        """Whether it opens anything at that moment."""
        return is_live(self.revoked_at, self.ends_at, now)

    @property
    def masked(self) -> str:
        """The key as pages write it: "vouch_ab3d…9xk2"."""
        return f"{self.shown}…{self.last_four}"


class KeptAnswer(Model):
    """The first answer under one Idempotency-Key of a brand, or of one of its shops that has keys
    of its own (`rules.kept_under`); written with the request's effect."""

    __tablename__ = "api_answers"
    __table_args__ = (
        UniqueConstraint("brand_id", "idempotency_key"),
        Index(None, "kept_at"),
    )

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    idempotency_key: Mapped[str] = mapped_column(String(255))
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    kept_at: Mapped[datetime] = mapped_column(UTCDateTime())
