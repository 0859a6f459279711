"""Look at decisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from portal.attribution import gathering, rules
from portal.attribution.facts import Facts, Touch, TouchKind, facts_from
from portal.attribution.gathering import Pretence as Pretence
from portal.attribution.gathering import pretended as pretended
from portal.attribution.models import Assist, Attribution, OrderRules, Outcome, SaleCheck
from portal.attribution.replay import violations as violations
from portal.attribution.rules import Decision
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.money import Money
from portal.sales.models import Order
from portal.storage.model import db
from portal.tracking.models import Click


@dataclass(frozen=True, slots=True)
class Figures:
    """What credited orders of one code, link or membership amount to, in one currency."""

    orders: int
    net: Money
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """A part somebody had in an order; it tells nothing of the order but when it was placed."""

    ambassador_id: int
    placed_at: datetime
    clicks: int
    has_code: bool


def rules_of(brand_id: int) -> OrderRules | None:
    """Which orders a brand decides about itself; None before it chose."""
    found: OrderRules | None = db.session.scalar(
        select(OrderRules).where(OrderRules.brand_id == brand_id)
    )
    return found


def judged(order: Order, chosen: int | None = None) -> tuple[Decision, Facts]:
    """What would be decided about an order now, were it for this ambassador by hand, and from
    which facts. Stores nothing. For programs without terms at order time nobody can be chosen:
    raises Conflict."""
    facts = gathering.facts_of([order], {order.id: chosen} if chosen else None)[order.id]
    hands = [one for one in facts.touches if one.kind is TouchKind.HAND]
    if any(one.program_id not in facts.policy for one in hands):
        raise Conflict("No commission terms were in force when the order was placed.")
    return rules.decide(facts), facts


def touches_of(decision: Attribution) -> list[Touch]:
    """Everybody's part in an order, by the facts the decision was made from; a hand is none."""
    facts = facts_from(decision.inputs)
    return [one for one in (facts.touches if facts else ()) if one.kind is not TouchKind.HAND]


def of_order(order_id: int) -> Attribution | None:
    """The decision in force; None before the first."""
    found: Attribution | None = db.session.scalar(
        select(Attribution).where(Attribution.order_id == order_id, Attribution.is_latest)
    )
    return found


def attribution(attribution_id: int) -> Attribution:
    """A decision by row id. Raises NotFound."""
    found = db.session.get(Attribution, attribution_id)
    if found is None:
        raise NotFound()
    return found


def order_ids(attribution_ids: Sequence[int]) -> Sequence[int]:
    """The row ids of the orders that these decisions are about."""
    rows = select(Attribution.order_id).where(Attribution.id.in_(attribution_ids))
    return db.session.scalars(rows).all()  # type: ignore[no-any-return]


def of_orders(order_ids: Sequence[int]) -> dict[int, Attribution]:
    """The decisions in force of several orders, for lists."""
    rows = db.session.scalars(
        select(Attribution).where(Attribution.order_id.in_(order_ids), Attribution.is_latest)
    )
    return {row.order_id: row for row in rows}


def versions_of(order_id: int) -> Sequence[Attribution]:
    """Every decision about an order, oldest first."""
    rows = db.session.scalars(
        select(Attribution).where(Attribution.order_id == order_id).order_by(Attribution.version)
    )
    return rows.all()


def figures_by_code(code_ids: Sequence[int]) -> dict[int, list[Figures]]:
    """Code id → what orders credited with that code typed amount to, per currency."""
    return _figures(Attribution.code_id, code_ids)


def figures_by_ambassador(
    ambassador_ids: Sequence[int], since: datetime | None = None
) -> dict[int, list[Figures]]:
    """Membership id → what her credited orders amount to, per currency, from an instant on."""
    return _figures(Attribution.ambassador_id, ambassador_ids, since)


def orders_by_link(ambassador_ids: Sequence[int]) -> dict[int, int]:
    """Link id → credited orders that came by one of its clicks."""
    rows = db.session.execute(
        select(Click.link_id, func.count())
        .join(Attribution, Attribution.click_id == Click.id)
        .where(
            Attribution.ambassador_id.in_(ambassador_ids),
            Attribution.is_latest,
            Attribution.outcome == Outcome.CREDITED,
        )
        .group_by(Click.link_id)
    )
    return dict(rows.all())


