"""Look at what was earned and taken back."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from portal.commissions import base_rules, bill_rules
from portal.commissions.check_queries import violations as violations
from portal.commissions.earnings import Earning as Earning
from portal.commissions.earnings import EarningsFilter as EarningsFilter
from portal.commissions.earnings import corrections_of as corrections_of
from portal.commissions.earnings import earnings_of as earnings_of
from portal.commissions.earnings import latest_of as latest_of
from portal.commissions.earnings import released_next as released_next
from portal.commissions.earnings import sums_of as sums_of
from portal.commissions.models import (
    Commission,
    CommissionKind,
    CommissionStatus,
    Loss,
    Reversal,
)
from portal.commissions.refund_rules import Basket, Left, with_lines_gone
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.kernel.money import Money
from portal.programs import queries as programs
from portal.programs.models import CommissionKind as RateKind
from portal.programs.rules import BaseTerms
from portal.sales import queries as sales
from portal.sales.rules import Standing
from portal.storage.model import db


def reference(commission_id: int, what: str) -> str:
    """The ledger reference of one act on a commission."""
    return f"commission:{commission_id}:{what}"


def commission(commission_id: int) -> Commission:
    """A commission by row id. Raises NotFound."""
    return _found(db.session.get(Commission, commission_id))


def figures() -> dict[str, str]:
    """How much was ever earned and taken back, per currency, for `portal doctor`."""
    rows = db.session.execute(
        select(
            Commission.currency,
            func.count(Commission.id),
            func.sum(Commission.amount_minor),
            func.sum(Commission.reversed_minor),
        ).group_by(Commission.currency)
    )
    return {
        f"commissions {currency}": f"{count} earned {Money(int(earned), currency)}, "
        f"taken back {Money(int(back), currency)}"
        for currency, count, earned, back in rows
    }


def first_sales(commission_ids: Sequence[int]) -> list[int]:
    """Those of these commissions that are the first sale their creator ever earned from."""
    earlier = aliased(Commission)
    before = select(earlier.id).where(
        earlier.creator_id == Commission.creator_id,
        earlier.kind == CommissionKind.SALE,
        earlier.id < Commission.id,
    )
    wanted = select(Commission.id).where(
        Commission.id.in_(commission_ids), Commission.kind == CommissionKind.SALE, ~before.exists()
    )
    return list(db.session.scalars(wanted.order_by(Commission.id)))


def bonuses_among(commission_ids: Sequence[int]) -> list[Commission]:
    """Those of these commissions that are bonuses, in the order in which they were earned."""
    wanted = select(Commission).where(
        Commission.id.in_(commission_ids), Commission.kind == CommissionKind.BONUS
    )
    return list(db.session.scalars(wanted.order_by(Commission.id)))


def reversal(reversal_id: int) -> Reversal:
    """A reversal by row id. Raises NotFound."""
    found = db.session.get(Reversal, reversal_id)
    if found is None:
        raise NotFound()
    return found


def one_of_creator(creator_id: int, public_id: str) -> Commission:
    """A creator's commission. Raises NotFound, for somebody else's too (R144)."""
    return _one(Commission.creator_id == creator_id, Commission.public_id == public_id)


def one_of_brand(brand_id: int, public_id: str) -> Commission:
    """A brand's commission. Raises NotFound, for another brand's too."""
    return _one(Commission.brand_id == brand_id, Commission.public_id == public_id)


def above_limit_of(order_id: int) -> list[Commission]:
    """An order's commissions that wait for the brand, because they are above a limit (R9)."""
    rows = db.session.scalars(
        select(Commission)
        .where(Commission.order_id == order_id, Commission.status == CommissionStatus.ON_HOLD)
        .order_by(Commission.id)
    )
    return [one for one in rows if one.is_above_limit]


def ids_of_brand(brand_id: int, public_ids: Sequence[str]) -> Sequence[int]:
    """The row ids of a brand's commissions, by row id; another brand's are left out."""
    rows = db.session.scalars(
        select(Commission.id)
        .where(Commission.brand_id == brand_id, Commission.public_id.in_(public_ids))
        .order_by(Commission.id)
    )
    return rows.all()


def of_order(order_id: int) -> Commission | None:
    """What an order earned, by the decision in force; the credited one's part where it is shared
    (R50). None when nothing."""
    found: Commission | None = db.session.scalar(
        select(Commission)
        .where(Commission.order_id == order_id, Commission.kind == CommissionKind.SALE)
        .order_by(Commission.attribution_id.desc(), Commission.id)
    )
    return found


def ids_of_order(order_id: int) -> Sequence[int]:
    """The row ids of an order's commissions."""
    rows = db.session.scalars(
        select(Commission.id).where(Commission.order_id == order_id).order_by(Commission.id)
    )
    return rows.all()


def of_orders(order_ids: Sequence[int]) -> dict[int, Commission]:
    """What several orders earned as sales, for lists: the newest where one was credited again."""
    rows = db.session.scalars(
        select(Commission)
        .where(Commission.order_id.in_(order_ids), Commission.kind == CommissionKind.SALE)
        .order_by(Commission.attribution_id, Commission.id.desc())
    )
    return {row.order_id: row for row in rows if row.order_id is not None}


