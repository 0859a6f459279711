"""Programs, commission terms, agreements, minimum payouts."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.kernel.money import Money
from portal.programs.hold_terms import HoldTerms, hold_words
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, currency_column, minor_column, money, word_column


class ProgramStatus(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class CommissionKind(StrEnum):
    PERCENT = "percent"
    FLAT = "flat"


class CodePolicy(StrEnum):
    """Whom an order belongs to when a code and a click disagree (R34)."""

    ALWAYS = "always"
    IF_INVOLVED = "if_involved"
    IF_WINNER = "if_winner"
    NEVER = "never"


class ClickRule(StrEnum):
    """Which click of several counts (R32)."""

    LAST_CLICK = "last_click"
    FIRST_CLICK = "first_click"


class CustomerRule(StrEnum):
    """Whose purchases earn (R20)."""

    ALL = "all"
    NEW_ONLY = "new_only"


class BindingRule(StrEnum):
    """Whether a customer stays with the creator who brought them, and with which one (R44)."""

    NONE = "none"
    FIRST_PARTNER = "first_partner"
    LAST_PARTNER = "last_partner"


class BindingYields(StrEnum):
    """What takes a bound customer's order from the creator who brought them (R44)."""

    TO_CODES = "to_codes"
    TO_TOUCHES = "to_touches"
    TO_NOTHING = "to_nothing"


class RenewalRule(StrEnum):
    """How the further charges of a subscription are judged (R45)."""

    JUDGED = "judged"
    FOLLOW = "follow"


class SplitRule(StrEnum):
    """Whether a commission is shared by everybody who had a part in the order (R50)."""

    NONE = "none"
    EQUAL = "equal"
    WEIGHTED = "weighted"


class Program(Model):
    """A brand's offer to creators. `questions` is a list of sentences asked when applying;
    `countries` a list of ISO codes, empty meaning every country; `tier_offer` what its tiers
    promise, in a sentence, written by the room that looks at them."""

    __tablename__ = "programs"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("slug"),
        Index(None, "brand_id"),
        CheckConstraint("pay_day BETWEEN 1 AND 28", name="pay_day"),
        CheckConstraint("discount_bp BETWEEN 0 AND 10000", name="discount"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("prg"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    slug: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(120))
    pitch: Mapped[str] = mapped_column(String(200), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[ProgramStatus] = word_column(ProgramStatus, default=ProgramStatus.DRAFT)
    discount_bp: Mapped[int] = mapped_column(default=0)
    countries: Mapped[list[str]] = mapped_column(JSON, default=list)
    min_followers: Mapped[int] = mapped_column(default=0)
    min_engagement_bp: Mapped[int] = mapped_column(default=0)
    requires_adult: Mapped[bool] = mapped_column(Boolean, default=True)
    pay_day: Mapped[int] = mapped_column(default=5)
    notice_days: Mapped[int] = mapped_column(default=14)
    notice_was_days: Mapped[int | None]
    notice_was_until: Mapped[datetime | None] = mapped_column(UTCDateTime())
    silence_keeps: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    answer_days: Mapped[int] = mapped_column(default=3)
    tier_offer: Mapped[str] = mapped_column(String(400), default="", server_default="")
    questions: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())

    @property
    def is_open(self) -> bool:
        return self.status is ProgramStatus.OPEN

    def notice_at(self, instant: datetime) -> int:
        """The days of notice for a cut published at an instant (R17): a shorter notice holds only
        once the longer one has passed."""
        if self.notice_was_until is None or instant >= self.notice_was_until:
            return self.notice_days
        return max(self.notice_days, self.notice_was_days or 0)


class CommissionTerms(Model):
    """One version of what a sale earns. Never edited: a change is the next version (R16).

    `attribution` holds the choices of `rules.AttributionTerms` that differ from its defaults;
    `base`, those of `rules.BaseTerms`; `clicks`, those of `rules.ClickTerms`;
    `rates`, what `rates.RateTable` says beside the usual rate, which stands in the columns.
    `lost` says what it takes from whoever has an earlier version, by that one's number: they are
    asked, and `silence_keeps` is what no answer means (R17; `portal.consents`).
    """

    __tablename__ = "commission_terms"
    __table_args__ = (
        UniqueConstraint("program_id", "version"),
        Index(None, "program_id", "effective_at"),
        CheckConstraint("hold_days BETWEEN 0 AND 120", name="hold"),
        CheckConstraint("window_days BETWEEN 1 AND 365", name="window"),
        CheckConstraint("rate_bp BETWEEN 0 AND 10000", name="rate"),
        CheckConstraint("flat_minor >= 0", name="flat"),
    )

    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    version: Mapped[int] = mapped_column()
    kind: Mapped[CommissionKind] = word_column(CommissionKind)
    rate_bp: Mapped[int] = mapped_column(default=0)
    flat_minor: Mapped[int] = minor_column(default=0)
    currency: Mapped[str] = currency_column()
    hold_days: Mapped[int] = mapped_column(default=30)
    window_days: Mapped[int] = mapped_column(default=30)
    code_policy: Mapped[CodePolicy] = word_column(CodePolicy, default=CodePolicy.ALWAYS)
    click_rule: Mapped[ClickRule] = word_column(ClickRule, default=ClickRule.LAST_CLICK)
    pay_on_zero_base: Mapped[bool] = mapped_column(Boolean, default=False)
    base: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    clicks: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    hold: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    attribution: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    rates: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    lost: Mapped[dict[str, list[str]]] = mapped_column(JSON, default=dict, server_default="{}")
    silence_keeps: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    effective_at: Mapped[datetime] = mapped_column(UTCDateTime())
    published_at: Mapped[datetime] = mapped_column(UTCDateTime())
    published_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    summary: Mapped[str] = mapped_column(String(300), default="")

    flat: Mapped[Money] = money("flat_minor")

    @property
    def click_pay(self) -> Money:
        """What a click earns beside sales; zero where it earns nothing."""
        return Money((self.clicks or {}).get("each_minor", 0), self.currency)

    @property
    def held(self) -> str:
        """How long a sale is held, as a sentence's part: "30 days after the order" (R58)."""
        return hold_words(self.hold_days, HoldTerms.of(self.hold))


class Agreement(Model):
    """One version of the text a creator accepts; `sha256` is of the text, in UTF-8 (UX 6.3)."""

    __tablename__ = "agreements"
    __table_args__ = (UniqueConstraint("program_id", "version"),)

    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    version: Mapped[int] = mapped_column()
    text: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text, default="")
    published_at: Mapped[datetime] = mapped_column(UTCDateTime())
    published_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    sha256: Mapped[str] = mapped_column(String(64))


class PayoutMinimum(Model):
    """The least a brand pays out at once in one currency (R84)."""

    __tablename__ = "payout_minimums"
    __table_args__ = (
        UniqueConstraint("brand_id", "currency"),
        CheckConstraint("amount_minor >= 0", name="amount"),
    )

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    currency: Mapped[str] = currency_column()
    amount_minor: Mapped[int] = minor_column()

    amount: Mapped[Money] = money("amount_minor")
