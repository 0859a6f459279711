"""What a run that is being sent still waits for: its rails, or people."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import case, func, select

from portal.kernel.money import Money
from portal.payouts import queries
from portal.payouts.models import TO_SEND, WAITING, Payout, PayoutRun, PayoutStatus, RunStatus
from portal.payouts.queries import Sum
from portal.sending_stops import queries as stops
from portal.storage.model import db

LEFT_BEHIND = timedelta(seconds=60)
UNDER_WAY = (RunStatus.EXECUTING, RunStatus.APPROVED, RunStatus.PAUSED)


@dataclass(frozen=True, slots=True)
class Waits:
    """Payouts of a run without an end: those a rail still sends, those in payment files, and those
    that somebody has to pay by hand and a second person to mark."""

    by_rail: int = 0
    by_hand: Sum | None = None
    in_files: Sum | None = None

    @property
    def is_for_a_person(self) -> bool:
        """Nothing goes on by itself any more."""
        return bool(self.by_hand or self.in_files) and not self.by_rail


def waits_of(runs: Sequence[PayoutRun]) -> dict[int, Waits]:
    """What each of these runs waits for, by row id; a run that waits for nothing is absent."""
    how = case(
        (Payout.rail == "manual", "hand"), (Payout.status == PayoutStatus.HANDED, "file"),
        else_="rail",
    )  # fmt: skip
    rows = db.session.execute(
        select(Payout.run_id, how, func.count(), func.sum(Payout.amount_minor))
        .where(Payout.run_id.in_([run.id for run in runs]), Payout.status.in_(WAITING))
        .group_by(Payout.run_id, how)
    )
    currencies = {run.id: run.currency for run in runs}
    found: dict[int, Waits] = {}
    for run_id, way, count, minor in rows:
        before = found.get(run_id, Waits())
        total = Sum(count, Money(int(minor), currencies[run_id]))
        more = {"hand": {"by_hand": total}, "file": {"in_files": total}}
        found[run_id] = replace(before, **more.get(way, {"by_rail": count}))
    return found


def unsent(run: PayoutRun) -> Sum | None:
    """What goes back to its creators when a run is stopped now, tax that was withheld included;
    None: nothing is left."""
    count, minor = db.session.execute(
        select(func.count(), func.sum(Payout.amount_minor + Payout.withheld_minor)).where(
            Payout.run_id == run.id, Payout.status == PayoutStatus.QUEUED
        )
    ).one()
    return Sum(count, Money(int(minor), run.currency)) if count else None


def is_executing(run_id: int) -> bool:
    """Whether a run goes on sending, as it is now: neither paused nor stopped, nor all sending."""
    status = db.session.scalar(select(PayoutRun.status).where(PayoutRun.id == run_id))
    return status is RunStatus.EXECUTING and not stops.is_stopped()


@dataclass(frozen=True, slots=True)
class Left:
    """What runs of one state have left to send in one currency."""

    status: RunStatus
    runs: int
    count: int
    amount: Money


def left_to_send() -> list[Left]:
    """What every brand's runs that are approved, being sent or paused have left."""
    rows = db.session.execute(
        select(
            PayoutRun.status,
            PayoutRun.currency,
            func.count(PayoutRun.id.distinct()),
            func.count(),
            func.sum(Payout.amount_minor),
        )
        .join(Payout, Payout.run_id == PayoutRun.id)
        .where(PayoutRun.status.in_(UNDER_WAY), Payout.status.in_(TO_SEND))
        .group_by(PayoutRun.status, PayoutRun.currency)
        .order_by(PayoutRun.status, PayoutRun.currency)
    )
    return [
        Left(status, runs, count, Money(int(minor), currency))
        for status, currency, runs, count, minor in rows
    ]


def left_behind(now: datetime, limit: int, busy: Sequence[int]) -> list[int]:
    """Payouts of a rail that wait for their end for more than a minute, in runs that go on; queued
    ones not where the run is `busy`: more of its batches wait for their turn, and none while all
    sending is stopped."""
    if stops.is_stopped():
        busy = queries.run_ids_in(RunStatus.EXECUTING)
    goes_on = (PayoutRun.status == RunStatus.EXECUTING) & PayoutRun.id.not_in(busy)
    goes_on |= Payout.status != PayoutStatus.QUEUED
    rows = db.session.scalars(
        select(Payout.id)
        .join(PayoutRun, PayoutRun.id == Payout.run_id)
        .where(
            Payout.status.in_(TO_SEND),
            Payout.rail != "manual",
            Payout.changed_at < now - LEFT_BEHIND,
            goes_on,
        )
        .order_by(Payout.id)
        .limit(limit)
    )
    return list(rows)
