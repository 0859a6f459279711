"""Seal what was written. Callers commit."""

from dataclasses import dataclass

from sqlalchemy import select

from portal.chain import queries, rules
from portal.chain.models import ChainBatch, ChainHead
from portal.chain.row_queries import SOURCES
from portal.kernel import clock
from portal.storage.insert_once import insert_once
from portal.storage.locks import lock
from portal.storage.model import db


@dataclass(frozen=True, slots=True)
class Sealed:
    """A step of sealing: the batch's number and hash (0 and "" when there was nothing to seal),
    and the id after which to go on; None at the end."""

    number: int
    hash: str
    after: int | None


def begin_pass(name: str) -> tuple[int, int | None]:
    """Where a pass over a chain's rows starts, and the mark that counts once the pass is through.

    PostgreSQL gives out ids before their rows are committed, so a lower id may appear after a
    higher one was sealed. Hence a mark counts in three steps: the highest id is noted; a pass
    later, when every row up to it belongs to a transaction that has begun to write, the next
    transaction's number; and when all below that number have ended, nothing up to the mark can
    appear any more that this very pass does not find.
    """
    head = _head(name)
    running = queries.transactions()
    if head.ahead_id is None:
        return head.mark_id, None
    has_settled = running is None or (head.ahead_xid is not None and running[0] >= head.ahead_xid)
    return head.mark_id, head.ahead_id if has_settled else None


def seal_next(name: str, after: int) -> Sealed:
    """Seal the next thousand rows with ids above `after` that are in no batch yet."""
    head, source = _head(name), SOURCES[name]
    found = source.next_ids(after, rules.BATCH_ROWS)
    if found is None:
        return Sealed(0, "", None)
    count, last = found
    known = _sealed_ids(name, after, last)
    rows = [one for one in source.between(after, last) if one[0] not in known]
    going_on = last if count == rules.BATCH_ROWS else None
    if not rows:
        return Sealed(0, "", going_on)
    _seal(head, rows)
    return Sealed(head.number, head.hash, going_on)


def end_pass(name: str, settled: int | None) -> None:
    """Move the mark to what `begin_pass` called settled, and prepare the next one."""
    head, source = _head(name), SOURCES[name]
    if settled is not None and head.ahead_id == settled:
        head.mark_id, head.ahead_id, head.ahead_xid = max(head.mark_id, settled), None, None
    running = queries.transactions()
    if head.ahead_id is None:
        head.ahead_id = source.highest_id()
    elif head.ahead_xid is None and running is not None:
        head.ahead_xid = running[1]


def note_check(report: rules.Report) -> None:
    """Keep what a whole look at a chain found."""
    head = _head(report.name)
    head.verified_at, head.wrong_count = clock.wall(), report.wrong_count
    head.first_wrong = report.findings[0].sentence if report.findings else ""
    if report.ok:
        head.verified_number, head.verified_hash = report.number, report.head


def _seal(head: ChainHead, rows: list[rules.Member]) -> None:
    members, now = rules.packed(rows), clock.wall()
    number, previous = head.number + 1, head.hash or rules.START
    batch = ChainBatch(
        chain=head.name,
        number=number,
        first_id=rows[0][0],
        last_id=rows[-1][0],
        row_count=len(rows),
        members=members,
        previous=previous,
        hash=rules.batch_hash(head.name, number, previous, members),
        sealed_at=now,
    )
    db.session.add(batch)
    head.number, head.hash, head.sealed_at = number, batch.hash, now
    head.row_count += len(rows)
    db.session.flush()


def _sealed_ids(name: str, after: int, last: int) -> set[int]:
    """At least those ids of batches that lie between, however many rows are sealed beyond."""
    lists = db.session.scalars(
        select(ChainBatch.members).where(
            ChainBatch.chain == name, ChainBatch.last_id > after, ChainBatch.first_id <= last
        )
    )
    return {row_id for one in lists for row_id, _ in rules.unpacked(one)}


def _head(name: str) -> ChainHead:
    found = queries.head_of(name)
    if found is None:
        insert_once(
            ChainHead, name=name, number=0, hash="", row_count=0, mark_id=0, verified_number=0,
            verified_hash="", wrong_count=0, first_wrong="",
        )  # fmt: skip
        found = queries.head_of(name)
    assert found is not None
    return lock(ChainHead, found.id)
