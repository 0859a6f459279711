"""Look at the chains: where they end, and whether every row is what was sealed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select, text

from portal.chain import rules
from portal.chain.models import ChainBatch, ChainHead
from portal.chain.row_queries import SOURCES
from portal.chain.rules import START, Report
from portal.storage.model import db
from portal.storage.unit_of_work import end_read

ROWS_AT_ONCE = 5_000
BATCHES_AT_ONCE = 20
CHANGED = "its content is not what was sealed"
ADDED = "was added behind the seal: no batch holds it"
Checkpoints = Mapping[int, str]  # number of a batch → its hash, as kept outside the database


def head_of(name: str) -> ChainHead | None:
    """Where a chain ends; None before anything was sealed."""
    return db.session.scalar(select(ChainHead).where(ChainHead.name == name))  # type: ignore[no-any-return]


def heads() -> Sequence[ChainHead]:
    """Where each chain ends."""
    return db.session.scalars(select(ChainHead).order_by(ChainHead.name)).all()  # type: ignore[no-any-return]


def waiting_for_seal(name: str) -> int:
    """How many rows of a chain's table no batch holds yet."""
    head = head_of(name)
    return SOURCES[name].count() - (head.row_count if head is not None else 0)


def transactions() -> tuple[int, int] | None:
    """(the oldest that still runs, the next one to begin) of PostgreSQL; None on SQLite, where
    one transaction writes at a time."""
    if db.engine.dialect.name == "sqlite":
        return None
    oldest, following = db.session.execute(
        text(
            "SELECT pg_snapshot_xmin(now.it)::text::bigint, pg_snapshot_xmax(now.it)::text::bigint "
            "FROM (SELECT pg_current_snapshot() AS it) AS now"
        )
    ).one()
    return int(oldest), int(following)


def verified(name: str, kept: Checkpoints | None = None) -> Report:
    """Hold every row and every batch of a chain against its hashes, a few thousand rows at a time.

    `kept` are hashes of batches known from outside: a chain that was cut off and sealed anew does
    not have them. Ends the caller's read transaction again and again.
    """
    source, head = SOURCES[name], head_of(name)
    report = Report(name, source.table)
    mark = 0
    if head is not None:
        report.number, report.head, mark = head.number, head.hash or START, head.mark_id
    _hold_batches(report, 0, START, kept or {})
    _hold_rows(report, mark)
    return report


def verified_since(head: ChainHead) -> Report:
    """Hold only what was sealed after the last whole look against its hashes: for `portal doctor`,
    often and cheaply."""
    report = Report(head.name, SOURCES[head.name].table, head.number, head.hash or START)
    _hold_batches(report, head.verified_number, head.verified_hash or START, {})
    for batch in _batches(head.name, head.verified_number, head.number):
        _hold_one(report, batch)
    return report


def violations() -> list[str]:
    """Sentences about what the last whole look found, and what was sealed since."""
    wrong = []
    for head in heads():
        if head.wrong_count:
            wrong.append(f"{head.first_wrong} ({head.wrong_count} in all)")
        wrong += [one.sentence for one in verified_since(head).findings]
    return wrong


# ---- inside
def _hold_batches(report: Report, after: int, previous: str, kept: Checkpoints) -> None:
    """Numbers without a gap, each hash that of its contents, each naming the one before."""
    expected = after
    for batch in _batches(report.name, after, report.number):
        expected += 1
        if batch.number != expected:
            report.wrong("chain_batches", expected, f"batch {expected} of {report.name} is missing")
            expected = batch.number
        elif batch.previous != previous:
            report.wrong("chain_batches", batch.number, f"batch {batch.number} of {report.name} "
                         f"does not follow the batch before it")  # fmt: skip
        own = rules.batch_hash(batch.chain, batch.number, batch.previous, batch.members)
        if own != batch.hash:
            report.wrong("chain_batches", batch.number, f"batch {batch.number} of {report.name} "
                         "is not what was sealed: its rows or its hash were changed")  # fmt: skip
        _hold_kept(report, batch.number, batch.hash, kept)
        previous = batch.hash
    _hold_end(report, expected, previous, kept)


def _hold_kept(report: Report, number: int, found: str, kept: Checkpoints) -> None:
    if kept.get(number, found) != found:
        what = "has not the hash that was kept outside the database: it was sealed anew"
        report.wrong("chain_batches", number, f"batch {number} of {report.name} {what}")


