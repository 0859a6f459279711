"""The rows that are sealed, in the order of their ids, as ids and content hashes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from portal.audit.models import AuditEntry
from portal.chain.rules import AUDIT, LEDGER, Member, content_hash
from portal.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal
from portal.storage.model import db

# In this order and with these names for ever: they are what was hashed.
_AUDIT: Any = (
    AuditEntry.at, AuditEntry.actor_id, AuditEntry.brand_id, AuditEntry.act,
    AuditEntry.subject_kind, AuditEntry.subject_id, AuditEntry.facts,
)  # fmt: skip
_JOURNAL: Any = (
    LedgerJournal.at, LedgerJournal.reason, LedgerJournal.reference, LedgerJournal.reverses_id,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """One table that is sealed; `between` gives the rows with ids after one and up to another."""

    table: str
    key: Any
    between: Callable[[int, int], list[Member]]

    def highest_id(self) -> int:
        """The highest id there is; 0 for an empty table."""
        return int(db.session.scalar(select(func.max(self.key))) or 0)

    def count(self) -> int:
        """How many rows there are."""
        return int(db.session.scalar(select(func.count(self.key))) or 0)

    def next_ids(self, after: int | None, limit: int) -> tuple[int, int] | None:
        """(how many, the last) of the next ids after one, `limit` at most; None at the end."""
        wanted = select(self.key.label("id")).order_by(self.key).limit(limit)
        if after is not None:
            wanted = wanted.where(self.key > after)
        found = wanted.subquery()
        count, last = db.session.execute(select(func.count(), func.max(found.c.id))).one()
        return (int(count), int(last)) if count else None

    def lowest_id(self) -> int:
        """The lowest id there is; 0 for an empty table."""
        return int(db.session.scalar(select(func.min(self.key))) or 0)


def _audit_between(after: int, last: int) -> list[Member]:
    rows = db.session.execute(
        select(AuditEntry.id, *_AUDIT)
        .where(AuditEntry.id > after, AuditEntry.id <= last)
        .order_by(AuditEntry.id)
    )
    names = [column.key for column in _AUDIT]
    return [(row[0], content_hash(dict(zip(names, row[1:], strict=True)))) for row in rows]


def _journals_between(after: int, last: int) -> list[Member]:
    """A journal is sealed with its entries and the names of their accounts: none can be added,
    taken away, or pointed at another account."""
    legs: dict[int, list[list[Any]]] = {}
    for journal_id, account, currency, minor in _legs(after, last):
        legs.setdefault(journal_id, []).append([account, currency, minor])
    rows = db.session.execute(
        select(LedgerJournal.id, *_JOURNAL)
        .where(LedgerJournal.id > after, LedgerJournal.id <= last)
        .order_by(LedgerJournal.id)
    )
    names = [column.key for column in _JOURNAL]
    return [
        (row[0], content_hash(_whole(dict(zip(names, row[1:], strict=True)), legs.get(row[0]))))
        for row in rows
    ]


def _whole(journal: dict[str, Any], legs: list[list[Any]] | None) -> dict[str, Any]:
    return {**journal, "entries": legs or []}


def _legs(after: int, last: int) -> Iterator[Any]:
    return iter(
        db.session.execute(
            select(
                LedgerEntry.journal_id,
                LedgerAccount.name,
                LedgerEntry.currency,
                LedgerEntry.amount_minor,
            )
            .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
            .where(LedgerEntry.journal_id > after, LedgerEntry.journal_id <= last)
            .order_by(LedgerEntry.journal_id, LedgerEntry.id)
        )
    )


SOURCES: Mapping[str, Source] = {
    AUDIT: Source("audit_entries", AuditEntry.id, _audit_between),
    LEDGER: Source("ledger_journals", LedgerJournal.id, _journals_between),
}
