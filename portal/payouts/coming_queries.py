"""The day on which a run pays, and who is in a run that waits for an approver or for that day."""

from datetime import date
from typing import Any

from sqlalchemy import func, select

from portal.identity import queries as identity
from portal.kernel import clock
from portal.payouts.models import Payout, PayoutRun, PayoutStatus, RunStatus
from portal.storage.model import db

COMING = (
    Payout.status.in_((PayoutStatus.READY, PayoutStatus.QUEUED)),
    PayoutRun.status.in_((RunStatus.AWAITING_APPROVAL, RunStatus.APPROVED)),
    PayoutRun.pay_on.is_not(None),
)


def day_of(run: PayoutRun) -> date:
    """The day on which a run pays, in the brand's zone: its pay date, or today once that has
    passed."""
    today = clock.today(identity.brand(run.brand_id).zone)
    return max(run.pay_on or today, today)


def pay_days_of(creator_id: int) -> dict[tuple[int, str], date]:
    """By brand and currency, the pay date of the run that pays her."""
    rows = db.session.execute(
        select(Payout.brand_id, Payout.currency, PayoutRun.pay_on)
        .join(PayoutRun, PayoutRun.id == Payout.run_id)
        .where(Payout.creator_id == creator_id, *COMING)
    )
    return {(brand_id, currency): pay_on for brand_id, currency, pay_on in rows if pay_on}


def pay_day_of(brand_id: Any, creator_id: Any, currency: Any) -> Any:
    """The same as a column for another room's query; null where no run of hers waits."""
    return (
        select(func.min(PayoutRun.pay_on))
        .join(Payout, Payout.run_id == PayoutRun.id)
        .where(
            Payout.brand_id == brand_id,
            Payout.creator_id == creator_id,
            Payout.currency == currency,
            *COMING,
        )
        .correlate_except(Payout, PayoutRun)
        .scalar_subquery()
    )