def _hold_end(report: Report, last: int, hash_of_last: str, kept: Checkpoints) -> None:
    if last != report.number or hash_of_last != report.head:
        report.wrong("chain_heads", report.number, f"{report.name} should end at batch "
                     f"{report.number}, and ends at {last}")  # fmt: skip
    beyond = max(kept, default=0)
    if beyond > report.number:
        report.wrong("chain_heads", beyond, f"{report.name} was sealed up to batch {beyond}, "
                     f"as kept outside the database, and ends at {report.number}: its end was "
                     "cut off, or an older backup was restored")  # fmt: skip


def _batches(name: str, after: int, last: int) -> Iterator[ChainBatch]:
    """Batches in the order of their numbers, some at a time."""
    while True:
        rows = db.session.scalars(
            select(ChainBatch)
            .where(ChainBatch.chain == name, ChainBatch.number > after, ChainBatch.number <= last)
            .order_by(ChainBatch.number)
            .limit(BATCHES_AT_ONCE)
        ).all()
        yield from rows
        if len(rows) < BATCHES_AT_ONCE:
            return
        after = rows[-1].number
        end_read()


@dataclass(slots=True)
class _Sealed:
    """What the batches say about ids that the scan has not passed yet."""

    name: str
    last: int
    known: dict[int, bytes] = field(default_factory=dict)
    _next: tuple[int, int] | None = (-(1 << 62), 0)

    def read_up_to(self, row_id: int) -> None:
        """Take in every batch that begins at or before an id; batches may overlap."""
        while self._next is not None and self._next[0] <= row_id:
            first, number = self._next
            rows = db.session.execute(
                select(ChainBatch.first_id, ChainBatch.number, ChainBatch.members)
                .where(ChainBatch.chain == self.name, ChainBatch.number <= self.last)
                .where(
                    (ChainBatch.first_id > first)
                    | ((ChainBatch.first_id == first) & (ChainBatch.number > number))
                )
                .order_by(ChainBatch.first_id, ChainBatch.number)
                .limit(BATCHES_AT_ONCE)
            ).all()
            for _, _, members in rows:
                self.known.update(_members(members))
            self._next = (rows[-1][0], rows[-1][1]) if len(rows) == BATCHES_AT_ONCE else None


def _members(members: bytes) -> list[rules.Member]:
    # A list that is cut off is a finding of its own (`_hold_batches`); what is whole counts here.
    whole = len(members) - len(members) % 40
    return rules.unpacked(members[:whole])


def _hold_rows(report: Report, mark: int) -> None:
    """Every row against its seal, in the order of ids: changed, missing, swapped or added."""
    source, sealed = SOURCES[report.name], _Sealed(report.name, report.number)
    after = source.lowest_id() - 1
    while True:
        found = source.next_ids(after, ROWS_AT_ONCE)
        last = found[1] if found else (1 << 62)
        sealed.read_up_to(last)
        rows = source.between(after, last) if found else []
        _hold_chunk(report, rows, last, mark, sealed.known)
        if not found:
            return
        after = last
        end_read()


def _hold_chunk(
    report: Report, rows: Sequence[rules.Member], last: int, mark: int, known: dict[int, bytes]
) -> None:
    there, unsealed = {}, []
    for row_id, digest in rows:
        expected = known.pop(row_id, None)
        if expected is None:
            unsealed.append(row_id)
            continue
        report.rows += 1
        if expected != digest:
            there[row_id] = (expected, digest)
    wrong = dict.fromkeys(there, CHANGED) | _swapped(there)
    for row_id in unsealed:
        if row_id <= mark:
            wrong[row_id] = ADDED
        else:
            report.waiting += 1
    for row_id in [one for one in known if one <= last]:
        del known[row_id]
        wrong[row_id] = "is missing: it was sealed, and is no longer there"
    for row_id in sorted(wrong):
        report.wrong(report.table, row_id, wrong[row_id])


def _swapped(changed: Mapping[int, tuple[bytes, bytes]]) -> dict[int, str]:
    """Rows that hold what was sealed as another one of those that changed."""
    owners = {expected: row_id for row_id, (expected, _) in changed.items()}
    return {
        row_id: f"holds what was sealed as row {owners[digest]}: rows were put in another order"
        for row_id, (_, digest) in changed.items()
        if digest in owners
    }


def _hold_one(report: Report, batch: ChainBatch) -> None:
    members = dict(_members(batch.members))
    rows = SOURCES[batch.chain].between(batch.first_id - 1, batch.last_id)
    present = {row_id: digest for row_id, digest in rows if row_id in members}
    _hold_chunk(report, sorted(present.items()), batch.last_id, 0, members)
