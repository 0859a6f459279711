"""Look at runs and payouts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, select
from sqlalchemy.orm import aliased

from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.kernel.money import Money
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.ledger import accounts
from portal.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal
from portal.payouts import rules
from portal.payouts.models import (
    GONE,
    IN_RUN,
    OVER,
    TO_SEND,
    WAITING,
    BlockedReason,
    Caution,
    Payout,
    PayoutAttempt,
    PayoutRun,
    PayoutRunEditor,
    PayoutStatus,
    RunStatus,
    is_gone,
)
from portal.payouts.owing_queries import is_ours
from portal.payouts.violations import in_books as in_books
from portal.payouts.violations import violations as violations
from portal.storage.model import db


# ---- runs
def run(run_id: int) -> PayoutRun:
    """A run by row id. Raises NotFound."""
    found = db.session.get(PayoutRun, run_id)
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def one_of_brand(brand_id: int, public_id: str) -> PayoutRun:
    """A brand's run. Raises NotFound, for another brand's run as well."""
    found = db.session.scalar(
        select(PayoutRun).where(PayoutRun.brand_id == brand_id, PayoutRun.public_id == public_id)
    )
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def runs_of_brand(
    brand_id: int, request: PageRequest, status: RunStatus | None = None
) -> Page[PayoutRun]:
    """A brand's runs, newest first."""
    wanted = select(PayoutRun).where(PayoutRun.brand_id == brand_id)
    if status:
        wanted = wanted.where(PayoutRun.status == status)
    return _page(wanted, PayoutRun.id, request)


def open_run(brand_id: int, currency: str) -> PayoutRun | None:
    """The one run of this brand and currency that is not over yet."""
    over = (*OVER, RunStatus.CANCELLED)
    return db.session.scalar(  # type: ignore[no-any-return]
        select(PayoutRun).where(
            PayoutRun.brand_id == brand_id,
            PayoutRun.currency == currency,
            PayoutRun.status.not_in(over),
        )
    )


def last_runs(found: PayoutRun, count: int = 3) -> Sequence[PayoutRun]:
    """The finished runs of the same currency before this one, oldest first."""
    rows = db.session.scalars(
        select(PayoutRun)
        .where(
            PayoutRun.brand_id == found.brand_id,
            PayoutRun.currency == found.currency,
            PayoutRun.status.in_(OVER),
            PayoutRun.id < found.id,
        )
        .order_by(PayoutRun.id.desc())
        .limit(count)
    )
    return list(rows)[::-1]


def acts_of(run_id: int) -> dict[int, str]:
    """Everyone who prepared, edited or submitted a run, with what she did first."""
    rows = db.session.execute(
        select(PayoutRunEditor.user_id, PayoutRunEditor.act).where(PayoutRunEditor.run_id == run_id)
    )
    return dict(rows.all())


def editors_of(run_id: int) -> frozenset[int]:
    """Everyone who prepared, edited or submitted a run: none of them may approve it (R87)."""
    return frozenset(acts_of(run_id))


def markers_in(acts: Mapping[int, str]) -> frozenset[int]:
    """Of those who edited a run, who did no more than mark payouts of it as paid another way."""
    return frozenset(who for who, act in acts.items() if act == PayoutRunEditor.MARKED)


# ---- payouts of a run
def payout(payout_id: int) -> Payout:
    """A payout by row id. Raises NotFound."""
    found = db.session.get(Payout, payout_id)
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def payouts(payout_ids: Sequence[int]) -> dict[int, Payout]:
    """Several payouts by row id."""
    rows = db.session.scalars(select(Payout).where(Payout.id.in_(payout_ids)))
    return {row.id: row for row in rows}


def payout_of_run(run_id: int, public_id: str) -> Payout:
    """One payout of a run. Raises NotFound."""
    found = db.session.scalar(
        select(Payout).where(Payout.run_id == run_id, Payout.public_id == public_id)
    )
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Sum:
    """How many payouts, and how much."""

    count: int
    amount: Money


def by_status(found: PayoutRun, *, apart: bool | None = None) -> dict[PayoutStatus, Sum]:
    """A run's payouts by state; a state nobody is in is absent. `apart`: only those that were
    taken out of it in review, or only the others."""
    which = [Payout.run_id == found.id]
    if apart is not None:
        which.append(Payout.is_apart == apart)
    rows = db.session.execute(
        select(Payout.status, func.count(), func.sum(Payout.amount_minor))
        .where(*which)
        .group_by(Payout.status)
    )
    return {status: Sum(n, Money(int(minor), found.currency)) for status, n, minor in rows}


def by_reason(found: PayoutRun) -> list[tuple[BlockedReason, Sum]]:
    """A run's blocked payouts by reason, the largest sum first."""
    rows = db.session.execute(
        select(Payout.blocked_reason, func.count(), func.sum(Payout.amount_minor))
        .where(Payout.run_id == found.id, Payout.status == PayoutStatus.BLOCKED)
        .group_by(Payout.blocked_reason)
    )
    sums = [
        (reason, Sum(n, Money(int(minor), found.currency)))
        for reason, n, minor in rows
        if reason is not None
    ]
    return sorted(sums, key=lambda pair: -pair[1].amount.minor)


