"""The journal of a period: every leg of every journal that touches a brand, with its codes.

Told as bookkeeping tells it, which is our ledger's mirror: what an account gave is a debit (a cost
grows, a debt shrinks), what it received a credit. For each kind of account: opening + debit −
credit = closing, and all debits equal all credits.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, or_, select

from portal.creators.models import Creator
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal
from portal.storage.model import db

ROWS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Leg:
    """One line: `amount` above zero is a debit, below zero a credit."""

    at: datetime
    reference: str
    reason: str
    account: str
    creator: str
    amount: Money

    @property
    def kind(self) -> str:
        return accounts.kind_of(self.account)


@dataclass(frozen=True, slots=True)
class KindTotal:
    """One kind of account in a period and currency."""

    kind: str
    currency: str
    opening: Money
    debit: Money
    credit: Money

    @property
    def closing(self) -> Money:
        return self.opening + self.debit - self.credit


def legs(brand_id: int, since: datetime, until: datetime) -> Iterator[Leg]:
    """Every leg posted in [since, until), in the order of posting."""
    rows = db.session.execute(
        _legs_of(brand_id)
        .with_only_columns(
            LedgerJournal.at, LedgerJournal.reference, LedgerJournal.reason, LedgerAccount.name,
            Creator.name.label("creator"), LedgerEntry.amount_minor, LedgerEntry.currency,
        )
        .outerjoin(Creator, Creator.id == LedgerAccount.creator_id)
        .where(LedgerJournal.at >= since, LedgerJournal.at < until)
        .order_by(LedgerJournal.id, LedgerEntry.id),
        execution_options={"yield_per": ROWS_AT_ONCE},
    )  # fmt: skip
    for at, reference, reason, account, creator, minor, currency in rows:
        yield Leg(at, reference, reason, account, creator or "", Money(-minor, currency))


def period_totals(brand_id: int, since: datetime, until: datetime) -> list[KindTotal]:
    """By currency and kind of account: what stood before, what came and went."""
    amount = LedgerEntry.amount_minor
    inside = LedgerJournal.at >= since
    rows = db.session.execute(
        _legs_of(brand_id)
        .with_only_columns(
            LedgerAccount.name, LedgerEntry.currency,
            func.sum(case((~inside, -amount), else_=0)),
            func.sum(case((inside & (amount < 0), -amount), else_=0)),
            func.sum(case((inside & (amount > 0), amount), else_=0)),
        )
        .where(LedgerJournal.at < until)
        .group_by(LedgerAccount.name, LedgerEntry.currency)
    )  # fmt: skip
    sums: dict[tuple[str, str], list[int]] = {}
    for name, currency, *figures in rows:
        known = sums.setdefault((currency, accounts.kind_of(name)), [0, 0, 0])
        sums[currency, accounts.kind_of(name)] = [
            a + int(b) for a, b in zip(known, figures, strict=True)
        ]
    return [
        KindTotal(kind, currency, *(Money(one, currency) for one in figures))
        for (currency, kind), figures in sorted(sums.items())
    ]


def sums_of(found: list[KindTotal]) -> Mapping[str, tuple[Money, Money]]:
    """(debit, credit) by currency; the two are equal, or the books are wrong."""
    made: dict[str, tuple[Money, Money]] = {}
    for one in found:
        zero = Money.zero(one.currency)
        debit, credit = made.get(one.currency, (zero, zero))
        made[one.currency] = (debit + one.debit, credit + one.credit)
    return made


def _legs_of(brand_id: int) -> Any:
    """Entries of a brand: those on its own and its creators' accounts, and the other legs of the
    same journals on shared ones."""
    own = LedgerAccount.name.startswith(f"brand:{brand_id}:", autoescape=True)
    other_account = LedgerAccount.__table__.alias("other_account")
    other = LedgerEntry.__table__.alias("other")
    shares = (
        select(other.c.id)
        .join(other_account, other_account.c.id == other.c.account_id)
        .where(
            other.c.journal_id == LedgerEntry.journal_id,
            other_account.c.name.startswith(f"brand:{brand_id}:", autoescape=True),
        )
        .correlate(LedgerEntry)
        .exists()
    )
    shared = ~LedgerAccount.name.startswith("brand:", autoescape=True) & shares
    return (
        select(LedgerEntry)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .join(LedgerJournal, LedgerJournal.id == LedgerEntry.journal_id)
        .where(or_(own, shared))
    )
