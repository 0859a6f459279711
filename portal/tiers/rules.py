"""Which tier a figure reaches, who moves, and what a ladder may say."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.programs import loss_rules
from portal.programs.rules import TermsFacts
from portal.tiers.models import Automation, Metric, Mode, MoveKind, Review, TierMove, Window

MOST_STEPS = 8
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
MONTHS = {Window.MONTH: 1, Window.QUARTER: 3}


@dataclass(frozen=True, slots=True)
class Step:
    """One tier. `number` stays with it from version to version, whatever it is called; without a
    rate of its own (None) the terms' rates hold."""

    number: int
    name: str
    threshold: int
    rate_bp: int | None


@dataclass(frozen=True, slots=True)
class Ladder:
    """A version of a program's tiers, lowest first; the first begins at zero."""

    id: int
    version: int
    currency: str
    steps: tuple[Step, ...]
    metric: Metric = Metric.NET_SALES
    mode: Mode = Mode.WHOLE_ORDER
    window: Window = Window.ROLLING
    window_days: int = 90
    automation: Automation = Automation.PERIODIC
    grace_days: int = 0
    review: Review = Review.AT_ONCE
    review_days: int = 3
    lock_days: int = 45

    @property
    def first(self) -> Step:
        return self.steps[0]

    @property
    def counts_purchases(self) -> bool:
        """Whether a sale counts in the period it was bought in, and not the one it was approved
        in: where a rate is for every sale of the period (R25)."""
        return self.mode is Mode.RETROACTIVE

    def step(self, number: int | None) -> Step:
        """The tier of this number; the first where the ladder has none such."""
        return next((one for one in self.steps if one.number == number), self.first)

    def place(self, number: int | None) -> int:
        """How high a tier stands, from 0."""
        return self.steps.index(self.step(number))

    def reached(self, figure: int) -> Step:
        """The highest tier whose threshold this figure meets."""
        return [one for one in self.steps if one.threshold <= figure or one is self.first][-1]

    def after(self, step: Step) -> Step | None:
        """The next tier up."""
        place = self.steps.index(step) + 1
        return self.steps[place] if place < len(self.steps) else None

    @property
    def is_by_amount(self) -> bool:
        return self.metric is Metric.NET_SALES

    def figure(self, counted: "Figure") -> int:
        """What of the counted decides."""
        return counted.minor if self.is_by_amount else counted.sales


@dataclass(frozen=True, slots=True)
class Figure:
    """What an ambassador's sales come to in a window: minor units of the ladder's currency, and
    how many they are."""

    minor: int = 0
    sales: int = 0

    def __or__(self, other: "Figure") -> "Figure":
        """The better of two windows."""
        return Figure(max(self.minor, other.minor), max(self.sales, other.sales))


