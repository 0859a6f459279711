"""By which rails a run's money goes, what they take for it, and who bears that (R93)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from portal.kernel.money import Money
from portal.paying.models import FeeBearer
from portal.payouts.models import GONE, IN_RUN, Payout, PayoutRun, PayoutStatus
from portal.storage.model import db

TAKEN = (*IN_RUN, *GONE, PayoutStatus.RETURNED)  # a fee stays taken when the money comes back


@dataclass(frozen=True, slots=True)
class RailSum:
    """Payouts of a run by one rail whose fee one side bears: `amount` leaves balances, `pays`
    arrives where that is the same currency."""

    rail: str
    bearer: FeeBearer
    count: int
    amount: Money
    pays: Money
    fee: Money


def by_rail(run: PayoutRun, statuses: Sequence[PayoutStatus] = IN_RUN) -> list[RailSum]:
    """A run's payouts in these states: by default those that are paid or to be paid."""
    pays = func.coalesce(Payout.pays_minor, Payout.amount_minor)
    sums = (func.sum(one) for one in (Payout.amount_minor, pays, Payout.fee_minor))
    rows = db.session.execute(
        select(Payout.rail, Payout.fee_bearer, func.count(), *sums)
        .where(Payout.run_id == run.id, Payout.status.in_(statuses))
        .group_by(Payout.rail, Payout.fee_bearer)
        .order_by(Payout.rail, Payout.fee_bearer)
    )
    return [
        RailSum(rail, bearer, count, *(Money(int(minor), run.currency) for minor in minors))
        for rail, bearer, count, *minors in rows
    ]


def taken(run: PayoutRun) -> Money:
    """What the rails take for a run's payouts, those to come included."""
    fee = select(func.sum(Payout.fee_minor)).where(
        Payout.run_id == run.id, Payout.status.in_(TAKEN)
    )
    return Money(int(db.session.scalar(fee) or 0), run.currency)
