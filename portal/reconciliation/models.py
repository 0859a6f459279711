"""Reports of banks and PayPal, and their rows."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.kernel.money import Money
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, currency_column, minor_column, money, word_column


class Source(StrEnum):
    PAYPAL = "paypal"
    BANK_CSV = "bank_csv"
    CAMT = "camt_053"


class RowSays(StrEnum):
    """What a row says became of the money."""

    PAID = "paid"
    PENDING = "pending"
    UNCLAIMED = "unclaimed"
    FAILED = "failed"
    RETURNED = "returned"


class Match(StrEnum):
    """How a row stands to the ledger (UX 1.4)."""

    MATCHED = "matched"
    MISSING_HERE = "missing_here"
    AMOUNT_DIFFERS = "amount_differs"
    EXPLAINED = "explained"


class RailReport(Model):
    """One uploaded report; the same bytes are the same report."""

    __tablename__ = "rail_reports"
    __table_args__ = (UniqueConstraint("public_id"), UniqueConstraint("brand_id", "sha256"))

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("rep"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    source: Mapped[Source] = word_column(Source)
    name: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    row_count: Mapped[int] = mapped_column(default=0)
    known_count: Mapped[int] = mapped_column(default=0)
    wrong: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())


class ReportRow(Model):
    """One row of a report. `mark` tells a row from all others of its brand: a report that overlaps
    another adds nothing twice."""

    __tablename__ = "report_rows"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("brand_id", "mark"),
        Index(None, "brand_id", "match", "id"),
        Index(None, "payout_id"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("row"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    report_id: Mapped[int] = mapped_column(ForeignKey("rail_reports.id"))
    number: Mapped[int] = mapped_column()
    mark: Mapped[str] = mapped_column(String(64))
    says: Mapped[RowSays] = word_column(RowSays)
    reference: Mapped[str] = mapped_column(String(120), default="")
    proof: Mapped[str] = mapped_column(String(120), default="")
    who: Mapped[str] = mapped_column(String(120), default="")
    raw_status: Mapped[str] = mapped_column(String(60), default="")
    amount_minor: Mapped[int] = minor_column()
    currency: Mapped[str] = currency_column()
    amount: Mapped[Money] = money("amount_minor")
    fee_minor: Mapped[int | None] = minor_column()
    booked_on: Mapped[date | None] = mapped_column(Date)
    match: Mapped[Match] = word_column(Match)
    note: Mapped[str] = mapped_column(Text, default="")
    payout_id: Mapped[int | None] = mapped_column(ForeignKey("payouts.id"))
    explanation: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
