"""The brand's home page: what waits, what sells, who brings it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import aliased

from portal.ambassadors.models import Ambassador
from portal.applications import queries as applications
from portal.applications.models import Application
from portal.attribution import queries as attribution
from portal.attribution.models import Attribution, Outcome
from portal.briefs import queries as briefs
from portal.commissions.models import Commission
from portal.creators.models import Creator
from portal.identity.models import Brand
from portal.kernel.money import Money
from portal.reports.periods import Span
from portal.sales.models import Order
from portal.storage.model import db

TOP = 7
LATEST = 5
BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class Results:
    """What a span brought, in the brand's currency. Rates are None where nothing divides."""

    net: Money
    orders: int
    commission: Money
    buyers: int
    first_orders: int

    @property
    def average(self) -> Money | None:
        """Net sales divided by orders."""
        return self.net.scaled(1, self.orders) if self.orders else None

    @property
    def commission_bp(self) -> int | None:
        """Commission as a share of net sales."""
        return share_bp(self.commission.minor, self.net.minor)

    @property
    def new_bp(self) -> int | None:
        """Orders of people who had not bought before, as a share of orders with a known buyer."""
        return share_bp(self.first_orders, self.buyers)

    @property
    def roi_bp(self) -> int | None:
        """(Net sales − commission) ÷ commission."""
        return share_bp(self.net.minor - self.commission.minor, self.commission.minor)


@dataclass(frozen=True, slots=True)
class Seller:
    """What one ambassador brought in a span."""

    ambassador: Ambassador
    name: str
    net: Money


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for somebody of the brand."""

    applications: int
    oldest_at: datetime | None
    content: int
    brief_approvals: int
    undecided_orders: int


def share_bp(part: int, whole: int) -> int | None:
    """part ÷ whole in basis points, half up; None when there is no whole."""
    return (2 * part * BASIS_POINTS + whole) // (2 * whole) if whole > 0 else None


def waiting(brand_id: int) -> Waiting:
    """The counts of the task list."""
    oldest = applications.oldest_open(brand_id)
    return Waiting(
        applications=applications.counts(brand_id)["new"],
        oldest_at=oldest.submitted_at if oldest else None,
        content=briefs.waiting_for_review(brand_id),
        brief_approvals=briefs.waiting_for_approval(brand_id),
        undecided_orders=attribution.counts(brand_id).get(Outcome.NEEDS_DECISION, 0),
    )


def results(brand: Brand, span: Span, code_id: int | None = None) -> Results:
    """What ambassadors brought in a span: credited orders, refunds taken off, and its price.
    With `code_id` only what was bought with that code typed."""
    known = Order.customer_key.is_not(None)
    row = db.session.execute(
        _credited(brand, span, code_id).with_only_columns(
            func.coalesce(func.sum(_net()), 0), func.count(),
            func.coalesce(func.sum(case((known, 1), else_=0)), 0),
            func.coalesce(func.sum(case((and_(known, _is_first()), 1), else_=0)), 0),
        )
    ).one()  # fmt: skip
    earned = Money(_earned_minor(brand, span, code_id), brand.currency)
    return Results(Money(int(row[0]), brand.currency), int(row[1]), earned, int(row[2]),
                   int(row[3]))  # fmt: skip


def net_by_step(brand: Brand, span: Span, code_id: int | None = None) -> list[int]:
    """Net sales in minor units for each step of a span; days end at the brand's midnight."""
    edges = span.edges
    sums = [
        func.coalesce(func.sum(case((and_(Order.placed_at >= a, Order.placed_at < b), _net()),
                                    else_=0)), 0)
        for a, b in pairwise(edges)
    ]  # fmt: skip
    row = db.session.execute(_credited(brand, span, code_id).with_only_columns(*sums)).one()
    return [int(value) for value in row]


def sellers(brand: Brand, span: Span) -> list[Seller]:
    """Who brought net sales in a span, most first; everybody with at least one order."""
    net = func.sum(_net())
    rows = db.session.execute(
        _credited(brand, span)
        .join(Ambassador, Ambassador.id == Attribution.ambassador_id)
        .join(Creator, Creator.id == Ambassador.creator_id)
        .with_only_columns(Ambassador, Creator.name, net)
        .group_by(Ambassador.id, Creator.name)
        .order_by(net.desc(), Ambassador.id)
    )
    return [Seller(row[0], row[1], Money(int(row[2]), brand.currency)) for row in rows]


