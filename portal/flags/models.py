"""Flags, what they hold, leaks of codes, and the dated thresholds."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, word_column


class FlagKind(StrEnum):
    """What was seen. The first four are about a code that went astray, the others about people."""

    CODE_WITHOUT_CLICKS = "code_without_clicks"
    CODE_BURST = "code_burst"
    COUPON_SITE = "coupon_site"
    LEAKED_CODE = "leaked_code"
    REFUND_RATE = "refund_rate"
    CLICK_FLOOD = "click_flood"
    COOKIE_STUFFING = "cookie_stuffing"
    CLICK_AT_CHECKOUT = "click_at_checkout"
    EVEN_TIMES = "even_times"
    SELF_REFERRAL = "self_referral"


class FlagStatus(StrEnum):
    """Kept: a person looked and the money stays held until somebody decides again."""

    OPEN = "open"
    KEPT = "kept"
    RELEASED = "released"
    DECLINED = "declined"
    DECIDED = "decided"
    ACTED = "acted"
    CLEARED = "cleared"


class DeclineReason(StrEnum):
    """R62: why a commission is declined; the creator reads the words of `rules.DECLINES`."""

    CONS_FRAUD = "cons_fraud"
    NOT_COMPLIANCE_TERMS = "not_compliance_terms"
    SELF_REFERRAL = "self_referral"
    ITEM_RETURNED = "item_returned"
    CODE_LEAK = "code_leak"
    ORDER_ERROR = "order_error"


class HeldState(StrEnum):
    """What became of one commission that a flag is about."""

    HELD = "held"
    UNTOUCHED = "untouched"  # its money was in a payout run or paid already
    RELEASED = "released"
    KEPT = "kept"
    DECLINED = "declined"


UNDECIDED = (HeldState.HELD, HeldState.KEPT)
SUSPECTED_LEAK = (FlagKind.CODE_WITHOUT_CLICKS, FlagKind.CODE_BURST, FlagKind.COUPON_SITE)
ABOUT_CLICKS = (
    FlagKind.CLICK_FLOOD, FlagKind.COOKIE_STUFFING, FlagKind.CLICK_AT_CHECKOUT, FlagKind.EVEN_TIMES,
)  # fmt: skip
WAITING = (FlagStatus.OPEN, FlagStatus.KEPT)


class Flag(Model):
    """One thing that looks wrong about one ambassador or one of her codes.

    `subject` names what was counted; one flag of a kind is open about it at a time. `evidence`
    holds the sentence, the figures as (label, words) and the thresholds they were held against.
    """

    __tablename__ = "flags"
    __table_args__ = (
        UniqueConstraint("public_id"),
        Index(
            "uq_flags_open_subject", "brand_id", "kind", "subject", unique=True,
            sqlite_where=text("decided_at IS NULL"), postgresql_where=text("decided_at IS NULL"),
        ),
        Index(None, "brand_id", "status", "opened_at", "id"),
        Index(None, "ambassador_id", "opened_at"),
    )  # fmt: skip

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("flag"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    ambassador_id: Mapped[int] = mapped_column(ForeignKey("ambassadors.id"))
    code_id: Mapped[int | None] = mapped_column(ForeignKey("discount_codes.id"))
    kind: Mapped[FlagKind] = word_column(FlagKind)
    subject: Mapped[str] = mapped_column(String(60))
    status: Mapped[FlagStatus] = word_column(FlagStatus, default=FlagStatus.OPEN)
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON)
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime())
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime())
    review_by: Mapped[datetime] = mapped_column(UTCDateTime())
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    note: Mapped[str] = mapped_column(Text, default="")

    @property
    def is_waiting(self) -> bool:
        """Whether a person still has something to decide."""
        return self.status in WAITING

    @property
    def is_about_leak(self) -> bool:
        """A suspicion about a code: nothing is held for it before the creator is told."""
        return self.kind in SUSPECTED_LEAK


class FlaggedCommission(Model):
    """One commission that a flag is about, and what was decided about it."""

    __tablename__ = "flagged_commissions"
    __table_args__ = (
        UniqueConstraint("flag_id", "commission_id"),
        Index(None, "commission_id"),
    )

    flag_id: Mapped[int] = mapped_column(ForeignKey("flags.id"))
    commission_id: Mapped[int] = mapped_column(ForeignKey("commissions.id"))
    state: Mapped[HeldState] = word_column(HeldState)
    reason: Mapped[DeclineReason | None] = word_column(DeclineReason)
    at: Mapped[datetime] = mapped_column(UTCDateTime())
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class Leak(Model):
    """A code that went astray. Orders placed after `told_at` are withheld, none before it."""

    __tablename__ = "code_leaks"
    __table_args__ = (UniqueConstraint("public_id"), UniqueConstraint("code_id"))

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("leak"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    code_id: Mapped[int] = mapped_column(ForeignKey("discount_codes.id"))
    ambassador_id: Mapped[int] = mapped_column(ForeignKey("ambassadors.id"))
    told_at: Mapped[datetime] = mapped_column(UTCDateTime())
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("discount_codes.id"))
    note: Mapped[str] = mapped_column(String(300), default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class FlagRules(Model):
    """A brand's thresholds and coupon sites from `effective_at` on; rows are only added."""

    __tablename__ = "flag_rules"
    __table_args__ = (UniqueConstraint("brand_id", "effective_at"),)

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    effective_at: Mapped[datetime] = mapped_column(UTCDateTime())
    thresholds: Mapped[dict[str, int]] = mapped_column(JSON)
    coupon_sites: Mapped[list[str]] = mapped_column(JSON)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
