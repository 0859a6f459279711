"""Exceptions: what stands in the way of paying everybody the right amount."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.kernel.money import Money
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, currency_column, minor_column, money, word_column


class ExceptionKind(StrEnum):
    """What is wrong; the words are those on the screen."""

    BLOCKED = "blocked"
    FAILED = "failed"
    RETURNED = "returned"
    NOT_AT_BANK = "not taken by her bank"
    NEGATIVE = "negative over 90 days"
    UNMATCHED = "refund without its order"
    DUPLICATE_PAYEE = "same account twice"
    LEFT_OVER = "report row without its payment"
    DIFFERENCE = "run differs from its rails"
    NOT_WRITTEN = "payment file not written"
    NOT_ANSWERED = "payment file not answered"
    UNCLAIMED = "payment not claimed"
    MAIL = "mail to a payee refused"
    HOLD = "hold past its review"


class ExceptionStatus(StrEnum):
    """Resolved by a person, or gone because its cause went away."""

    OPEN = "open"
    RESOLVED = "resolved"
    GONE = "gone"


class MoneyException(Model):
    """One thing to look at. `subject` names its cause: the same cause is open at most once, and
    what a person resolved does not come back for the same cause."""

    __tablename__ = "money_exceptions"
    __table_args__ = (
        UniqueConstraint("public_id"),
        Index("ix_money_exceptions_brand", "brand_id", "status", "since", "id"),
        Index("ix_money_exceptions_subject", "brand_id", "kind", "subject"),
        Index(
            "uq_money_exceptions_open", "brand_id", "kind", "subject", unique=True,
            sqlite_where=text("status = 'open'"), postgresql_where=text("status = 'open'"),
        ),
        CheckConstraint("status <> 'open' OR closed_at IS NULL", name="open_has_no_end"),
    )  # fmt: skip

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("exc"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    kind: Mapped[ExceptionKind] = word_column(ExceptionKind)
    subject: Mapped[str] = mapped_column(String(120))
    status: Mapped[ExceptionStatus] = word_column(ExceptionStatus)
    creator_id: Mapped[int | None] = mapped_column(ForeignKey("creators.id"))
    payout_id: Mapped[int | None] = mapped_column(ForeignKey("payouts.id"))
    amount_minor: Mapped[int] = minor_column()
    currency: Mapped[str] = currency_column()
    words: Mapped[str] = mapped_column(String(300))
    since: Mapped[datetime] = mapped_column(UTCDateTime())
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime())
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    note: Mapped[str] = mapped_column(String(500), default="")
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())

    amount: Mapped[Money] = money("amount_minor")

    @property
    def is_open(self) -> bool:
        return self.status is ExceptionStatus.OPEN