def assists_of(attribution_id: int) -> Sequence[Assist]:
    """Who had a part in an order that another is credited with (R34)."""
    rows = db.session.scalars(
        select(Assist).where(Assist.attribution_id == attribution_id).order_by(Assist.ambassador_id)
    )
    return rows.all()


def checks_since(ambassador_id: int, since: datetime) -> int:
    """How many orders somebody asked about from an instant on."""
    wanted = select(func.count()).where(
        SaleCheck.ambassador_id == ambassador_id, SaleCheck.at > since
    )
    return int(db.session.scalar(wanted) or 0)


def checks_of(ambassador_ids: Sequence[int], limit: int = 20) -> Sequence[SaleCheck]:
    """What a creator asked about in these memberships, newest first."""
    rows = db.session.scalars(
        select(SaleCheck)
        .where(SaleCheck.ambassador_id.in_(ambassador_ids))
        .order_by(SaleCheck.at.desc(), SaleCheck.id.desc())
        .limit(limit)
    )
    return rows.all()


def check_of_ambassadors(ambassador_ids: Sequence[int], public_id: str) -> SaleCheck:
    """One such question. Raises NotFound, for another creator's too."""
    found = db.session.scalar(
        select(SaleCheck).where(
            SaleCheck.ambassador_id.in_(ambassador_ids), SaleCheck.public_id == public_id
        )
    )
    if found is None:
        raise NotFound()
    return found


def assists_of_ambassadors(ambassador_ids: Sequence[int], limit: int = 20) -> list[Part]:
    """Orders these memberships had a part in that others are credited with, newest first (R34)."""
    rows = db.session.execute(
        select(Assist, Order.placed_at)
        .join(Attribution, (Attribution.id == Assist.attribution_id) & Attribution.is_latest)
        .join(Order, Order.id == Assist.order_id)
        .where(Assist.ambassador_id.in_(ambassador_ids))
        .order_by(Assist.order_id.desc())
        .limit(limit)
    )
    return [Part(one.ambassador_id, at, one.clicks, one.has_code) for one, at in rows]


def counts(brand_id: int) -> dict[Outcome, int]:
    """How many of a brand's orders have which outcome."""
    rows = db.session.execute(
        select(Attribution.outcome, func.count())
        .where(Attribution.brand_id == brand_id, Attribution.is_latest)
        .group_by(Attribution.outcome)
    )
    return dict(rows.all())


def _figures(
    column: Any, ids: Sequence[int], since: datetime | None = None
) -> dict[int, list[Figures]]:
    wanted = (
        select(
            column, Order.currency, func.count(), func.max(Order.placed_at),
            func.sum(Order.base_minor - Order.taken_back_minor),
        )
        .join(Order, Order.id == Attribution.order_id)
        .where(
            column.in_(ids), Attribution.is_latest, Attribution.outcome == Outcome.CREDITED,
            Order.is_cancelled.is_(False),
        )
        .group_by(column, Order.currency)
        .order_by(Order.currency)
    )  # fmt: skip
    if since is not None:
        wanted = wanted.where(Order.placed_at >= since)
    found: dict[int, list[Figures]] = {}
    for key, currency, orders, last_at, net in db.session.execute(wanted):
        found.setdefault(key, []).append(Figures(orders, Money(int(net), currency), last_at))
    return found


def later_charges(order_ids: Sequence[int]) -> list[int]:
    """The charges of the same subscriptions, later than these orders, that nobody is credited
    with (R45)."""
    if not order_ids:
        return []
    first, later = aliased(Order), aliased(Order)
    rows = db.session.scalars(
        select(later.id)
        .join(
            first,
            (first.brand_id == later.brand_id)
            & (first.subscription_ref == later.subscription_ref)
            & (first.placed_at < later.placed_at),
        )
        .join(Attribution, (Attribution.order_id == later.id) & Attribution.is_latest)
        .where(first.id.in_(order_ids), Attribution.outcome == Outcome.NOT_CREDITED)
        .order_by(later.placed_at, later.id)
    )
    return list(dict.fromkeys(rows))