def by_caution(found: PayoutRun) -> list[tuple[Caution, int]]:
    """How many payouts of a run carry each warning."""
    counts = [
        func.count(case((Payout.cautions.contains(f" {caution.value} "), 1))) for caution in Caution
    ]
    row = db.session.execute(
        select(*counts).where(Payout.run_id == found.id, Payout.status.in_(IN_RUN))
    ).one()
    return [(caution, n) for caution, n in zip(Caution, row, strict=True) if n]


def attempts_of(payout_id: int) -> Sequence[PayoutAttempt]:
    """Every try to send a payout, oldest first."""
    rows = db.session.scalars(
        select(PayoutAttempt)
        .where(PayoutAttempt.payout_id == payout_id)
        .order_by(PayoutAttempt.attempt)
    )
    return rows.all()  # type: ignore[no-any-return]


def has_lines(run_id: int) -> bool:
    """Whether anything was calculated before."""
    found = db.session.scalar(select(Payout.id).where(Payout.run_id == run_id).limit(1))
    return found is not None


def has_waiting(run_id: int) -> bool:
    """Whether any payout of a run has no end yet."""
    found = db.session.scalar(
        select(Payout.id).where(Payout.run_id == run_id, Payout.status.in_(WAITING)).limit(1)
    )
    return found is not None


def has_status(run_id: int, status: PayoutStatus) -> bool:
    """Whether any payout of a run is in this state."""
    found = db.session.scalar(
        select(Payout.id).where(Payout.run_id == run_id, Payout.status == status).limit(1)
    )
    return found is not None


def batch_of(run_id: int, status: PayoutStatus, after_id: int, size: int) -> list[int]:
    """Row ids of a run's payouts in a state, in slices by id."""
    rows = db.session.scalars(
        select(Payout.id)
        .where(Payout.run_id == run_id, Payout.status == status, Payout.id > after_id)
        .order_by(Payout.id)
        .limit(size)
    )
    return list(rows)


def queued_of(run_id: int, payout_ids: Sequence[int]) -> list[int]:
    """Those of these payouts that belong to the run and still wait to be sent, locked."""
    rows = db.session.scalars(
        select(Payout.id)
        .where(
            Payout.run_id == run_id,
            Payout.id.in_(payout_ids),
            Payout.status == PayoutStatus.QUEUED,
        )
        .order_by(Payout.id)
        .with_for_update()
    )
    return list(rows)


def run_ids_in(status: RunStatus) -> list[int]:
    """Row ids of every brand's runs in a state."""
    return list(db.session.scalars(select(PayoutRun.id).where(PayoutRun.status == status)))


def unreconciled(instance: str) -> list[int]:
    """Finished runs that this installation has not compared with their rails; those that
    differed, or found the books wrong, again after `rules.COMPARE_AGAIN`."""
    was_wrong = (PayoutRun.difference_minor != 0) | (PayoutRun.failure != "")
    is_old = PayoutRun.reconciled_at <= clock.now() - rules.COMPARE_AGAIN
    ended = (RunStatus.COMPLETED, RunStatus.COMPLETED_WITH_FAILURES, RunStatus.STOPPED)
    rows = db.session.scalars(
        select(PayoutRun.id).where(
            PayoutRun.status.in_(ended),
            PayoutRun.reconciled_at.is_(None)
            | (was_wrong & is_old)
            | (PayoutRun.instance != instance),
        )
    )
    return [run_id for run_id in rows if not has_waiting(run_id)]


@dataclass(frozen=True, slots=True)
class Sent:
    """What left: as the rail carried it, and as it was owed; and by which payout (public id)."""

    pays: Money
    amount: Money
    payout: str = ""


def sent_by_rails(run_id: int) -> dict[str, Sent]:
    """By provider reference what this run sent by rails, returned ones included."""
    rows = db.session.scalars(
        select(Payout).where(
            Payout.run_id == run_id,
            Payout.rail != "manual",
            Payout.status.in_((*GONE, PayoutStatus.RETURNED)),
        )
    )
    return {
        one.provider_ref: Sent(one.pays, one.amount, one.public_id)
        for one in rows
        if one.provider_ref
    }


def still_to_hand(run_id: int, rail: str) -> bool:
    """Whether more payouts of this run may yet come to this rail."""
    found = db.session.scalar(
        select(Payout.id)
        .where(
            Payout.run_id == run_id,
            Payout.rail == rail,
            Payout.status.in_(TO_SEND),
        )
        .limit(1)
    )
    return found is not None


def ids_of(run_id: int, public_ids: Sequence[str]) -> dict[str, int]:
    """Public id → row id of a run's payouts."""
    rows = db.session.execute(
        select(Payout.public_id, Payout.id).where(
            Payout.run_id == run_id, Payout.public_id.in_(public_ids)
        )
    )
    return {row.public_id: row.id for row in rows}


