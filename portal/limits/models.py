"""Policies of money, and general-ledger codes."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.kernel.money import Money
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, currency_column, minor_column, money, word_column


class PolicyStatus(StrEnum):
    """`withdrawn` is said of proposals made before `portal.proposals` kept them."""

    AGREED = "agreed"
    WITHDRAWN = "withdrawn"


class MoneyPolicy(Model):
    """Limits of one brand, in its own currency. In force from `decided_at` while agreed.

    `review_above_minor` None: no commission waits for a person because of its size (R60).
    """

    __tablename__ = "money_policies"
    __table_args__ = (
        UniqueConstraint("public_id"),
        Index("ix_money_policies_brand", "brand_id", "status", "decided_at", "id"),
        CheckConstraint("clawback_days BETWEEN 0 AND 730", name="clawback_days_in_bounds"),
        CheckConstraint("adjustment_limit_minor >= 0", name="limit_is_not_negative"),
        CheckConstraint("review_above_minor >= 0", name="ceiling_is_not_negative"),
        CheckConstraint("decided_by <> proposed_by", name="two_people"),
    )  # fmt: skip

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("pol"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    status: Mapped[PolicyStatus] = word_column(PolicyStatus, default=PolicyStatus.AGREED)
    currency: Mapped[str] = currency_column()
    clawback_days: Mapped[int]
    adjustment_limit_minor: Mapped[int] = minor_column()
    review_above_minor: Mapped[int | None] = minor_column()
    proposed_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    proposed_at: Mapped[datetime] = mapped_column(UTCDateTime())
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime())

    adjustment_limit: Mapped[Money] = money("adjustment_limit_minor")

    @property
    def review_above(self) -> Money | None:
        """Above this a commission waits for a person at the end of its hold (R60)."""
        minor = self.review_above_minor
        return None if minor is None else Money(minor, self.currency)


class LedgerCode(Model):
    """The code by which a brand's own bookkeeping knows a kind of account."""

    __tablename__ = "ledger_codes"
    __table_args__ = (UniqueConstraint("brand_id", "kind"),)

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    kind: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(20))
