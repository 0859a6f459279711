"""Commissions and their reversals."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.kernel.money import Money
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, currency_column, minor_column, money, word_column


class CommissionKind(StrEnum):
    SALE = "sale"
    FEE = "fee"
    ADJUSTMENT = "adjustment"
    BONUS = "bonus"
    OVERRIDE = "override"  # the glossary’s referral: a share of what somebody recruited earns
    TRUE_UP = "true_up"
    CLICKS = "clicks"  # a day’s clicks, paid by the click


class CommissionStatus(StrEnum):
    """UX 6.10. `committed` and `paid` are read from the payout run, never written here."""

    PENDING = "pending"
    PAYABLE = "payable"
    ON_HOLD = "on_hold"
    VOID = "void"


class ReversalKind(StrEnum):
    """Why money was taken back; a reinstatement gives back what a lost dispute took (R72).
    `followed`: what it was earned for became less (R26, R29, R75)."""

    REFUND = "refund"
    CANCELLATION = "cancellation"
    CHARGEBACK = "chargeback"
    VOIDED = "voided"
    FOLLOWED = "followed"
    REINSTATEMENT = "reinstatement"


class VoidCode(StrEnum):
    """Why nothing is left of a commission (R62); the words beside it are the creator's to read."""

    ITEM_RETURNED = "ITEM_RETURNED"
    CONS_FRAUD = "CONS_FRAUD"
    CONS_ERROR = "CONS_ERROR"
    ORDER_ERROR = "ORDER_ERROR"
    ORDER_UPDATE = "ORDER_UPDATE"
    NOT_COMPLIANCE_TERMS = "NOT_COMPLIANCE_TERMS"
    ITEM_OUT_OF_STOCK = "ITEM_OUT_OF_STOCK"
    CHARGEBACK = "CHARGEBACK"
    SELF_REFERRAL = "SELF_REFERRAL"
    DUPLICATE = "DUPLICATE"
    TEST_ORDER = "TEST_ORDER"
    EXISTING_CUSTOMER = "EXISTING_CUSTOMER"
    OUT_OF_WINDOW = "OUT_OF_WINDOW"
    CODE_LEAK = "CODE_LEAK"


HOLD_REVIEW = timedelta(days=30)  # a hold is looked at again, at the latest, after so long


