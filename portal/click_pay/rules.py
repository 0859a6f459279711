"""What a day's clicks earn, when a day is over, and which of its hours count."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from portal.ambassadors.models import MembershipStatus
from portal.kernel.clock import start_of_day
from portal.kernel.money import Money
from portal.programs import rules as terms_rules
from portal.programs.rules import ClickTerms, HoldBasis, HoldFacts, TermsFacts

SETTLES = timedelta(hours=1)  # the first chance of what flags see, and of a spool that lags
ONE_DAY = timedelta(days=1)
History = Sequence[tuple[datetime, MembershipStatus]]
Span = tuple[datetime, datetime]


def paid_clicks(people: int, terms: ClickTerms) -> int:
    """How many of a creator's counted clicks of one day earn (R9: no more than the limit)."""
    return min(people, terms.most_a_day) if terms else 0


def pay_for(people: int, terms: TermsFacts) -> Money:
    """What a creator's counted clicks of one day make, before the month's budget."""
    return terms.click_pay.scaled(paid_clicks(people, terms.clicks), 1)


def within_budget(wanted: Mapping[int, Money], left: Money | None) -> dict[int, Money]:
    """What each gets of what a day would earn her, by ambassador, when so much of the month's
    budget is left: all of it, or shares in proportion that sum to what is left (R4)."""
    whole = Money.total(wanted.values(), left.currency) if left is not None else None
    if left is None or whole is None or whole <= left:
        return dict(wanted)
    if left.minor <= 0:
        return {who: Money.zero(amount.currency) for who, amount in wanted.items()}
    order = sorted(wanted)
    return dict(zip(order, left.split([wanted[who].minor for who in order]), strict=True))


def bounds(day: date, zone: str) -> Span:
    """When a day of a zone begins and ends; it may have 23 or 25 hours."""
    return start_of_day(day, zone), start_of_day(day + ONE_DAY, zone)


def day_of(instant: datetime, zone: str) -> date:
    """The day of an instant in a zone."""
    return instant.astimezone(ZoneInfo(zone)).date()


def first_day(effective_at: datetime, zone: str) -> date:
    """The first day that begins under a version: a change within a day holds from the next."""
    day = day_of(effective_at, zone)
    return day if start_of_day(day, zone) == effective_at else day + ONE_DAY


def is_over(day: date, zone: str, now: datetime, here_through: datetime) -> bool:
    """Whether a day can be closed: an hour after its end, once every machine's clicks until its
    end are in the database."""
    end = bounds(day, zone)[1]
    return now >= end + SETTLES and here_through >= end


def held_until(day: date, terms: TermsFacts, zone: str) -> datetime:
    """When a day's pay matures: counted from the day's end, or from the end of its month (R58,
    R59). What is counted from sending or delivery counts from the day: nothing is sent."""
    start, end = bounds(day, zone)
    if terms.hold.basis is HoldBasis.MONTH_END:
        return terms_rules.hold_end(HoldFacts(start), terms.hold_days, terms.hold, zone)
    return end + timedelta(days=terms.hold_days)


def active_spans(history: History, span: Span) -> list[Span]:
    """The parts of a span in which a membership was active: only those clicks count (R43)."""
    found: list[Span] = []
    since, until = span
    for (at, status), (next_at, _) in pairwise([*history, (until, None)]):
        start, end = max(at, since), min(next_at, until)
        if status is MembershipStatus.ACTIVE and start < end:
            found.append((start, end))
    return found


def source_of(ambassador_id: int, day: date, number: int) -> str:
    """What the nth commission of a day is owed for, once (R29); the first is the day itself, a
    further one what came in late."""
    once = f"clicks:{ambassador_id}:{day.isoformat()}"
    return once if number == 1 else f"{once}:{number}"
