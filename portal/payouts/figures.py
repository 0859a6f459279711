"""Counts and sums that a run's pages show. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, false, func, or_, select, union_all

from portal.creators.models import PayoutDestination
from portal.kernel.money import Money
from portal.payouts import queries, rules, sample_rules
from portal.payouts.item_queries import VIEWS
from portal.payouts.models import (
    GONE,
    IN_RUN,
    LEFT_OUT,
    Caution,
    Payout,
    PayoutAttempt,
    PayoutRun,
    PayoutStatus,
)
from portal.payouts.queries import Sum
from portal.storage.model import db


def view_counts(run: PayoutRun) -> dict[str, int]:
    """How many payouts each view of the list holds, in one query."""
    warned = func.count(case((Payout.cautions != " ", 1)))
    rows = db.session.execute(
        select(Payout.status, func.count(), warned)
        .where(Payout.run_id == run.id)
        .group_by(Payout.status)
    )
    states = {status: (count, warnings) for status, count, warnings in rows}
    counts = {
        view: sum(states[status][0] for status in statuses if status in states)
        for view, statuses in VIEWS.items()
    }
    return {**counts, "warnings": sum(states[one][1] for one in IN_RUN if one in states)}


def commission_count(run: PayoutRun) -> int:
    """How many commissions came into the balances that the run pays, or has paid."""
    count = db.session.scalar(
        select(func.coalesce(func.sum(Payout.commission_count), 0)).where(
            Payout.run_id == run.id, Payout.status.not_in(LEFT_OUT), ~Payout.is_apart
        )
    )
    return int(count or 0)


def first_payouts(run: PayoutRun) -> Sum:
    """Creators who are paid for the first time, and how much of the net that is."""
    count, minor = db.session.execute(
        select(func.count(), func.coalesce(func.sum(Payout.amount_minor), 0)).where(
            Payout.run_id == run.id,
            Payout.status.not_in(LEFT_OUT),
            ~Payout.is_apart,
            Payout.cautions.contains(f" {Caution.FIRST_PAYOUT.value} "),
        )
    ).one()
    return Sum(count, Money(int(minor), run.currency))


def accounts_changed_since(run: PayoutRun) -> int:
    """Payouts whose creator set another account after the run was submitted: they are skipped."""
    count = db.session.scalar(
        select(func.count(func.distinct(Payout.id)))
        .join(PayoutDestination, PayoutDestination.creator_id == Payout.creator_id)
        .where(
            Payout.run_id == run.id,
            Payout.status.in_(IN_RUN),
            PayoutDestination.changed_at > run.submitted_at,
        )
    )
    return int(count or 0) if run.submitted_at else 0


def retryable(run: PayoutRun, now: datetime) -> int:
    """How many failed payouts may be sent again under the same approval."""
    tries = (
        select(func.count())
        .where(PayoutAttempt.payout_id == Payout.id)
        .correlate(Payout)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Payout.is_retryable, tries).where(
            Payout.run_id == run.id, Payout.status == PayoutStatus.FAILED
        )
    )
    return sum(
        rules.retry_refusal(count, is_retryable, run.sent_from, now) is None
        for is_retryable, count in rows
    )


def first_try_bp(run: PayoutRun) -> int | None:
    """The share of sent payouts that needed one attempt, in basis points; None when none went."""
    attempts = (
        select(func.count())
        .where(PayoutAttempt.payout_id == Payout.id)
        .correlate(Payout)
        .scalar_subquery()
    )
    sent, tried = db.session.execute(
        select(
            func.count(case((Payout.status.in_(GONE) & (attempts <= 1), 1))), func.count()
        ).where(Payout.run_id == run.id, Payout.status.in_((*GONE, PayoutStatus.FAILED)))
    ).one()
    return sent * 10_000 // tried if tried else None


def by_refusal(found: PayoutRun) -> list[tuple[str, Sum]]:
    """A run's failed payouts by the refusal's code."""
    rows = db.session.execute(
        select(Payout.refusal_code, func.count(), func.sum(Payout.amount_minor))
        .where(Payout.run_id == found.id, Payout.status == PayoutStatus.FAILED)
        .group_by(Payout.refusal_code)
        .order_by(func.count().desc())
    )
    return [(code, Sum(n, Money(int(minor), found.currency))) for code, n, minor in rows]


def problems(run_id: int, limit: int = 10) -> Sequence[Payout]:
    """The newest payouts of a run that failed or whose end is unknown."""
    states = (PayoutStatus.FAILED, PayoutStatus.UNKNOWN, PayoutStatus.RETURNED)
    rows = db.session.scalars(
        select(Payout)
        .where(Payout.run_id == run_id, Payout.status.in_(states))
        .order_by(Payout.changed_at.desc(), Payout.id)
        .limit(limit)
    )
    return rows.all()  # type: ignore[no-any-return]


def came_back(run: PayoutRun) -> tuple[Sum, Money]:
    """What came back of a run's payouts, and how much of it came from payouts that stay paid in
    part."""
    count, minor, part_minor = db.session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(Payout.returned_minor), 0),
            func.coalesce(func.sum(case((Payout.status.in_(GONE), Payout.returned_minor))), 0),
        ).where(Payout.run_id == run.id, Payout.returned_minor > 0)
    ).one()
    total = Sum(count, Money(int(minor), run.currency))
    return total, Money(int(part_minor), run.currency)


@dataclass(frozen=True, slots=True)
class Sample:
    """What an approver should open, each with why, how many warned payouts it leaves out, and the
    warnings that most payouts carry: those alone choose nobody."""

    rows: list[tuple[Payout, str]]
    left_out: int
    common: list[Caution]


def sample(run: PayoutRun) -> Sample:
    """The payouts an approver should open: the most telling warned ones are among them. Reads
    about as many rows as it shows, however large the run is."""
    counts = queries.by_caution(run)
    common = sample_rules.common_cautions(counts, run.payout_count)
    telling = [caution for caution in sample_rules.TELLING if caution not in common]
    seed = f"{run.public_id}{run.round}"
    marks = frozenset(caution.value for caution in common)
    found = {row.id: row for row in db.session.scalars(_worth_a_look(run, telling, seed))}
    chosen = sample_rules.sample_of(
        [
            sample_rules.Pick(row.id, row.amount_minor, frozenset(row.cautions.split()) - marks)
            for row in found.values()
        ],
        seed,
    )
    left_out = 0
    if sum(count for caution, count in counts if caution in telling) > sample_rules.SAMPLE_WARNED:
        left_out = _count_warned(run, telling) - sum(bool(pick.cautions) for pick in chosen)
    return Sample([(found[pick.payout_id], pick.why) for pick in chosen], left_out, common)


def _worth_a_look(run: PayoutRun, telling: Sequence[Caution], seed: str) -> Select[Any]:
    """The largest, the most telling, and some of the others in an order that the seed decides."""
    first, step = sample_rules.shuffled_by(seed)
    wanted = select(Payout.id).where(Payout.run_id == run.id, Payout.status.in_(IN_RUN))
    largest = (Payout.amount_minor.desc(), Payout.id)
    marked = [(Payout.cautions.contains(f" {one.value} "), n) for n, one in enumerate(telling)]
    by_chance = (Payout.id * step + first) % sample_rules.SHUFFLE
    parts = [
        wanted.order_by(*largest).limit(sample_rules.SAMPLE_LARGEST),
        wanted.where(_is_warned(telling))
        .order_by(case(*marked, else_=len(marked)) if marked else Payout.id, *largest)
        .limit(sample_rules.SAMPLE_WARNED + sample_rules.SAMPLE_LARGEST),
        wanted.where(~_is_warned(telling))
        .order_by(by_chance, Payout.id)
        .limit(sample_rules.SAMPLE),
    ]
    ids = union_all(*(select(part.subquery().c.id) for part in parts))
    return select(Payout).where(Payout.id.in_(ids)).order_by(Payout.id)


def _count_warned(run: PayoutRun, telling: Sequence[Caution]) -> int:
    count = db.session.scalar(
        select(func.count()).where(
            Payout.run_id == run.id, Payout.status.in_(IN_RUN), _is_warned(telling)
        )
    )
    return int(count or 0)


def _is_warned(telling: Sequence[Caution]) -> ColumnElement[bool]:
    return or_(false(), *(Payout.cautions.contains(f" {one.value} ") for one in telling))