class Commission(Model):
    """One thing earned. Net = `amount_minor` − `reversed_minor`; both are ≥ 0 (R73).

    `tier_base_minor`: what of `base_minor` earned by the creator's tier, on the ladder beside it.
    """

    __tablename__ = "commissions"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("attribution_id", "ambassador_id", "kind"),
        UniqueConstraint("assignment_id"),
        Index("uq_commissions_source", "source", unique=True),
        Index(None, "creator_id", "earned_at", "id"),
        Index(None, "brand_id", "status", "earned_at", "id"),
        Index(None, "status", "hold_until"),
        Index(None, "order_id"),
        Index("ix_commissions_review", "brand_id", "in_review", "hold_until", "id"),
        CheckConstraint("amount_minor >= 0", name="amount_is_not_negative"),
        CheckConstraint(
            "reversed_minor >= 0 AND reversed_minor <= amount_minor", name="never_more_than_earned"
        ),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("com"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    ambassador_id: Mapped[int] = mapped_column(ForeignKey("ambassadors.id"))
    kind: Mapped[CommissionKind] = word_column(CommissionKind)
    source: Mapped[str | None] = mapped_column(String(120))  # what an extra is owed for, once
    attribution_id: Mapped[int | None] = mapped_column(ForeignKey("attributions.id"))
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignments.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    terms_id: Mapped[int | None] = mapped_column(ForeignKey("commission_terms.id"))
    base_minor: Mapped[int] = minor_column()
    base_currency: Mapped[str] = currency_column()
    amount_minor: Mapped[int] = minor_column()
    reversed_minor: Mapped[int] = minor_column(default=0)
    currency: Mapped[str] = currency_column()
    status: Mapped[CommissionStatus] = word_column(CommissionStatus)
    hold_reason: Mapped[str] = mapped_column(String(300), default="")
    held_at: Mapped[datetime | None] = mapped_column(UTCDateTime())  # since when it is on hold
    void_reason: Mapped[str] = mapped_column(String(300), default="")
    void_code: Mapped[VoidCode | None] = word_column(VoidCode, nullable=True)
    in_review: Mapped[bool] = mapped_column(default=False, server_default=false())
    reviewed_by: Mapped[int | None]  # a user; no foreign key: SQLite cannot add one
    reviewed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    earned_at: Mapped[datetime] = mapped_column(UTCDateTime())
    hold_until: Mapped[datetime] = mapped_column(UTCDateTime())
    payable_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    holds: Mapped[int] = mapped_column(default=0)
    tier_ladder_id: Mapped[int | None]  # a tier_ladders row; no foreign key, as above
    tier_base_minor: Mapped[int | None] = minor_column(nullable=True)
    explanation: Mapped[dict[str, Any]] = mapped_column(JSON)

    amount: Mapped[Money] = money("amount_minor")
    taken_back: Mapped[Money] = money("reversed_minor")
    base: Mapped[Money] = money("base_minor", "base_currency")

    @property
    def net(self) -> Money:
        """What is left of it after reversals."""
        return Money(self.amount_minor - self.reversed_minor, self.currency)

    @property
    def is_reversed(self) -> bool:
        """Taken back whole after it had become payable: the word shown is Reversed (UX 6.10)."""
        return self.payable_at is not None and bool(self.amount_minor) and not self.net

    @property
    def review_at(self) -> datetime | None:
        """When finance looks again at what it stopped (UX 6.10); None while it is not on hold."""
        is_held = self.status is CommissionStatus.ON_HOLD
        return self.held_at + HOLD_REVIEW if is_held and self.held_at else None

    @property
    def is_above_limit(self) -> bool:
        """Held because it is above a limit of its terms: the brand decides about it (R9)."""
        is_held = self.status is CommissionStatus.ON_HOLD
        return is_held and self.explanation.get("exceeded_cap") == self.hold_reason

    @property
    def word(self) -> str:
        """The state as it is shown."""
        return "reversed" if self.is_reversed else self.status.value


class Reversal(Model):
    """One correction of a commission, never edited. `amount_minor` > 0; the kind says which way."""

    __tablename__ = "commission_reversals"
    __table_args__ = (
        UniqueConstraint("commission_id", "number"),
        UniqueConstraint("journal_reference"),
        CheckConstraint("amount_minor > 0", name="moves_something"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("rev"))
    commission_id: Mapped[int] = mapped_column(ForeignKey("commissions.id"))
    number: Mapped[int]
    kind: Mapped[ReversalKind] = word_column(ReversalKind)
    amount_minor: Mapped[int] = minor_column()
    currency: Mapped[str] = currency_column()
    remaining_base_minor: Mapped[int] = minor_column()
    journal_reference: Mapped[str] = mapped_column(String(160))
    at: Mapped[datetime] = mapped_column(UTCDateTime())

    amount: Mapped[Money] = money("amount_minor")

    @property
    def effect(self) -> Money:
        """Signed as the creator sees it: a refund is negative, a reinstatement positive."""
        return self.amount if self.kind is ReversalKind.REINSTATEMENT else -self.amount


class Loss(Model):
    """A refund that came too long after the payment to be taken back (R71): the brand's own cost,
    never edited. Below zero when the shop got the money back after all."""

    __tablename__ = "commission_losses"
    __table_args__ = (
        UniqueConstraint("commission_id", "number"),
        CheckConstraint("amount_minor <> 0", name="moves_something"),
    )

    commission_id: Mapped[int] = mapped_column(ForeignKey("commissions.id"))
    number: Mapped[int]
    amount_minor: Mapped[int] = minor_column()
    currency: Mapped[str] = currency_column()
    paid_at: Mapped[datetime] = mapped_column(UTCDateTime())
    at: Mapped[datetime] = mapped_column(UTCDateTime())

    amount: Mapped[Money] = money("amount_minor")