NOTHING = Figure()


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands: a tier's number (None: never placed), what keeps or threatens it."""

    step: int | None = None
    falls_at: datetime | None = None
    pinned_until: datetime | None = None

    def is_pinned(self, now: datetime) -> bool:
        return self.pinned_until is not None and self.pinned_until > now


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that a look at the figures leads to."""

    kind: MoveKind
    from_step: int
    to_step: int


def move_for(ladder: Ladder, standing: Standing, figure: int, now: datetime) -> Proposal | None:
    """What today's figure changes for somebody (R28); None when nothing.

    Up at once, over several tiers if need be. Down only where the ladder demotes: after
    `grace_days` from the day it was first seen, unless she is back before. A pinned creator is
    never moved.
    """
    if standing.is_pinned(now):
        return None
    here, reached = ladder.step(standing.step), ladder.reached(figure)
    if reached.threshold > here.threshold:
        return Proposal(MoveKind.UP, here.number, reached.number)
    if reached is here or ladder.automation is Automation.LIFETIME:
        was_warned = standing.falls_at is not None
        back = Proposal(MoveKind.RECOVERED, here.number, here.number)
        return back if was_warned else None
    if not ladder.grace_days or (standing.falls_at is not None and standing.falls_at <= now):
        return Proposal(MoveKind.DOWN, here.number, reached.number)
    warning = Proposal(MoveKind.WARNED, here.number, here.number)
    return warning if standing.falls_at is None else None


def standing_after(moves: Sequence[TierMove]) -> Standing:
    """What these moves, oldest first, leave somebody at: the record is their sum."""
    found = Standing()
    for one in moves:
        falls_at = one.until_at if one.kind is MoveKind.WARNED else None
        pinned_until = found.pinned_until
        if one.kind in (MoveKind.PINNED, MoveKind.UNPINNED):
            pinned_until = one.until_at
        found = Standing(one.to_step, falls_at, pinned_until)
    return found


def windows_of(ladder: Ladder, now: datetime, zone: str) -> list[tuple[datetime, datetime]]:
    """The windows whose better figure decides a standing, each start inside and end outside (R27).

    A calendar period counts through the next one too: what March reached holds in April.
    """
    since, until = window_at(ladder, now, zone)
    if ladder.window not in MONTHS:
        return [(since, until)]
    before = clock.period_around(since - timedelta(hours=1), MONTHS[ladder.window], zone)
    return [(since, until), before]


def window_at(ladder: Ladder, instant: datetime, zone: str) -> tuple[datetime, datetime]:
    """The one window around an instant; what comes later does not count yet."""
    if ladder.window is Window.LIFETIME:
        return NEVER, instant
    if ladder.window is Window.ROLLING:
        return instant - timedelta(days=ladder.window_days), instant
    return clock.period_around(instant, MONTHS[ladder.window], zone)


def counts_until(ladder: Ladder, now: datetime, zone: str) -> datetime | None:
    """The end of the period in which a new sale counts; None where none ends."""
    return window_at(ladder, now, zone)[1] if ladder.window in MONTHS else None


@dataclass(frozen=True, slots=True)
class Portion:
    """A rate and how much of an order it is for; None: of all that is left."""

    step: Step
    room_minor: int | None = None


def portions_of(
    ladder: Ladder, standing: Standing, before: Figure, order: Money, now: datetime
) -> tuple[Portion, ...]:
    """By which tiers an order earns, from what was approved `before` it.

    Whole order: the tier she stands on, or the one this order reaches with what was approved
    before, if that is higher (R23); pinned, the tier she stands on. Marginal: each part of the
    order by the tier it falls into (R24). Retroactive: the first tier; what more the period brings
    is one row of its own (R25).
    """
    here = ladder.step(standing.step)
    if ladder.mode is Mode.RETROACTIVE:
        return (Portion(ladder.first),)
    counts = order.currency == ladder.currency
    if ladder.mode is Mode.WHOLE_ORDER:
        own = max(order.minor, 0) if counts else 0
        with_it = Figure(before.minor + own, before.sales + 1)
        reached = ladder.reached(ladder.figure(with_it))
        is_higher = reached.threshold > here.threshold and not standing.is_pinned(now)
        return (Portion(reached if is_higher else here),)
    if standing.is_pinned(now):
        return (Portion(here),)
    at = ladder.reached(ladder.figure(before))
    if not counts:
        return (Portion(at),)
    found, done = [], before.minor
    while (above := ladder.after(at)) is not None and done < before.minor + order.minor:
        found.append(Portion(at, above.threshold - done))
        at, done = above, above.threshold
    return (*found, Portion(at))


def other_names(ladder: Ladder, step: Step, versions: Iterable[tuple[int, str]]) -> tuple[str, ...]:
    """What else a tier is called in any version (number, name), so that a rate made by its name
    outlives a new one; a name that another tier of the ladder has by now is that one's."""
    taken = {one.name.casefold() for one in ladder.steps}
    found = {name for number, name in versions if number == step.number}
    return tuple(sorted(name for name in found if name.casefold() not in taken))


def check_ladder(ladder: Ladder) -> None:
    """Raises InvalidInput for a ladder that cannot be; the sentence names the tier."""
    names = [step.name.strip().casefold() for step in ladder.steps]
    if len(ladder.steps) == 1:
        raise InvalidInput("steps", "A ladder has at least two tiers.")
    if len(ladder.steps) > MOST_STEPS:
        raise InvalidInput("steps", f"At most {MOST_STEPS} tiers fit on one ladder.")
    if not all(names) or len(set(names)) < len(names):
        raise InvalidInput("steps", "Each tier has a name of its own.")
    if ladder.steps and ladder.first.threshold:
        raise InvalidInput("steps", "The first tier begins at zero: it is where everybody starts.")
    for below, step in zip(ladder.steps, ladder.steps[1:], strict=False):
        if step.threshold <= below.threshold:
            raise InvalidInput("steps", f"{step.name} must begin above {below.name}.")
    rates = [step.rate_bp for step in ladder.steps if step.rate_bp is not None]
    if not all(0 <= rate <= 10_000 for rate in rates):
        raise InvalidInput("steps", "A rate lies between 0% and 100%.")
    _check_mode(ladder, rates)


