"""Holds of payees, and who may share an account."""

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.storage.model import Model
from portal.storage.types import UTCDateTime

HOLD_REVIEW = timedelta(days=30)
_OPEN = text("released_at IS NULL")


class PayeeHold(Model):
    """Runs of this brand leave out this creator from `held_at` until `released_at`; she reads
    `reason`."""

    __tablename__ = "payee_holds"
    __table_args__ = (
        Index(
            "uq_payee_holds_open", "brand_id", "creator_id", unique=True,
            sqlite_where=_OPEN, postgresql_where=_OPEN,
        ),
        Index("ix_payee_holds_creator", "creator_id", "brand_id", "id"),
        CheckConstraint(
            "(released_at IS NULL) = (released_by IS NULL)", name="released_by_somebody"
        ),
        CheckConstraint("reason <> ''", name="has_a_reason"),
    )  # fmt: skip

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    reason: Mapped[str] = mapped_column(Text)
    held_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    held_at: Mapped[datetime] = mapped_column(UTCDateTime())
    released_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    released_at: Mapped[datetime | None] = mapped_column(UTCDateTime())

    @property
    def review_at(self) -> datetime:
        """When finance looks at it again, at the latest."""
        return self.held_at + HOLD_REVIEW


class SharingPermit(Model):
    """Finance of a brand looked at a creator who is paid to the account of another one, and said
    that she may be. Another account of hers asks anew."""

    __tablename__ = "sharing_permits"
    __table_args__ = (
        UniqueConstraint("brand_id", "creator_id", "account_ref"),
        CheckConstraint("reason <> ''", name="has_a_reason"),
    )

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    account_ref: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(Text)
    permitted_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    permitted_at: Mapped[datetime] = mapped_column(UTCDateTime())
