"""Adjustments: proposed, approved (and so posted), or declined."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.kernel.money import Money
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, currency_column, minor_column, money, word_column


class AdjustmentReason(StrEnum):
    """Why; the words are those on the screen."""

    BONUS = "bonus"
    MAKE_GOOD = "make-good"
    CORRECTION = "correction"
    ORDER_ERROR = "order error"
    TERMS_NOT_KEPT = "terms not kept"
    PAID_TWICE = "paid twice"
    OPPOSITE = "opposite entry"
    WRITE_OFF = "write-off"


CHOSEN = tuple(
    one
    for one in AdjustmentReason
    if one not in (AdjustmentReason.OPPOSITE, AdjustmentReason.WRITE_OFF)
)


class AdjustmentStatus(StrEnum):
    """UX 6.10. In a run and paid are read from the payouts, never written here."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"


class Adjustment(Model):
    """One amount, up or down, of one creator. Posted at once, or when a second person approves."""

    __tablename__ = "adjustments"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("brand_id", "request_key"),
        Index("ix_adjustments_brand", "brand_id", "status", "proposed_at", "id"),
        Index("ix_adjustments_creator", "creator_id", "decided_at"),
        Index(None, "reverses_id"),
        CheckConstraint("amount_minor <> 0", name="moves_something"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("adj"))
    request_key: Mapped[str] = mapped_column(String(40))  # of the form: pressed twice, made once
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    amount_minor: Mapped[int] = minor_column()
    currency: Mapped[str] = currency_column()
    reason: Mapped[AdjustmentReason] = word_column(AdjustmentReason)
    note: Mapped[str] = mapped_column(String(500))
    period: Mapped[str] = mapped_column(String(7))
    status: Mapped[AdjustmentStatus] = word_column(AdjustmentStatus)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    commission_id: Mapped[int | None] = mapped_column(ForeignKey("commissions.id"))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("adjustments.id"))
    needs_second: Mapped[bool]
    proposed_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    proposed_at: Mapped[datetime] = mapped_column(UTCDateTime())
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    decline_reason: Mapped[str] = mapped_column(String(500), default="")

    amount: Mapped[Money] = money("amount_minor")

    @property
    def is_open(self) -> bool:
        return self.status is AdjustmentStatus.PROPOSED

    @property
    def is_posted(self) -> bool:
        return self.status is AdjustmentStatus.APPROVED

    @property
    def journal(self) -> str:
        """The reference of its journal in the books, once it is posted."""
        return f"adjustment:{self.id}:posted"


class AdjustmentFile(Model):
    """What somebody of finance attached to an adjustment when she proposed it: a letter, a picture,
    a list. Never changed; the creator does not see it."""

    __tablename__ = "adjustment_files"
    __table_args__ = (UniqueConstraint("adjustment_id"),)

    adjustment_id: Mapped[int] = mapped_column(ForeignKey("adjustments.id"))
    name: Mapped[str] = mapped_column(String(120))
    media: Mapped[str] = mapped_column(String(60))
    body: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)  # read by its own door alone
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime())
