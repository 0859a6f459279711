"""Payouts of the provider from connected accounts to banks, as it told them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.money import Money
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, currency_column, minor_column, money, word_column


class BankPayoutState(StrEnum):
    PAID = "paid"
    FAILED = "failed"


class BankPayout(Model):
    """One payout from a creator's account at the provider to her bank. It carries all that lay
    there, of every brand; which of our payouts that was the provider does not say. `told_at` is
    the portal's time of its first message, `failed_at` of the one that it failed, `made_at` the
    provider's of the payout."""

    __tablename__ = "bank_payouts"
    __table_args__ = (
        UniqueConstraint("account_ref", "provider_ref"),
        Index("ix_bank_payouts_account", "account_ref", "state", "told_at"),
        Index("ix_bank_payouts_creator", "creator_id", "id"),
    )

    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    account_ref: Mapped[str] = mapped_column(String(120))
    provider_ref: Mapped[str] = mapped_column(String(120))
    state: Mapped[BankPayoutState] = word_column(BankPayoutState)
    amount_minor: Mapped[int] = minor_column()
    currency: Mapped[str] = currency_column()
    failure_code: Mapped[str] = mapped_column(String(80), default="")
    failure: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    told_at: Mapped[datetime] = mapped_column(UTCDateTime())
    failed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())

    amount: Mapped[Money] = money("amount_minor")
