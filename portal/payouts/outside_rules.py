"""Which payouts a second person may mark as paid another way, and for which day. Pure."""

from datetime import date, timedelta

from portal.kernel.errors import InvalidInput
from portal.payouts.models import Payout, PayoutRun, PayoutStatus, RunStatus

OLDEST = timedelta(days=365)  # so long ago may such a payment have been made
TIMES = (
    RunStatus.IN_REVIEW, RunStatus.EXECUTING, RunStatus.PAUSED, RunStatus.COMPLETED_WITH_FAILURES,
)  # fmt: skip


def is_markable(run: PayoutRun, payout: Payout) -> bool:
    """Ready in a run in review; failed, or of the manual rail and queued, once it was approved."""
    if run.is_editable:
        return payout.status is PayoutStatus.READY
    is_by_hand = payout.status is PayoutStatus.QUEUED and payout.rail == "manual"
    return run.status in TIMES and (is_by_hand or payout.status is PayoutStatus.FAILED)


def check_day(on: date, today: date) -> None:
    """Raises InvalidInput for a day on which such a payment cannot have been made."""
    if on > today:
        raise InvalidInput("on", "Choose today or a day before: this payment was made already.")
    if on < today - OLDEST:
        raise InvalidInput("on", "Choose a day of the last twelve months.")
