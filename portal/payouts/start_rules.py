"""When an approved run may begin, and for how long its approval holds. Pure."""

from datetime import date, datetime, timedelta

from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money

APPROVAL_LAPSES = timedelta(hours=72)
WAITS_DAYS = 92  # for a pay date: the longest net term, and a day or two
FUNDS_ARE_KNOWN = timedelta(hours=1)  # after the balance was asked for an approval


def check_pay_on(pay_on: date, today: date) -> None:
    """Raises InvalidInput for a pay date in the past, or too far ahead to set money aside for."""
    if pay_on < today:
        raise InvalidInput("pay_on", "Choose today or a later day: a run cannot pay in the past.")
    if pay_on > today + timedelta(days=WAITS_DAYS):
        raise InvalidInput(
            "pay_on", f"Choose a day within {WAITS_DAYS} days: the money is set aside until then."
        )


def lapses_at(approved_at: datetime, sends_at: datetime) -> datetime:
    """When an approval that nothing came of ends: 72 hours after it, or after the pay date began
    when that is later (UX 6.11)."""
    return max(approved_at, sends_at) + APPROVAL_LAPSES


def short_words(short: Money, then: str) -> str:
    """Why a run is not sent: "The provider's balance is short by 10.00 USD. Top it up, …"."""
    return f"The provider's balance is short by {short}. Top it up, then {then}."
