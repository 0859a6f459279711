"""What a run that is being sent still waits for: its rails, or people."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, select

from portal.kernel.money import Money
from portal.payouts.models import WAITING, Payout, PayoutRun
from portal.payouts.queries import Sum
from portal.storage.model import db


@dataclass(frozen=True, slots=True)
class Waits:
    """Payouts of a run without an end: those a rail still sends, and those that somebody has to
    pay by hand and a second person to mark."""

    by_rail: int = 0
    by_hand: Sum | None = None

    @property
    def is_for_a_person(self) -> bool:
        """Nothing goes on by itself any more."""
        return self.by_hand is not None and not self.by_rail


def waits_of(runs: Sequence[PayoutRun]) -> dict[int, Waits]:
    """What each of these runs waits for, by row id; a run that waits for nothing is absent."""
    is_by_hand = case((Payout.rail == "manual", 1), else_=0)
    rows = db.session.execute(
        select(Payout.run_id, is_by_hand, func.count(), func.sum(Payout.amount_minor))
        .where(Payout.run_id.in_([run.id for run in runs]), Payout.status.in_(WAITING))
        .group_by(Payout.run_id, is_by_hand)
    )
    currencies = {run.id: run.currency for run in runs}
    found: dict[int, Waits] = {}
    for run_id, by_hand, count, minor in rows:
        before = found.get(run_id, Waits())
        hand = Sum(count, Money(int(minor), currencies[run_id])) if by_hand else before.by_hand
        found[run_id] = Waits(before.by_rail if by_hand else count, hand)
    return found
