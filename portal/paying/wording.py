"""Schedules, ways and fees in words. Pure."""

from collections.abc import Sequence

from portal.creators.models import Rail
from portal.kernel.money import Money
from portal.kernel.writing import ordinal
from portal.paying.models import FeeBearer, Schedule
from portal.paying.rules import FIRST, MIDDLE, NET_DAYS

SCHEDULES = {
    Schedule.MONTHLY: "Once a month, on the program’s pay day",
    Schedule.TWICE_A_MONTH: "Twice a month, on the 1st and the 15th",
    Schedule.NET_7: "7 days after the end of the month",
    Schedule.NET_15: "15 days after the end of the month",
    Schedule.NET_30: "30 days after the end of the month",
    Schedule.NET_45: "45 days after the end of the month",
    Schedule.NET_60: "60 days after the end of the month",
    Schedule.NET_90: "90 days after the end of the month",
}
WAYS = {
    Rail.STRIPE: "Stripe, to connected accounts",
    Rail.SEPA: "Bank transfer (SEPA), by a file for your bank",
    Rail.PAYPAL: "PayPal, by a file for its upload",
    Rail.CREDIT: "Store credit",
    Rail.MANUAL: "By hand, as agreed",
}
BEARERS = {FeeBearer.BRAND: "The brand", FeeBearer.CREATOR: "The creator"}


def paid_words(schedule: Schedule, pay_day: int) -> str:
    """When a brand pays, as a sentence's part: "on the 5th of each month", "30 days after the end
    of each month"."""
    if schedule in NET_DAYS:
        return f"{NET_DAYS[schedule]} days after the end of each month"
    if schedule is Schedule.TWICE_A_MONTH:
        return f"on the {ordinal(FIRST)} and the {ordinal(MIDDLE)} of each month"
    return f"on the {ordinal(pay_day)} of each month"


def ways_words(ways: Sequence[str]) -> str:
    """The ways a brand offers, in their usual order."""
    return "; ".join(words for rail, words in WAYS.items() if rail.value in ways)


def fees_words(rate_bp: int, fixed: Money) -> str:
    """ "2.9% and $0.30 a payout", "2.9%", or "nothing"."""
    share = f"{rate_bp // 100}.{rate_bp % 100:02}".rstrip("0").rstrip(".") + "%" if rate_bp else ""
    each = f"{fixed} a payout" if fixed else ""
    return " and ".join(one for one in (share, each) if one) or "nothing"
