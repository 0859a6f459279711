"""Where the money of briefs stands: read from their assignments, so that it cannot drift."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import case, func, or_, select

from portal.briefs.budget_rules import Budget
from portal.briefs.models import (
    OPEN_WORK,
    TAKES_A_PLACE,
    Assignment,
    AssignmentStatus,
    Brief,
)
from portal.kernel.money import Money
from portal.storage.model import db


def standing(brief: Brief) -> Budget:
    """A brief's money as it is now; for a decision, lock the brief first (R95)."""
    rows = db.session.execute(
        select(
            Assignment.status, func.count(), func.sum(Assignment.fee_minor),
            func.sum(Assignment.owed_minor),
        )
        .where(Assignment.brief_id == brief.id)
        .group_by(Assignment.status)
    ).all()  # fmt: skip
    taken = sum(count for status, count, _, _ in rows if status in TAKES_A_PLACE)
    return Budget(
        limit=brief.budget, fee=brief.fee,
        work=_sum(brief, (fees for status, _, fees, _ in rows if status in OPEN_WORK)),
        spent=_sum(brief, (owed for _, _, _, owed in rows)),
        offers=sum(count for status, count, _, _ in rows if status is AssignmentStatus.INVITED),
        places=None if brief.capacity is None else brief.capacity - taken,
    )  # fmt: skip


def violations() -> list[str]:
    """Briefs whose accepted and finished work exceeds their budget (R95), and assignments that
    owe something while they are open. Sentences; empty when all is well."""
    at_work = case((Assignment.status.in_(OPEN_WORK), Assignment.fee_minor), else_=0)
    bound = func.sum(at_work + Assignment.owed_minor)
    over = db.session.execute(
        select(Brief.public_id, Brief.budget_minor, Brief.currency, bound)
        .join(Assignment, Assignment.brief_id == Brief.id)
        .where(Brief.budget_minor.is_not(None))
        .group_by(Brief.id, Brief.public_id, Brief.budget_minor, Brief.currency)
        .having(bound > Brief.budget_minor)
        .order_by(Brief.id)
    )
    found = [
        f"Brief {public_id} has a budget of {Money(limit, currency)}, but promised and spent "
        f"{Money(int(minor), currency)}."
        for public_id, limit, currency, minor in over
    ]
    goes_on = Assignment.status.in_((AssignmentStatus.INVITED, *OPEN_WORK))
    odd = db.session.scalars(
        select(Assignment.public_id)
        .where(or_(Assignment.owed_minor < 0, goes_on & (Assignment.owed_minor != 0)))
        .order_by(Assignment.id)
    )
    return found + [f"Assignment {public_id} owes money while it goes on." for public_id in odd]


def _sum(brief: Brief, minors: Iterable[Any]) -> Money:
    return Money(sum(int(minor) for minor in minors), brief.currency)
