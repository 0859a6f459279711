"""When the next pay day is, what a rail takes, what an amount is worth elsewhere. Pure."""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from stdnum import bic, iban
from stdnum.exceptions import ValidationError

from portal.creators.models import Rail
from portal.kernel import currencies
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.paying.models import Schedule

WAYS = tuple(rail.value for rail in Rail)
USUAL_WAYS = (Rail.STRIPE.value, Rail.MANUAL.value)
MILLION = 1_000_000
RATE_MOST = 10**15
FEE_MOST_BP = 2_000
NET_DAYS = {
    Schedule.NET_7: 7, Schedule.NET_15: 15, Schedule.NET_30: 30, Schedule.NET_45: 45,
    Schedule.NET_60: 60, Schedule.NET_90: 90,
}  # fmt: skip
FIRST, MIDDLE = 1, 15


@dataclass(frozen=True, slots=True)
class PayDay:
    """A day on which a brand pays what was payable at the end of another."""

    cutoff_on: date
    pay_on: date


def next_pay_day(schedule: Schedule, pay_day: int, today: date) -> PayDay:
    """The next day on which a brand pays, today included (R85). `pay_day` is the day of the month
    of its programs, 1 to 28; days are those of the program's time zone."""
    if schedule in NET_DAYS:
        ends = (_month_end(_months_before(today, back)) for back in range(5, -2, -1))
        days = [PayDay(end, end + timedelta(days=NET_DAYS[schedule])) for end in ends]
    elif schedule is Schedule.TWICE_A_MONTH:
        starts = [_months_before(today, back) for back in (0, -1)]
        days = [_eve(start.replace(day=day)) for start in starts for day in (FIRST, MIDDLE)]
    else:
        starts = [_months_before(today, back) for back in (0, -1)]
        days = [PayDay(start - timedelta(days=1), start.replace(day=pay_day)) for start in starts]
    return min((day for day in days if day.pay_on >= today), key=lambda day: day.pay_on)


def pay_day_of(schedule: Schedule, pay_day: int, cutoff_on: date) -> date | None:
    """On which day a schedule pays what was payable at the end of this one; None when none of its
    periods ends then (R85)."""
    next_day = cutoff_on + timedelta(days=1)
    if schedule is Schedule.TWICE_A_MONTH:
        return next_day if next_day.day in (FIRST, MIDDLE) else None
    if next_day.day != FIRST:
        return None
    if schedule in NET_DAYS:
        return cutoff_on + timedelta(days=NET_DAYS[schedule])
    return next_day.replace(day=pay_day)


def last_cutoff(schedule: Schedule, today: date) -> date:
    """The newest last day that a run of this schedule pays, before today."""
    if schedule is Schedule.TWICE_A_MONTH and today.day >= MIDDLE:
        return today.replace(day=MIDDLE - 1)
    return today.replace(day=1) - timedelta(days=1)


def _eve(pay_on: date) -> PayDay:
    return PayDay(pay_on - timedelta(days=1), pay_on)


def _months_before(today: date, back: int) -> date:
    year, month = divmod(today.year * 12 + today.month - 1 - back, 12)
    return date(year, month + 1, 1)


def _month_end(first: date) -> date:
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def fee_of(amount: Money, fee_bp: int, fixed: Money | None = None) -> Money:
    """What a rail takes for carrying an amount, rounded once, and a fixed part beside it: 2.9 % of
    10.00 is 0.29; 0.25 % and 0.25 a payout of 100.00 is 0.50 (R93)."""
    share = amount.portion(fee_bp)
    return share if fixed is None else share + fixed


def with_uplift(amount: Money, uplift_bp: int) -> Money:
    """Store credit instead of money: 100.00 with 10 % more is 110.00 (R94)."""
    return amount + amount.portion(uplift_bp)


def converted(amount: Money, rate_millionths: int, target: str) -> Money:
    """An amount in another currency, rounded half up, once (R96)."""
    ours, theirs = currencies.exponent(amount.currency), currencies.exponent(target)
    return Money(amount.minor, target).scaled(rate_millionths * 10**theirs, MILLION * 10**ours)


def rate_from(text: str) -> int:
    """ "0.9215" as millionths. Raises InvalidInput for what is no positive number, or too fine."""
    try:
        value = Decimal(text.strip()) * MILLION
    except InvalidOperation:
        raise InvalidInput("rate", "Write a rate such as 0.9215.") from None
    if not value.is_finite() or not 0 < value < RATE_MOST:
        raise InvalidInput("rate", "Write a rate above zero, such as 0.9215.")
    if value != int(value):
        raise InvalidInput("rate", "Use at most six decimals.")
    return int(value)


def rate_words(rate_millionths: int) -> str:
    """A rate as it was typed: "0.9215"."""
    return f"{(Decimal(rate_millionths) / MILLION).normalize():f}"


def check_ways(
    ways: Sequence[str], fees: Mapping[str, int], fixed: Mapping[str, Mapping[str, int]],
    uplift_bp: int,
) -> None:  # fmt: skip
    """Raises InvalidInput, at the field concerned, for ways, fees or an uplift that cannot be."""
    if not ways or set(ways) - set(WAYS):
        raise InvalidInput("ways", "Offer at least one way to be paid.")
    if any(not 0 <= fee_bp <= FEE_MOST_BP for fee_bp in fees.values()):
        raise InvalidInput("fees", "A fee lies between 0 and 20 percent.")
    if any(minor < 0 for by_currency in fixed.values() for minor in by_currency.values()):
        raise InvalidInput("fees", "A fixed fee cannot be negative.")
    if not 0 <= uplift_bp <= 10_000:
        raise InvalidInput("uplift", "An uplift lies between 0 and 100 percent.")


def check_limit(amount: Money) -> None:
    """Raises InvalidInput for a negative amount above which a run needs a second approver."""
    if amount.minor < 0:
        raise InvalidInput("amount", "A limit cannot be negative.")


def checked_payer(name: str, number: str, bank: str) -> tuple[str, str, str]:
    """Holder, IBAN and BIC of the account that files draw on. Raises InvalidInput."""
    if not name.strip():
        raise InvalidInput("name", "Write the name of the account's holder.")
    return name.strip()[:70], checked_iban(number), checked_bic(bank)


def checked_iban(typed: str) -> str:
    """An IBAN without its spaces. Raises InvalidInput unless its country, length and check digits
    are right."""
    try:
        return str(iban.validate(typed))
    except ValidationError:
        raise InvalidInput(
            "iban", "This is not an IBAN: compare it with your bank card, digit by digit."
        ) from None


def checked_bic(typed: str) -> str:
    """A BIC in capitals, or "". Raises InvalidInput for another shape."""
    if not typed.strip():
        return ""
    try:
        return str(bic.validate(typed))
    except ValidationError:
        raise InvalidInput("bic", "A BIC has 8 or 11 letters and digits.") from None


def masked_iban(number: str) -> str:
    """An IBAN as it is shown: country and the last four."""
    return f"{number[:2]} •••• {number[-4:]}"
