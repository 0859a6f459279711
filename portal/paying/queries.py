"""Looking at how a brand pays."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from portal.identity.models import Brand
from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.kernel.money import Money
from portal.paying import rules
from portal.paying.models import ApprovalLimit, ExchangeRate, FeeBearer, PayingTerms, Schedule
from portal.paying.rules import PayDay
from portal.paying.wording import paid_words
from portal.programs.models import Program
from portal.storage.model import db

FIRST_DAY = 1


def terms(brand_id: int) -> PayingTerms:
    """How a brand pays; what it never set is as usual: monthly, by Stripe or by hand."""
    found = kept(brand_id)
    return found if found is not None else usual(brand_id)


def kept(brand_id: int) -> PayingTerms | None:
    """What a brand has set, or None."""
    query = select(PayingTerms).where(PayingTerms.brand_id == brand_id)
    return db.session.scalar(query)  # type: ignore[no-any-return]


def usual(brand_id: int) -> PayingTerms:
    """What is in force where nothing was set; not stored."""
    return PayingTerms(
        brand_id=brand_id, schedule=Schedule.MONTHLY, ways=list(rules.USUAL_WAYS), fees={},
        fixed_fees={}, fee_bearer=FeeBearer.BRAND, uplift_bp=0, payer_name="",
        payer_iban="", payer_bic="", payer_masked="", changed_at=clock.now(),
    )  # fmt: skip


def ways_of(brand_ids: Sequence[int]) -> frozenset[str]:
    """The rails that any of these brands offers."""
    rows = db.session.execute(
        select(PayingTerms.brand_id, PayingTerms.ways).where(PayingTerms.brand_id.in_(brand_ids))
    )
    found = {row.brand_id: row.ways for row in rows}
    return frozenset(way for one in brand_ids for way in found.get(one, rules.USUAL_WAYS))


def second_above(brand_id: int, currency: str) -> Money | None:
    """Above which net a run needs a second approver (R87); None: never. Where only other currencies
    have a limit every run needs one: amounts are not compared across currencies."""
    limits = {one.currency: one.amount for one in limits_of(brand_id)}
    return limits.get(currency, Money.zero(currency)) if limits else None


def limits_of(brand_id: int) -> Sequence[ApprovalLimit]:
    """A brand's limits, by currency."""
    query = select(ApprovalLimit).where(ApprovalLimit.brand_id == brand_id)
    return db.session.scalars(query.order_by(ApprovalLimit.currency)).all()  # type: ignore[no-any-return]


def pay_day(brand_id: int, zone: str) -> PayDay | None:
    """When a brand pays next; None while it has no program (R85)."""
    return pay_days({brand_id: zone}).get(brand_id)


def pay_days(zones: Mapping[int, str]) -> dict[int, PayDay]:
    """When these brands pay next, each in its time zone; those without a program are left out.

    With `paid_in_words` the one source of when a brand pays, for every page that says it.
    """
    return {
        brand_id: rules.next_pay_day(schedule, day, clock.today(zones[brand_id]))
        for brand_id, (schedule, day) in _rhythms(zones).items()
    }


def pay_on_of(brand_id: int, zone: str, cutoff_at: datetime) -> date:
    """When a run up to a cut-off is paid: on the day of the brand's schedule when one of its
    periods ends just then; else, and when that day has passed, today (R85)."""
    today, next_day = clock.today(zone), cutoff_at.astimezone(ZoneInfo(zone)).date()
    rhythm = _rhythms([brand_id]).get(brand_id)
    if rhythm is None or cutoff_at != clock.start_of_day(next_day, zone):
        return today
    planned = rules.pay_day_of(*rhythm, next_day - timedelta(days=1))
    return today if planned is None else max(planned, today)


def rhythm_of(brand_id: Any) -> tuple[Any, Any]:
    """Two columns for another room's query, which saves it one of its own: a brand's schedule, and
    the earliest pay day of its programs; `next_day` reads them."""
    schedule = select(PayingTerms.schedule).where(PayingTerms.brand_id == brand_id)
    day = select(func.min(Program.pay_day)).where(Program.brand_id == brand_id)
    return schedule.scalar_subquery(), day.scalar_subquery()


def next_day(schedule: Schedule | None, day: int | None, zone: str) -> date | None:
    """When a brand of this rhythm pays next; None without a program."""
    if day is None:
        return None
    return rules.next_pay_day(schedule or Schedule.MONTHLY, day, clock.today(zone)).pay_on


def paid_in_words(brand_id: int) -> str:
    """When a brand pays, as a sentence's part: "on the 5th of each month"."""
    usual_one = Schedule.MONTHLY, FIRST_DAY
    return paid_words(*_rhythms([brand_id]).get(brand_id, usual_one))


def _rhythms(brand_ids: Iterable[int]) -> dict[int, tuple[Schedule, int]]:
    """How often each of these brands pays, and the earliest pay day of its programs."""
    rows = db.session.execute(
        select(Brand.id, *rhythm_of(Brand.id)).where(Brand.id.in_(set(brand_ids)))
    )
    return {id_: (schedule or Schedule.MONTHLY, day) for id_, schedule, day in rows if day}


def rate(brand_id: int, currency: str, target: str, on: date) -> ExchangeRate | None:
    """The rate in force on a day: of the newest day not after it the one entered last (R96)."""
    return db.session.scalar(  # type: ignore[no-any-return]
        select(ExchangeRate)
        .where(
            ExchangeRate.brand_id == brand_id,
            ExchangeRate.currency == currency,
            ExchangeRate.target == target,
            ExchangeRate.from_on <= on,
        )
        .order_by(ExchangeRate.from_on.desc(), ExchangeRate.id.desc())
        .limit(1)
    )


def rates_of(brand_id: int, most: int = 50) -> Sequence[ExchangeRate]:
    """The rates a brand entered, newest first."""
    query = select(ExchangeRate).where(ExchangeRate.brand_id == brand_id)
    newest = query.order_by(ExchangeRate.from_on.desc(), ExchangeRate.id.desc()).limit(most)
    return db.session.scalars(newest).all()  # type: ignore[no-any-return]


def payer(brand_id: int) -> PayingTerms:
    """With the account bank files draw on. Raises Conflict while a brand has named none."""
    found = terms(brand_id)
    if not found.payer_iban or not found.payer_name:
        raise Conflict(
            "The account that bank files draw on is not set. Set it under “How you pay”, then "
            "write the file again."
        )
    return found