def funnel(brand_id: int) -> list[tuple[str, int]]:
    """From application to first order, since the beginning."""
    counted = select(func.count()).select_from(Ambassador).where(Ambassador.brand_id == brand_id)
    sold = (
        select(Attribution.id)
        .where(Attribution.ambassador_id == Ambassador.id, Attribution.is_latest,
               Attribution.outcome == Outcome.CREDITED)
        .exists()
    )  # fmt: skip
    counts = applications.counts(brand_id)
    return [
        ("Sent", counts["all"]),
        ("Approved", counts["approved"]),
        ("Accepted the terms", _number(counted.where(Ambassador.activated_at.is_not(None)))),
        ("First order", _number(counted.where(sold))),
    ]


def latest_orders(brand_id: int) -> Sequence[tuple[Order, Attribution | None, str]]:
    """The newest orders with their decision and whom they were credited to."""
    rows = db.session.execute(
        select(Order, Attribution, Creator.name)
        .outerjoin(Attribution, and_(Attribution.order_id == Order.id, Attribution.is_latest))
        .outerjoin(Ambassador, Ambassador.id == Attribution.ambassador_id)
        .outerjoin(Creator, Creator.id == Ambassador.creator_id)
        .where(Order.brand_id == brand_id)
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(LATEST)
    )
    return [(row[0], row[1], row[2] or "") for row in rows]


def latest_applications(brand_id: int) -> Sequence[Application]:
    """The newest applications, decided or not."""
    query = (
        select(Application)
        .where(Application.brand_id == brand_id, Application.submitted_at.is_not(None))
        .order_by(Application.submitted_at.desc(), Application.id.desc())
        .limit(LATEST)
    )
    return db.session.scalars(query).all()  # type: ignore[no-any-return]


def has_orders(brand_id: int) -> bool:
    """Whether a shop has ever reported an order."""
    found = db.session.scalar(select(Order.id).where(Order.brand_id == brand_id).limit(1))
    return found is not None


def best_day(values: Sequence[int], days: Sequence[date]) -> tuple[date, int] | None:
    """The day that brought most; None when nothing was brought."""
    if not values or max(values) <= 0:
        return None
    at = max(range(len(values)), key=lambda index: values[index])
    return days[at], values[at]


def _credited(brand: Brand, span: Span, code_id: int | None = None) -> Select[Any]:
    found = (
        select(Order)
        .join(Attribution, Attribution.order_id == Order.id)
        .where(
            Order.brand_id == brand.id,
            Order.currency == brand.currency,
            Order.placed_at >= span.start,
            Order.placed_at < span.end,
            Attribution.is_latest,
            Attribution.outcome == Outcome.CREDITED,
        )
    )
    return found if code_id is None else found.where(Attribution.code_id == code_id)


def _earned_minor(brand: Brand, span: Span, code_id: int | None) -> int:
    left = func.sum(Commission.amount_minor - Commission.reversed_minor)
    wanted = select(func.coalesce(left, 0)).where(
        Commission.brand_id == brand.id, Commission.currency == brand.currency,
        Commission.earned_at >= span.start, Commission.earned_at < span.end,
    )  # fmt: skip
    if code_id is not None:
        wanted = wanted.join(Attribution, Attribution.id == Commission.attribution_id).where(
            Attribution.code_id == code_id
        )
    return _number(wanted)


def _net() -> ColumnElement[int]:
    gone = Order.is_cancelled | Order.is_deleted
    net: ColumnElement[int] = case((gone, 0), else_=Order.base_minor - Order.taken_back_minor)
    return net


def _is_first() -> ColumnElement[bool]:
    earlier = aliased(Order)
    return ~(
        select(earlier.id)
        .where(
            earlier.brand_id == Order.brand_id,
            earlier.customer_key == Order.customer_key,
            earlier.placed_at < Order.placed_at,
        )
        .exists()
    )


def _number(query: Select[Any]) -> int:
    return int(db.session.scalar(query) or 0)
