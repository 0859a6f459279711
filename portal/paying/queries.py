"""Looking at how a brand pays."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.kernel.money import Money
from portal.paying import rules
from portal.paying.models import ApprovalLimit, ExchangeRate, FeeBearer, PayingTerms, Schedule
from portal.paying.rules import PayDay
from portal.programs import queries as programs
from portal.storage.model import db


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


def limit(brand_id: int, currency: str) -> Money | None:
    """Above which net a run needs a second approver; None: never (R87)."""
    query = select(ApprovalLimit).where(
        ApprovalLimit.brand_id == brand_id, ApprovalLimit.currency == currency
    )
    found = db.session.scalar(query)
    return found.amount if found is not None else None


def limits_of(brand_id: int) -> Sequence[ApprovalLimit]:
    """A brand's limits, by currency."""
    query = select(ApprovalLimit).where(ApprovalLimit.brand_id == brand_id)
    return db.session.scalars(query.order_by(ApprovalLimit.currency)).all()  # type: ignore[no-any-return]


def pay_day(brand_id: int, zone: str) -> PayDay | None:
    """When a brand pays next; None while it has no program (R85)."""
    days = [program.pay_day for program in programs.programs_of(brand_id)]
    if not days:
        return None
    return rules.next_pay_day(terms(brand_id).schedule, min(days), clock.today(zone))


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
