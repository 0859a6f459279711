"""Accounts, journals, entries."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.money import Money
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, currency_column, minor_column, money


class LedgerAccount(Model):
    """One account in one currency. `balance_minor` is kept for creator accounts only.

    `brand_id`, `creator_id` and `state` repeat what the name says, so that a run can read all
    payable balances of a brand by an index.
    """

    __tablename__ = "ledger_accounts"
    __table_args__ = (
        UniqueConstraint("name", "currency"),
        Index(None, "brand_id", "state", "currency", "creator_id"),
        Index(None, "creator_id", "brand_id"),
        {"postgresql_with": {"fillfactor": 70}},  # balances change in place
    )

    name: Mapped[str] = mapped_column(String(120))
    currency: Mapped[str] = currency_column()
    brand_id: Mapped[int | None]
    creator_id: Mapped[int | None]
    state: Mapped[str | None] = mapped_column(String(12))
    balance_minor: Mapped[int] = minor_column(default=0)
    balance: Mapped[Money] = money("balance_minor")


class LedgerJournal(Model):
    """One event in the books. `reference` is what makes posting safe to repeat."""

    __tablename__ = "ledger_journals"
    __table_args__ = (UniqueConstraint("reference"), Index(None, "at"))

    at: Mapped[datetime] = mapped_column(UTCDateTime())
    reason: Mapped[str] = mapped_column(String(60))
    reference: Mapped[str] = mapped_column(String(160))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_journals.id"))


class LedgerEntry(Model):
    """One signed leg of a journal: positive = the account received."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        Index("ix_ledger_entries_of_account", "account_id", "id", "amount_minor"),
        Index(None, "journal_id"),
        CheckConstraint("amount_minor <> 0", name="moves_something"),
    )

    journal_id: Mapped[int] = mapped_column(ForeignKey("ledger_journals.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("ledger_accounts.id"))
    currency: Mapped[str] = currency_column()
    amount_minor: Mapped[int] = minor_column()
    amount: Mapped[Money] = money("amount_minor")


class BookCheck(Model):
    """What the last look at all the books found; one row. `at` is wall time."""

    __tablename__ = "book_checks"

    at: Mapped[datetime] = mapped_column(UTCDateTime())
    wrong_count: Mapped[int]
    first_wrong: Mapped[str] = mapped_column(Text, default="")
