"""The journal of a run: every posting behind its payouts, for the books outside."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, cast, func, literal, select, union_all

from portal.kernel import currencies, sheets
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import queries as ledger
from portal.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal
from portal.limits import queries as limits
from portal.payouts.models import Payout, PayoutRun
from portal.storage.model import db

WHATS = ("reserved", "sent", "fee", "credit", "failed", "freed")
CAME_BACK = ("returned", "given-back")
HEAD = (
    "date",
    "reference",
    "reason",
    "payout",
    "creator",
    "account",
    "code",
    "debit",
    "credit",
    "currency",
)


@dataclass(frozen=True, slots=True)
class Leg:
    """One line: an account received (positive) or gave."""

    at: datetime
    reference: str
    reason: str
    payout: str
    creator: str
    account: str
    amount: Money


def legs_of(run: PayoutRun) -> Iterator[Leg]:
    """Every leg of every journal of a run's payouts, in the order of posting."""
    journals = _journals(run).subquery()
    rows = db.session.execute(
        select(
            LedgerJournal.at, LedgerJournal.reference, LedgerJournal.reason, journals.c.public_id,
            journals.c.creator_name, LedgerAccount.name, LedgerEntry.amount_minor,
            LedgerEntry.currency,
        )
        .join(LedgerJournal, LedgerJournal.reference == journals.c.reference)
        .join(LedgerEntry, LedgerEntry.journal_id == LedgerJournal.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .order_by(LedgerJournal.id, LedgerEntry.id)
    )  # fmt: skip
    for at, reference, reason, payout, creator, account, minor, currency in rows:
        yield Leg(at, reference, reason, payout, creator, account, Money(minor, currency))


def size_of(run: PayoutRun) -> int:
    """How many lines the journal of a run has."""
    journals = _journals(run).subquery()
    count = db.session.scalar(
        select(func.count(LedgerEntry.id))
        .join(LedgerJournal, LedgerJournal.id == LedgerEntry.journal_id)
        .join(journals, journals.c.reference == LedgerJournal.reference)
    )
    return int(count or 0)


def as_csv(run: PayoutRun) -> str:
    """The journal as CSV, told as bookkeeping tells it (ADR 0029): what an account gave is a debit,
    for a debt shrinks; what it received is a credit; both columns sum to the same (R149)."""
    codes = limits.codes_of(run.brand_id)
    return sheets.sheet(HEAD, (_cells(leg, codes) for leg in legs_of(run)))


def _cells(leg: Leg, codes: Mapping[str, str]) -> list[str]:
    figure = f"{currencies.to_major(abs(leg.amount.minor), leg.amount.currency):f}"
    gave = leg.amount.minor < 0
    return [
        leg.at.isoformat(), leg.reference, leg.reason, leg.payout, leg.creator, leg.account,
        codes.get(accounts.kind_of(leg.account), ""), figure if gave else "",
        "" if gave else figure, leg.amount.currency,
    ]  # fmt: skip


def _journals(run: PayoutRun) -> Any:
    # References are spelled out, so that each is found by its unique index.
    most = db.session.scalar(select(func.max(Payout.attempt)).where(Payout.run_id == run.id)) or 1
    start = literal("payout:") + cast(Payout.id, String)
    parts = [
        select(
            Payout.public_id,
            Payout.creator_name,
            (start + f":{attempt}:{what}").label("reference"),
        ).where(Payout.run_id == run.id)
        for attempt in range(1, most + 1)
        for what in WHATS
    ]
    return union_all(*parts, *_returns(run))


def _returns(run: PayoutRun) -> list[Any]:
    # What came back names its sum in the reference, and is rare: looked up payout by payout.
    came_back = db.session.execute(
        select(Payout.id, Payout.public_id, Payout.creator_name).where(
            Payout.run_id == run.id, Payout.returned_minor > 0
        )
    )
    return [
        select(literal(public_id), literal(name), literal(journal.reference))
        for payout_id, public_id, name in came_back
        for journal in ledger.journals_with(f"payout:{payout_id}:")
        if journal.reference.split(":")[3] in CAME_BACK
    ]