def _check_mode(ladder: Ladder, rates: Sequence[int]) -> None:
    if ladder.mode is not Mode.WHOLE_ORDER and len(rates) < len(ladder.steps):
        raise InvalidInput("steps", "Here every tier needs a rate: one is worked out from another.")
    if ladder.mode is Mode.MARGINAL and ladder.metric is Metric.SALES:
        raise InvalidInput("metric", "A part of an order is counted by amount, not by sales.")
    if ladder.mode is Mode.RETROACTIVE:
        if ladder.window not in MONTHS:
            raise InvalidInput("window", "A rate for a whole period needs a month or a quarter.")
        if list(rates) != sorted(rates):
            raise InvalidInput("steps", "Here a higher tier cannot earn less than a lower one.")
    if not 1 <= ladder.window_days <= 730:
        raise InvalidInput("window_days", "Sales count for between 1 and 730 days.")
    if not 0 <= ladder.grace_days <= 180:
        raise InvalidInput("grace_days", "Between 0 and 180 days.")
    if not 1 <= ladder.review_days <= 30:
        raise InvalidInput("review_days", "Between 1 and 30 days.")
    if not 0 <= ladder.lock_days <= 180:
        raise InvalidInput("lock_days", "Between 0 and 180 days.")


def numbered(ladder: Ladder, highest: int) -> Ladder:
    """The ladder with a number for each tier that has none yet (0), above all that were ever
    used: what stands on a tier that is gone never wakes up on another."""
    steps = []
    for step in ladder.steps:
        highest = highest if step.number else highest + 1
        steps.append(step if step.number else replace(step, number=highest))
    return replace(ladder, steps=tuple(steps))


def ladder_losses(
    old: Ladder | None, new: Ladder, terms: Sequence[TermsFacts], since: datetime
) -> list[str]:
    """What the next ladder takes from creators, one sentence each; such a change needs notice
    (R17). `terms` are the versions that hold from `since` on: they pay where a tier has no rate
    of its own. Without an old ladder, only a rate below theirs takes something."""
    if old is None or not old.steps:
        return [_less(one) for one in new.steps if _pays_less(None, one, terms, since)]
    if not new.steps:
        return ["The tiers end."]
    lost = [said for one in old.steps for said in _lost(one, old, new, terms, since)]
    known = {one.number for one in old.steps}
    lost += [
        _less(one)
        for one in new.steps
        if one.number not in known and _pays_less(old.reached(one.threshold), one, terms, since)
    ]
    if old.automation is Automation.LIFETIME and new.automation is Automation.PERIODIC:
        lost.append("A tier once reached can be lost.")
    if new.automation is Automation.PERIODIC and new.grace_days < old.grace_days:
        lost.append("There are fewer days before a tier is lost.")
    if (old.metric, old.mode) != (new.metric, new.mode):
        lost.append("Another thing counts for a tier.")
    if _days(new) < _days(old):
        lost.append("Sales count for a shorter time.")
    return lost


def _lost(
    one: Step, old: Ladder, new: Ladder, terms: Sequence[TermsFacts], since: datetime
) -> list[str]:
    if all(step.number != one.number for step in new.steps):
        return [f"{one.name} is gone."]
    then, lost = new.step(one.number), []
    if then.threshold > one.threshold or old.currency != new.currency:
        lost.append(f"{then.name} is harder to reach.")
    if _pays_less(one, then, terms, since):
        lost.append(_less(then))
    return lost


def _less(step: Step) -> str:
    return f"{step.name} earns less."


def _pays_less(
    before: Step | None, after: Step, terms: Sequence[TermsFacts], since: datetime
) -> bool:
    rate_bp = before.rate_bp if before else None
    if rate_bp is not None and after.rate_bp is not None:
        return after.rate_bp < rate_bp
    return any(
        loss_rules.tier_earns_less(one, after.name, rate_bp, after.rate_bp, since) for one in terms
    )


def _days(ladder: Ladder) -> int:
    usual = {Window.LIFETIME: 100_000, Window.MONTH: 28, Window.QUARTER: 90}
    return usual.get(ladder.window, ladder.window_days)
