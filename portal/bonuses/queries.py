"""Look at bonuses, at who reached them, and at how far somebody is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from portal.ambassadors.models import OUT, Ambassador
from portal.attribution.models import Attribution
from portal.bonuses import rules
from portal.bonuses.models import Award, Bonus, Metric
from portal.bonuses.rules import Goal, Period, Promise
from portal.commissions.models import Commission, CommissionKind, CommissionStatus
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.kernel.money import Money
from portal.programs.models import Program
from portal.sales.models import Order
from portal.storage.model import db


@dataclass(frozen=True, slots=True)
class Row:
    """A bonus as its brand lists it: how many reached it and what that comes to."""

    bonus: Bonus
    program: str
    reached: int
    cost: Money


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a creator is with one bonus; `award` is the last one she reached, if any."""

    bonus: Bonus
    program: str
    period: Period
    done: int
    award: Award | None
    commission: Commission | None

    @property
    def is_reached(self) -> bool:
        """Whether nothing more is to be done in this window."""
        if self.award is None:
            return False
        return not self.bonus.repeats or self.award.period == self.period.key


def goal_of(bonus: Bonus) -> Goal:
    """What a bonus asks and pays."""
    return Goal(
        bonus.title, bonus.metric, bonus.threshold, bonus.amount, bonus.window, bonus.repeats,
        bonus.hold_days,
    )  # fmt: skip


def one_of_brand(brand_id: int, public_id: str) -> Bonus:
    """A brand's bonus. Raises NotFound, for another brand's too."""
    found: Bonus | None = db.session.scalar(
        select(Bonus).where(Bonus.brand_id == brand_id, Bonus.public_id == public_id)
    )
    if found is None:
        raise NotFound()
    return found


def of_brand(brand_id: int) -> list[Row]:
    """A brand's bonuses, newest first."""
    net = func.coalesce(func.sum(Commission.amount_minor - Commission.reversed_minor), 0)
    rows = db.session.execute(
        select(Bonus, Program.name, func.count(Award.id), net)
        .join(Program, Program.id == Bonus.program_id)
        .outerjoin(Award, Award.bonus_id == Bonus.id)
        .outerjoin(Commission, Commission.id == Award.commission_id)
        .where(Bonus.brand_id == brand_id)
        .group_by(Bonus.id, Program.name)
        .order_by(Bonus.id.desc())
    )
    return [
        Row(bonus, name, int(count), Money(int(cost), bonus.currency))
        for bonus, name, count, cost in rows
    ]


def of_program(program_id: int) -> list[Bonus]:
    """What a program promises now, the first promised first."""
    running = select(Bonus).where(Bonus.program_id == program_id, Bonus.ends_at.is_(None))
    return list(db.session.scalars(running.order_by(Bonus.id)))


def to_look_at() -> list[int]:
    """The row ids of bonuses that may still be reached or fall."""
    return list(db.session.scalars(_alive().order_by(Bonus.id)))


def of_ambassador(ambassador_id: int) -> list[int]:
    """The row ids of those of them that this membership can reach."""
    wanted = _alive().join(Ambassador, Ambassador.program_id == Bonus.program_id)
    wanted = wanted.where(Ambassador.id == ambassador_id)
    return list(db.session.scalars(wanted.order_by(Bonus.id)))


def zone_of(promise: Promise) -> str:
    """The zone whose calendar a goal goes by: its brand's."""
    return identity.brand(promise.brand_id).zone


def periods_of(promise: Promise) -> list[Period]:
    """The windows of a goal to look at now, newest first."""
    zone = zone_of(promise)
    since = promise.starts_at.astimezone(ZoneInfo(zone)).date()
    return rules.periods(promise.window, since, clock.today(zone), zone)


def done_by(ambassador_id: int, promise: Promise, period: Period) -> int:
    """How far one membership is in a window."""
    wanted = _counted(promise, period).where(Commission.ambassador_id == ambassador_id)
    row = db.session.execute(wanted).one_or_none()
    return int(row[1]) if row else 0


def reached(
    promise: Promise, period: Period, ambassador_ids: Sequence[int] | None = None, *,
    is_given: bool = False,
) -> dict[int, int]:  # fmt: skip
    """Who of the program's members reached the goal in a window, and with how much: one grouped
    query (R22, R76). With `is_given`, for whom it keeps what she was given: those who left since
    too (R43), and with what is stopped after it was approved."""
    value = _value(promise.metric)
    wanted = _counted(promise, period, is_given=is_given).having(value >= promise.threshold)
    if ambassador_ids is not None:
        wanted = wanted.where(Commission.ambassador_id.in_(ambassador_ids))
    return {who: int(done) for who, done in db.session.execute(wanted)}


def open_awards(
    bonus_id: int, ambassador_ids: Sequence[int] | None = None
) -> list[tuple[Award, Commission]]:
    """Awards that are not payable yet, with what they earned."""
    wanted = (
        select(Award, Commission)
        .join(Commission, Commission.id == Award.commission_id)
        .where(Award.bonus_id == bonus_id, Commission.payable_at.is_(None))
        .order_by(Award.id)
    )
    if ambassador_ids is not None:
        wanted = wanted.where(Award.ambassador_id.in_(ambassador_ids))
    return [(row[0], row[1]) for row in db.session.execute(wanted)]