def orders_that_earned(order_ids: Sequence[int]) -> set[int]:
    """Those of these orders that anybody earned anything on."""
    rows = db.session.scalars(
        select(Commission.order_id).where(Commission.order_id.in_(order_ids)).distinct()
    )
    return {order_id for order_id in rows if order_id is not None}


def sales_of_orders(order_ids: Sequence[int]) -> dict[int, dict[int, int | None]]:
    """What these orders earned: order → commission row id → the decision it was earned by."""
    rows = db.session.execute(
        select(Commission.order_id, Commission.id, Commission.attribution_id)
        .where(Commission.order_id.in_(order_ids), Commission.kind == CommissionKind.SALE)
        .order_by(Commission.id)
    )
    found: dict[int, dict[int, int | None]] = {}
    for order_id, commission_id, attribution_id in rows:
        found.setdefault(order_id or 0, {})[commission_id] = attribution_id
    return found


def of_decision(attribution_id: int, ambassador_id: int) -> Commission:
    """What a decision earned this ambassador. Raises NotFound."""
    return _one(
        Commission.attribution_id == attribution_id, Commission.ambassador_id == ambassador_id
    )


def of_assignment(assignment_id: int) -> Commission | None:
    """The fee an assignment earned; None before it is completed."""
    found: Commission | None = db.session.scalar(
        select(Commission).where(Commission.assignment_id == assignment_id)
    )
    return found


def of_source(source: str) -> Commission:
    """The extra a source earned. Raises NotFound."""
    return _one(Commission.source == source)


def reversals_of(commission_id: int) -> Sequence[Reversal]:
    """A commission's corrections, oldest first."""
    rows = db.session.scalars(
        select(Reversal).where(Reversal.commission_id == commission_id).order_by(Reversal.number)
    )
    return rows.all()


def losses_of(commission_id: int) -> Sequence[Loss]:
    """What of a commission's refunds the brand bore itself, oldest first (R71)."""
    rows = db.session.scalars(
        select(Loss).where(Loss.commission_id == commission_id).order_by(Loss.number)
    )
    return rows.all()


def count_of_losses(commission_id: int) -> int:
    """How many such rows a commission has."""
    return int(
        db.session.scalar(select(func.count()).where(Loss.commission_id == commission_id)) or 0
    )


def left_for(
    commission: Commission, standing: Standing, basket: Basket, base: BaseTerms | None = None,
    named: Collection[str] | None = None,
) -> Left:  # fmt: skip
    """What of an order is left for a commission, as its terms count it (R2, R10, R66, R67): `base`,
    and the ids of the order's lines, `named`, where the caller knows them already. They are asked
    for where an order of several lines is worth less than it was earned on."""
    counted = base or programs.base_of(commission.terms_id)
    left, whole = _left(commission, standing, counted), standing.original
    if standing.worth is not None and commission.kind is CommissionKind.SALE:
        whole = base_rules.counted(standing.worth, counted)
    if whole >= basket.base or len(basket.lines) < 2:
        return left
    if named is None:
        named = {line.external_id for line in sales.lines_of(standing.order_id)}
    return with_lines_gone(left, basket, whole, named)


def _left(commission: Commission, standing: Standing, counted: BaseTerms) -> Left:
    worth = standing.worth
    if worth is None or commission.kind is not CommissionKind.SALE:
        return Left.of(standing)
    if commission.explanation["kind"] == RateKind.FLAT and worth.goods and not worth.goods_left:
        return Left.of(standing)  # an amount is for goods: without any, what was beside is none
    return base_rules.left_of(worth, standing.back, counted, is_gone=standing.is_gone)


def lost_of(found: Commission) -> Money:
    """How much the brand bears of what was refunded; never anything before it was payable."""
    rows = losses_of(found.id) if found.payable_at else ()
    return Money.total((row.amount for row in rows), found.currency)


def count_of_reversals(commission_id: int) -> int:
    """How many corrections a commission has."""
    return int(
        db.session.scalar(select(func.count()).where(Reversal.commission_id == commission_id)) or 0
    )


def bill_of(found: Commission) -> list[bill_rules.BillLine]:
    """The sum of a commission, line by line."""
    return bill_rules.explain(found.explanation, found.base, found.amount)


def rates_against(found: Commission, zone: str) -> list[tuple[str, str, str]]:
    """Why no other rate decided: (what decided, the other as a sentence, the reason)."""
    if found.terms_id is None or "groups" not in found.explanation:
        return []
    terms = programs.facts_of(programs.terms(found.terms_id))
    return bill_rules.against(found.explanation, terms, zone)


def overdue() -> int:
    """Pending commissions whose hold ended more than an hour ago: the job is late."""
    late = select(func.count()).where(
        Commission.status == CommissionStatus.PENDING, Commission.hold_until <= clock.now()
    )
    return int(db.session.scalar(late) or 0)


def _one(*conditions: Any) -> Commission:
    return _found(db.session.scalar(select(Commission).where(*conditions)))


def _found(row: Commission | None) -> Commission:
    if row is None:
        raise NotFound()
    return row