# ---- what a creator sees
def payouts_of_creator(creator_id: int, request: PageRequest) -> Page[Payout]:
    """A creator's own payouts in runs that were approved, and those that finance left to the next
    run, newest first."""
    wanted = select(Payout).where(Payout.creator_id == creator_id, _is_shown())
    return _page(wanted, Payout.id, request)


def payouts_to(brand_id: int, creator_id: int, request: PageRequest) -> Page[Payout]:
    """Every line of a brand's runs for one creator, blocked ones too, newest first."""
    wanted = select(Payout).where(Payout.creator_id == creator_id, Payout.brand_id == brand_id)
    return _page(wanted, Payout.id, request)


def runs_by_id(run_ids: Sequence[int]) -> dict[int, PayoutRun]:
    """Several runs at once, for lists."""
    rows = db.session.scalars(select(PayoutRun).where(PayoutRun.id.in_(set(run_ids))))
    return {run.id: run for run in rows}


def one_of_creator(creator_id: int, public_id: str) -> Payout:
    """A creator's payout once it was approved, or left to the next run. Raises NotFound."""
    found = db.session.scalar(
        select(Payout).where(
            Payout.creator_id == creator_id, Payout.public_id == public_id, _is_shown()
        )
    )
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


# ---- the books behind a payout
def refunds_since(found: PayoutRun) -> Sum:
    """What refunds took from this run's creators after its lines were calculated: it waits for
    the next run (R86). The count is of creators."""
    rows = db.session.execute(
        select(Payout.creator_id, func.sum(LedgerEntry.amount_minor))
        .join(LedgerAccount, LedgerAccount.creator_id == Payout.creator_id)
        .join(LedgerEntry, LedgerEntry.account_id == LedgerAccount.id)
        .join(LedgerJournal, LedgerJournal.id == LedgerEntry.journal_id)
        .where(
            Payout.run_id == found.id,
            Payout.status.in_(IN_RUN),
            LedgerAccount.brand_id == found.brand_id,
            LedgerAccount.state == "payable",
            LedgerAccount.currency == found.currency,
            LedgerEntry.id > Payout.up_to_entry_id,
            LedgerEntry.amount_minor < 0,
            ~is_ours(LedgerJournal),
        )
        .group_by(Payout.creator_id)
    ).all()
    return Sum(len(rows), Money(sum(int(minor) for _, minor in rows), found.currency))


@dataclass(frozen=True, slots=True)
class BookLine:
    """One entry of a creator's payable account that a payout covers."""

    at: object
    reason: str
    reference: str
    amount: Money


def covered_by(found: Payout, limit: int = 200) -> list[BookLine]:
    """What a payout is made of: the entries of the payable account since the payout before."""
    earlier = aliased(Payout)
    since = (
        select(func.coalesce(func.max(earlier.up_to_entry_id), 0))
        .where(
            earlier.creator_id == found.creator_id,
            earlier.brand_id == found.brand_id,
            earlier.currency == found.currency,
            is_gone(earlier.status),
            earlier.id < found.id,
        )
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            LedgerJournal.at,
            LedgerJournal.reason,
            LedgerJournal.reference,
            LedgerEntry.amount_minor,
        )
        .join(LedgerJournal, LedgerJournal.id == LedgerEntry.journal_id)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(
            LedgerAccount.name == accounts.payable(found.brand_id, found.creator_id),
            LedgerAccount.currency == found.currency,
            LedgerEntry.id > since,
            LedgerEntry.id <= found.up_to_entry_id,
            ~is_ours(LedgerJournal),
        )
        .order_by(LedgerJournal.at.desc(), LedgerEntry.id.desc())
        .limit(limit)
    )
    return [BookLine(at, why, ref, Money(m, found.currency)) for at, why, ref, m in rows]


# ---- inside
def _is_shown() -> ColumnElement[bool]:
    """Whether a payout is one that its creator sees."""
    shown = (*GONE, *WAITING, PayoutStatus.FAILED, PayoutStatus.RETURNED)
    left = (Payout.status == PayoutStatus.ROLLED_OVER) & (Payout.amount_minor > 0)
    return Payout.status.in_(shown) | left


def _page(wanted: Select[Any], key: Any, request: PageRequest) -> Page[Any]:
    total = _count(wanted)
    position = request.position()
    if position:
        wanted = wanted.where(key < int(position[0]))
    rows = db.session.scalars(wanted.order_by(key.desc()).limit(request.size + 1)).all()
    cursor = cursor_of(rows[request.size - 1].id) if len(rows) > request.size else None
    return Page(rows[: request.size], cursor, total, is_first=position is None)


def _count(wanted: Select[Any]) -> int:
    capped = wanted.with_only_columns(literal(1)).limit(COUNT_CAP + 1)
    return int(db.session.scalar(select(func.count()).select_from(capped.subquery())) or 0)