def awarded(bonus_id: int, ambassador_ids: Sequence[int] | None = None) -> set[tuple[int, str]]:
    """(ambassador, window) of the awards of a bonus."""
    wanted = select(Award.ambassador_id, Award.period).where(Award.bonus_id == bonus_id)
    if ambassador_ids is not None:
        wanted = wanted.where(Award.ambassador_id.in_(ambassador_ids))
    return {(who, period) for who, period in db.session.execute(wanted)}


def has_promised(program_id: int, goal: Goal) -> bool:
    """Whether this very bonus is promised in a program already, and not stopped."""
    rows = db.session.scalars(
        select(Bonus).where(Bonus.program_id == program_id, Bonus.ends_at.is_(None))
    )
    return goal in [goal_of(one) for one in rows]


def progress_of(creator_id: int) -> list[Progress]:
    """How far a creator is with each bonus of her programs, newest first."""
    rows = db.session.execute(
        select(Bonus, Program.name, Ambassador.id)
        .join(Program, Program.id == Bonus.program_id)
        .join(Ambassador, Ambassador.program_id == Program.id)
        .where(Ambassador.creator_id == creator_id, Ambassador.status.not_in(OUT))
        .order_by(Bonus.id.desc())
    ).all()
    awards = _awards_of([row[2] for row in rows])
    found = []
    for bonus, name, who in rows:
        period = periods_of(bonus)[0]
        award, commission = awards.get((bonus.id, who), (None, None))
        if bonus.ends_at is not None and award is None:
            continue
        done = done_by(who, bonus, period)
        found.append(Progress(bonus, name, period, done, award, commission))
    return found


def violations() -> list[str]:
    """Sentences for `portal doctor`: every award has the commission of its bonus, and every bonus
    commission its award or its recruit."""
    rows = db.session.execute(
        select(Bonus.public_id, Commission.public_id)
        .join(Award, Award.bonus_id == Bonus.id)
        .join(Commission, Commission.id == Award.commission_id)
        .where(
            (Commission.kind != CommissionKind.BONUS)
            | (Commission.amount_minor != Bonus.amount_minor)
            | (Commission.currency != Bonus.currency)
            | (Commission.ambassador_id != Award.ambassador_id)
        )
    )
    wrong = [f"Bonus {bonus} was earned as commission {found}." for bonus, found in rows]
    loose = select(Commission.public_id).where(
        Commission.source.like("bonus:%"),
        ~select(Award.id).where(Award.commission_id == Commission.id).exists(),
    )
    return wrong + [f"Commission {one} belongs to no bonus." for one in db.session.scalars(loose)]


# ---- inside
def _alive() -> Any:
    since = clock.now() - rules.STILL_COUNTED
    return select(Bonus.id).where(Bonus.ends_at.is_(None) | (Bonus.ends_at > since))


def _awards_of(
    ambassador_ids: Sequence[int],
) -> dict[tuple[int, int], tuple[Award, Commission]]:
    rows = db.session.execute(
        select(Award, Commission)
        .join(Commission, Commission.id == Award.commission_id)
        .where(Award.ambassador_id.in_(ambassador_ids))
        .order_by(Award.id)
    )
    return {(award.bonus_id, award.ambassador_id): (award, earned) for award, earned in rows}


def _value(metric: Metric) -> Any:
    if metric is Metric.NET:
        return func.sum(Order.base_minor - Order.taken_back_minor)
    return func.count(Commission.id)


def _counted(promise: Promise, period: Period, *, is_given: bool = False) -> Any:
    """What counts of a program in a window, by membership: approved orders that were credited to
    her, with what is left of them; extras never (R30)."""
    is_approved: Any = Commission.status == CommissionStatus.PAYABLE
    is_stopped = (Commission.status == CommissionStatus.ON_HOLD) & Commission.payable_at.is_not(
        None
    )
    wanted = (
        select(Commission.ambassador_id, _value(promise.metric))
        .join(Order, Order.id == Commission.order_id)
        .join(Attribution, Attribution.id == Commission.attribution_id)
        .join(Ambassador, Ambassador.id == Commission.ambassador_id)
        .where(
            Commission.kind == CommissionKind.SALE,
            is_approved | is_stopped if is_given else is_approved,
            Commission.brand_id == promise.brand_id, Ambassador.program_id == promise.program_id,
            *([] if is_given else [Ambassador.status.not_in(OUT)]),
            Attribution.is_latest, Attribution.ambassador_id == Commission.ambassador_id,
            Order.action == ("lead" if promise.metric is Metric.LEADS else "sale"),
            Order.is_cancelled.is_(False), *_bounds(promise, period),
        )
        .group_by(Commission.ambassador_id)
    )  # fmt: skip
    if promise.metric is Metric.NET:
        return wanted.where(Order.currency == promise.currency)
    if promise.metric is Metric.SALES:
        return wanted.where(Order.base_minor > Order.taken_back_minor)
    return wanted


def _bounds(promise: Promise, period: Period) -> list[Any]:
    """In the window, and before it was stopped."""
    found = [] if period.since is None else [Order.placed_at >= period.since]
    ends = [at for at in (period.until, promise.ends_at) if at is not None]
    return found + ([Order.placed_at < min(ends)] if ends else [])
