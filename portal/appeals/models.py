"""Appeals, what was said in them, and the dated rules they follow."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.kernel.money import Money
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, currency_column, minor_column, money, word_column


class AppealKind(StrEnum):
    """What is objected to (UX 6.16)."""

    SALE = "sale"
    AMOUNT = "amount"
    HOLD = "hold"
    MEMBERSHIP = "membership"
    CONTENT_FEE = "content_fee"
    PAYOUT = "payout"


class AppealStatus(StrEnum):
    """UX 6.16. A reopened appeal is open again; `reopened_at` tells it from a new one."""

    OPEN = "open"
    UNDER_REVIEW = "under_review"
    WAITING_CREATOR = "waiting_creator"
    WAITING_FINANCE = "waiting_finance"
    UPHELD = "upheld"
    PARTLY_UPHELD = "partly_upheld"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class RejectReason(StrEnum):
    """Why a decision is kept; the creator reads the word and the text beside it."""

    RULES = "the program’s rules say so"
    NO_PROOF = "the proof does not show it"
    GIVEN_BACK = "the buyer got the money back"
    DECIDED = "it was decided rightly the first time"
    TOO_LATE = "it came too late to change"
    OTHER = "other"


OPEN = (
    AppealStatus.OPEN,
    AppealStatus.UNDER_REVIEW,
    AppealStatus.WAITING_CREATOR,
    AppealStatus.WAITING_FINANCE,
)
WON = (AppealStatus.UPHELD, AppealStatus.PARTLY_UPHELD)


class Appeal(Model):
    """One objection. `subject` names what it is about; the matching row id stands beside it.

    `claimed_minor` is what the creator says is missing (None: she names no amount), `proposed_…`
    what waits for finance, `awarded_minor` what the decision moved and `journal` where.
    `due_at` is when the brand owes an answer, `waits_until` when a silent creator's appeal closes.
    """

    __tablename__ = "appeals"
    __table_args__ = (
        UniqueConstraint("public_id"),
        Index(
            "uq_appeals_open_subject", "creator_id", "subject", unique=True,
            sqlite_where=text("closed_at IS NULL"), postgresql_where=text("closed_at IS NULL"),
        ),
        Index(None, "brand_id", "status", "opened_at", "id"),
        Index(None, "creator_id", "opened_at", "id"),
        Index(None, "status", "due_at"),
        Index(None, "result_commission_id"),
        CheckConstraint("awarded_minor >= 0", name="awards_nothing_negative"),
    )  # fmt: skip

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("apl"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    ambassador_id: Mapped[int | None] = mapped_column(ForeignKey("ambassadors.id"))
    kind: Mapped[AppealKind] = word_column(AppealKind)
    subject: Mapped[str] = mapped_column(String(160))
    title: Mapped[str] = mapped_column(String(160))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    commission_id: Mapped[int | None] = mapped_column(ForeignKey("commissions.id"))
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignments.id"))
    payout_id: Mapped[int | None] = mapped_column(ForeignKey("payouts.id"))
    status: Mapped[AppealStatus] = word_column(AppealStatus, default=AppealStatus.OPEN)
    body: Mapped[str] = mapped_column(Text)
    link: Mapped[str] = mapped_column(String(2000), default="")
    currency: Mapped[str] = currency_column()
    claimed_minor: Mapped[int | None] = minor_column()
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime())
    due_at: Mapped[datetime] = mapped_column(UTCDateTime())
    waits_until: Mapped[datetime | None] = mapped_column(UTCDateTime())
    escalated_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    reopened_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    proposed: Mapped[AppealStatus | None] = word_column(AppealStatus)
    proposed_minor: Mapped[int | None] = minor_column()
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    first_decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[RejectReason | None] = word_column(RejectReason)
    answer: Mapped[str] = mapped_column(Text, default="")
    awarded_minor: Mapped[int] = minor_column(default=0)
    journal: Mapped[str] = mapped_column(String(160), default="")
    result_commission_id: Mapped[int | None] = mapped_column(ForeignKey("commissions.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())

    awarded: Mapped[Money] = money("awarded_minor")

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def claimed(self) -> Money | None:
        """What she says is missing; None when she names no amount."""
        return None if self.claimed_minor is None else Money(self.claimed_minor, self.currency)

    @property
    def put_forward(self) -> Money | None:
        """The amount that waits for finance."""
        return None if self.proposed_minor is None else Money(self.proposed_minor, self.currency)


class AppealMessage(Model):
    """One thing said in an appeal, by the creator or by the brand; never edited."""

    __tablename__ = "appeal_messages"
    __table_args__ = (Index(None, "appeal_id", "id"),)

    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeals.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    is_from_brand: Mapped[bool]
    asks: Mapped[bool] = mapped_column(default=False)
    body: Mapped[str] = mapped_column(Text)
    link: Mapped[str] = mapped_column(String(2000), default="")
    at: Mapped[datetime] = mapped_column(UTCDateTime())


class AppealRules(Model):
    """How a brand handles appeals from `effective_at` on. Rows are added, never changed."""

    __tablename__ = "appeal_rules"
    __table_args__ = (
        UniqueConstraint("brand_id", "effective_at"),
        CheckConstraint("open_days BETWEEN 1 AND 730", name="open_days_in_bounds"),
        CheckConstraint("limit_minor >= 0", name="limit_is_not_negative"),
    )

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    effective_at: Mapped[datetime] = mapped_column(UTCDateTime())
    open_days: Mapped[int]
    answer_days: Mapped[int]
    limit_minor: Mapped[int] = minor_column()
    currency: Mapped[str] = currency_column()
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
