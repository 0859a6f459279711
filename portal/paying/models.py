"""When and by which ways a brand pays, its limits of approval, the rates of exchange it entered."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.money import Money
from portal.storage.model import Model
from portal.storage.types import (
    UTCDateTime,
    currency_column,
    minor_column,
    money,
    sealed_column,
    word_column,
)


class Schedule(StrEnum):
    """When a brand pays (R85). `monthly`: on its programs' pay day, up to the month before."""

    MONTHLY = "monthly"
    TWICE_A_MONTH = "twice_a_month"
    NET_7 = "net_7"
    NET_15 = "net_15"
    NET_30 = "net_30"
    NET_45 = "net_45"
    NET_60 = "net_60"
    NET_90 = "net_90"


class FeeBearer(StrEnum):
    """Who bears what a rail takes for a payout (R93)."""

    BRAND = "brand"
    CREATOR = "creator"


class PayingTerms(Model):
    """How one brand pays. `ways` are the rails it offers, `fees` what a rail takes in basis points
    of an amount and `fixed_fees` what it takes beside that of each payout, in minor units by
    currency (R93); the payer's account is the one that bank files draw on."""

    __tablename__ = "paying_terms"
    __table_args__ = (
        UniqueConstraint("brand_id"),
        CheckConstraint("uplift_bp BETWEEN 0 AND 10000", name="uplift"),
    )

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    schedule: Mapped[Schedule] = word_column(Schedule, default=Schedule.MONTHLY)
    ways: Mapped[list[str]] = mapped_column(JSON, default=list)
    fees: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    fixed_fees: Mapped[dict[str, dict[str, int]]] = mapped_column(
        JSON, default=dict, server_default="{}"
    )
    fee_bearer: Mapped[FeeBearer] = word_column(FeeBearer, default=FeeBearer.BRAND)
    uplift_bp: Mapped[int] = mapped_column(default=0)
    payer_name: Mapped[str] = mapped_column(String(70), default="")
    payer_iban: Mapped[str] = sealed_column(default="")
    payer_bic: Mapped[str] = mapped_column(String(11), default="")
    payer_masked: Mapped[str] = mapped_column(String(40), default="")
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime())

    def fixed_fee(self, rail: str, currency: str) -> Money:
        """What a rail takes of each payout in this currency, beside its share."""
        return Money(self.fixed_fees.get(rail, {}).get(currency, 0), currency)


class ApprovalLimit(Model):
    """Above this net a run needs a second approver (R87), per currency."""

    __tablename__ = "approval_limits"
    __table_args__ = (
        UniqueConstraint("brand_id", "currency"),
        CheckConstraint("amount_minor >= 0", name="amount"),
    )

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    currency: Mapped[str] = currency_column()
    amount_minor: Mapped[int] = minor_column()
    amount: Mapped[Money] = money("amount_minor")


class ExchangeRate(Model):
    """What one unit of `currency` is worth in `target`, in millionths, from a day on (R96).

    Never edited: a correction is a newer row, and payouts keep the rate they were made with.
    """

    __tablename__ = "exchange_rates"
    __table_args__ = (
        Index(None, "brand_id", "currency", "target", "from_on", "id"),
        CheckConstraint("rate_millionths > 0", name="rate"),
    )

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    currency: Mapped[str] = currency_column()
    target: Mapped[str] = currency_column()
    rate_millionths: Mapped[int] = minor_column()
    from_on: Mapped[date] = mapped_column(Date)
    source: Mapped[str] = mapped_column(String(120))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
