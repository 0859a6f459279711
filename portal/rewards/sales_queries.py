"""The points that approved sales give: worked out anew from the commissions, in set queries."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import exists, func, select

from portal.attribution.models import Attribution
from portal.commissions.models import Commission, CommissionKind
from portal.kernel.money import Money
from portal.programs.models import CommissionTerms, Program
from portal.programs.points_rules import PointsRate, left_of
from portal.programs.rate_rules import RateTable
from portal.rewards.models import Reward, RewardItem, RewardKind
from portal.storage.model import db

_IS_OF_ONE = ~(  # the terms did not split the commission of its order (R50)
    exists()
    .where(Attribution.id == Commission.attribution_id, Attribution.shares.is_not(None))
    .correlate(Commission)
)


def brands_that_give() -> list[int]:
    """The brands with points, whose terms gave some for sales at any time."""
    rows = db.session.execute(
        select(Program.brand_id, CommissionTerms.rates)
        .join(CommissionTerms, CommissionTerms.program_id == Program.id)
        .join(RewardItem, RewardItem.brand_id == Program.brand_id)
        .where(RewardItem.kind == RewardKind.POINTS)
    )
    return sorted({brand_id for brand_id, rates in rows if _gives(rates)})


def promised_without_points(brand_id: int) -> list[str]:
    """The names of programs whose terms give points while the brand has none to give."""
    has_points = select(RewardItem.id).where(
        RewardItem.brand_id == brand_id, RewardItem.kind == RewardKind.POINTS
    )
    rows = db.session.execute(
        select(Program.name, CommissionTerms.rates)
        .join(CommissionTerms, CommissionTerms.program_id == Program.id)
        .where(Program.brand_id == brand_id, ~has_points.exists())
        .order_by(Program.id)
    )
    return list(dict.fromkeys(name for name, rates in rows if _gives(rates)))


def earned_by_sales(brand_id: int, ambassador_ids: Sequence[int] | None = None) -> Counter[int]:
    """Ambassador → the points that her approved sales give by the terms they were bought under
    (R16), shared as the commission is (R50), returns taken off in the ratio in which they took of
    it (R65)."""
    found: Counter[int] = Counter()
    for terms_id, rate, currency in _versions_of(brand_id):
        sales = [
            Commission.terms_id == terms_id, Commission.kind == CommissionKind.SALE,
            Commission.payable_at.is_not(None), Commission.amount_minor > 0,
        ]  # fmt: skip
        if rate.per_minor:
            sales.append(Commission.base_currency == currency)
        if ambassador_ids is not None:
            sales.append(Commission.ambassador_id.in_(ambassador_ids))
        found.update(_of_whole_sales(rate, [*sales, _IS_OF_ONE]))
        found.update(_of_returned_sales(rate, [*sales, _IS_OF_ONE]))
        found.update(_of_shared_sales(rate, sales))
    return found


def given_for_sales(brand_id: int, ambassador_ids: Sequence[int] | None = None) -> dict[int, int]:
    """Ambassador → the points she has for her sales by now, what was taken back left out."""
    wanted = (
        select(Reward.ambassador_id, func.sum(Reward.quantity - Reward.taken_back))
        .where(Reward.brand_id == brand_id, Reward.ambassador_id.is_not(None))
        .group_by(Reward.ambassador_id)
    )
    if ambassador_ids is not None:
        wanted = wanted.where(Reward.ambassador_id.in_(ambassador_ids))
    return {who: int(count) for who, count in db.session.execute(wanted) if who is not None}


def count_of(ambassador_id: int) -> int:
    """How often her sales gave points."""
    wanted = select(func.count()).where(Reward.ambassador_id == ambassador_id)
    return int(db.session.scalar(wanted) or 0)


def newest_with_points(ambassador_id: int) -> Sequence[Reward]:
    """What her sales gave, newest first, as far as any of it is left."""
    wanted = select(Reward).where(
        Reward.ambassador_id == ambassador_id, Reward.quantity > Reward.taken_back
    )
    return db.session.scalars(wanted.order_by(Reward.id.desc())).all()  # type: ignore[no-any-return]


# ---- inside
def _versions_of(brand_id: int) -> list[tuple[int, PointsRate, str]]:
    rows = db.session.execute(
        select(CommissionTerms.id, CommissionTerms.rates, CommissionTerms.currency)
        .join(Program, Program.id == CommissionTerms.program_id)
        .where(Program.brand_id == brand_id)
        .order_by(CommissionTerms.id)
    )
    return [(row_id, RateTable.of(rates).points, code) for row_id, rates, code in rows
            if _gives(rates)]  # fmt: skip


def _of_whole_sales(rate: PointsRate, sales: Sequence[Any]) -> dict[int, int]:
    """Those of which nothing came back, summed by the database."""
    each = Commission.base_minor // rate.per_minor if rate.per_minor else 1
    wanted = (
        select(Commission.ambassador_id, func.sum(rate.points * each))
        .where(*sales, Commission.reversed_minor == 0)
        .group_by(Commission.ambassador_id)
    )
    return {who: int(count) for who, count in db.session.execute(wanted)}


def _of_returned_sales(rate: PointsRate, sales: Sequence[Any]) -> Counter[int]:
    """Those of which a part is left: few, so each for itself."""
    found: Counter[int] = Counter()
    left = Commission.amount_minor - Commission.reversed_minor
    rows = db.session.execute(
        select(
            Commission.ambassador_id, Commission.base_minor, Commission.amount_minor, left,
            Commission.currency,
        ).where(*sales, Commission.reversed_minor > 0, left > 0)
    )  # fmt: skip
    for who, base, amount, net, code in rows:
        found[who] += rate.left_for(base, Money(amount, code), Money(net, code))
    return found


def _of_shared_sales(rate: PointsRate, sales: Sequence[Any]) -> Counter[int]:
    """Those whose commission several share: each gets her part of the order's points (R50)."""
    found: Counter[int] = Counter()
    rows = db.session.execute(
        select(
            Commission.ambassador_id, Attribution.shares, Commission.base_minor,
            Commission.amount_minor, Commission.reversed_minor, Commission.currency,
        ).join(Attribution, Attribution.id == Commission.attribution_id)
        .where(*sales, Attribution.shares.is_not(None))
    )  # fmt: skip
    for who, shares, base, amount, reversed_, code in rows:
        members, weights = zip(*(shares or ()), strict=True)
        own = rate.shared_for(base, weights)[members.index(who)]
        found[who] += left_of(own, Money(amount, code), Money(amount - reversed_, code))
    return found


def _gives(rates: Mapping[str, Any]) -> bool:
    return "points" in rates
