"""What a period's rate adds to what its sales earned (R25, R26)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from portal.commissions.raising_rules import Raisable, more_at
from portal.kernel import clock
from portal.kernel.money import BASIS_POINTS, Money
from portal.programs.resolving_rules import TierRate
from portal.tiers.models import Window
from portal.tiers.rules import MONTHS, Ladder, Step


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar period of a ladder; what it earns is final from `closes_at` on."""

    starts_at: datetime
    ends_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Sold:
    """What approved sales of a period count by tier, after refunds, and how many they are.

    `own`: those of them whose terms have special rates, boosts or a cap, or count more than goods.
    Each is worked out again by itself, and is not in `net_minor`.
    """

    net_minor: int
    sales: int
    own: tuple[Raisable, ...] = ()

    @property
    def counted_minor(self) -> int:
        """What is left of all these sales."""
        return self.net_minor + sum(one.left.remaining.minor for one in self.own)


NOTHING_SOLD = Sold(0, 0)
SETTLED_UNTIL = timedelta(days=3)  # after the close, so that a worker may stand still for a while


def period_of(ladder: Ladder, instant: datetime, zone: str) -> Period:
    """The period around an instant."""
    since, until = clock.period_around(instant, MONTHS[ladder.window], zone)
    return Period(since, until, until + timedelta(days=ladder.lock_days))


def open_periods(ladder: Ladder, now: datetime, zone: str) -> list[Period]:
    """The period around now, and those before it that are not closed, newest first. One that has
    just closed is among them: what was approved in its last minutes is settled after it."""
    found = [period_of(ladder, now, zone)]
    while True:
        before = period_of(ladder, found[-1].starts_at - timedelta(hours=1), zone)
        if before.closes_at <= now - SETTLED_UNTIL:
            return found
        found.append(before)


def target(ladder: Ladder, step: int, sold: Sold, currency: str) -> Money:
    """What a tier adds to sales that earned at the first one: the difference of the rates on
    what is left of them, rounded once (R5). 10 × 100.00 at 15 %, not 10 %: 50.00 (R25)."""
    reached = ladder.step(step)
    more = (reached.rate_bp or 0) - (ladder.first.rate_bp or 0)
    if more <= 0:
        return Money.zero(currency)
    return Money(sold.net_minor, currency).scaled(more, BASIS_POINTS) + own_target(
        reached, sold, currency
    )


def own_target(reached: Step, sold: Sold, currency: str) -> Money:
    """What of it comes from the sales that are worked out again one by one: two orders of 1,000.00
    under a cap of 50.00 an order stay at 100.00 in all (R9)."""
    tier = TierRate(reached.name, reached.rate_bp or 0)
    return Money.total((more_at(one, tier) for one in sold.own), currency)


def name_of(starts_at: datetime, ladder: Ladder, zone: str) -> str:
    """“March 2026”, or “the 1st quarter of 2026”."""
    day = starts_at.astimezone(ZoneInfo(zone))
    if ladder.window is Window.MONTH:
        return f"{day:%B %Y}"
    nth = ("1st", "2nd", "3rd", "4th")[(day.month - 1) // 3]
    return f"the {nth} quarter of {day.year}"
