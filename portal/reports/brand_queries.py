"""The brand's home page: what waits, what sells, who brings it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice, pairwise
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import aliased

from portal.ambassadors.models import Ambassador
from portal.appeals import queries as appeals
from portal.appeals.models import Appeal
from portal.applications import queries as applications
from portal.applications.models import Application, ApplicationStatus
from portal.attribution.models import Attribution, Outcome
from portal.briefs.models import Brief, BriefStatus, Submission, SubmissionStatus
from portal.commissions.models import Commission
from portal.creators.models import Creator
from portal.decisions.models import Proposal, ProposalStatus
from portal.flags.models import Flag, FlagStatus
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
    appeals: int
    flags: int

    @property
    def is_nothing(self) -> bool:
        counted = (self.applications, self.content, self.brief_approvals, self.undecided_orders)
        return not any((*counted, self.appeals, self.flags))


def share_bp(part: int, whole: int) -> int | None:
    """part ÷ whole in basis points, half up; None when there is no whole."""
    return (2 * part * BASIS_POINTS + whole) // (2 * whole) if whole > 0 else None


def waiting(brand_id: int) -> Waiting:
    """What waits, in one query: the navigation asks for it on every page."""
    new = (Application.brand_id == brand_id, Application.status == ApplicationStatus.SUBMITTED)
    parts = (
        select(func.count()).select_from(Application).where(*new),
        select(func.min(Application.submitted_at)).where(*new),
        select(func.count()).select_from(Submission).where(
            Submission.brand_id == brand_id, Submission.status == SubmissionStatus.IN_REVIEW
        ),
        select(func.count()).select_from(Brief).where(
            Brief.brand_id == brand_id, Brief.status == BriefStatus.AWAITING_APPROVAL
        ),
        select(func.count()).select_from(Attribution).where(
            Attribution.brand_id == brand_id, Attribution.is_latest,
            Attribution.outcome == Outcome.NEEDS_DECISION,
            Attribution.order_id.not_in(_with_finance()),
        ),
        select(func.count()).select_from(Appeal).where(
            Appeal.brand_id == brand_id, Appeal.status.in_(appeals.VIEWS["open"])
        ),
        select(func.count()).select_from(Flag).where(
            Flag.brand_id == brand_id, Flag.status == FlagStatus.OPEN
        ),
    )  # fmt: skip
    return Waiting(*db.session.execute(select(*(part.scalar_subquery() for part in parts))).one())


def _with_finance() -> Any:
    return select(Proposal.order_id).where(Proposal.status == ProposalStatus.WAITING_FINANCE)


def results(brand: Brand, span: Span, code_id: int | None = None) -> Results:
    """What ambassadors brought in a span: credited orders, refunds taken off, and its price.
    With `code_id` only what was bought with that code typed."""
    return results_of(brand, [span], code_id)[0]


def results_of(brand: Brand, spans: Sequence[Span], code_id: int | None = None) -> list[Results]:
    """`results` of several spans, asked at once."""
    known = Order.customer_key.is_not(None)
    earned = _earned_minor(brand, spans, code_id)
    facts = (_net(), 1, case((known, 1), else_=0), case((and_(known, _is_first()), 1), else_=0))
    columns = [
        func.coalesce(func.sum(case((_within(Order.placed_at, span), fact), else_=0)), 0)
        for span in spans
        for fact in facts
    ]
    row = db.session.execute(_credited(brand, spans, code_id).with_only_columns(*columns)).one()
    figures = [int(value) for value in row]
    made = []
    for at in range(len(spans)):
        net, orders, buyers, first_orders = figures[4 * at : 4 * at + 4]
        commission = Money(earned[at], brand.currency)
        made.append(Results(Money(net, brand.currency), orders, commission, buyers, first_orders))
    return made


def net_by_step(brand: Brand, span: Span, code_id: int | None = None) -> list[int]:
    """Net sales in minor units for each step of a span; days end at the brand's midnight."""
    return net_by_steps(brand, [span], code_id)[0]


def net_by_steps(
    brand: Brand, spans: Sequence[Span], code_id: int | None = None
) -> list[list[int]]:
    """`net_by_step` of several spans, asked at once."""
    sums = [
        func.coalesce(func.sum(case((and_(Order.placed_at >= a, Order.placed_at < b), _net()),
                                    else_=0)), 0)
        for span in spans
        for a, b in pairwise(span.edges)
    ]  # fmt: skip
    row = db.session.execute(_credited(brand, spans, code_id).with_only_columns(*sums)).one()
    values = iter([int(value) for value in row])
    return [list(islice(values, len(span.edges) - 1)) for span in spans]


def sellers(brand: Brand, span: Span) -> list[Seller]:
    """Who brought net sales in a span, most first; everybody with at least one order."""
    net = func.sum(_net())
    rows = db.session.execute(
        _credited(brand, [span])
        .join(Ambassador, Ambassador.id == Attribution.ambassador_id)
        .join(Creator, Creator.id == Ambassador.creator_id)
        .with_only_columns(Ambassador, Creator.name, net)
        .group_by(Ambassador.id, Creator.name)
        .order_by(net.desc(), Ambassador.id)
    )
    return [Seller(row[0], row[1], Money(int(row[2]), brand.currency)) for row in rows]


def funnel(brand_id: int) -> list[tuple[str, int]]:
    """From application to first order, since the beginning."""
    sold = (
        select(Attribution.id)
        .where(Attribution.ambassador_id == Ambassador.id, Attribution.is_latest,
               Attribution.outcome == Outcome.CREDITED)
        .exists()
    )  # fmt: skip
    accepted, first_order = db.session.execute(
        select(
            func.coalesce(func.sum(case((Ambassador.activated_at.is_not(None), 1), else_=0)), 0),
            func.coalesce(func.sum(case((sold, 1), else_=0)), 0),
        ).where(Ambassador.brand_id == brand_id)
    ).one()
    counts = applications.counts(brand_id)
    return [
        ("Sent", counts["all"]),
        ("Approved", counts["approved"]),
        ("Accepted the terms", int(accepted)),
        ("First order", int(first_order)),
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


def best_day(values: Sequence[int], days: Sequence[date]) -> tuple[date, int] | None:
    """The day that brought most; None when nothing was brought."""
    if not values or max(values) <= 0:
        return None
    at = max(range(len(values)), key=lambda index: values[index])
    return days[at], values[at]


def _credited(brand: Brand, spans: Sequence[Span], code_id: int | None = None) -> Select[Any]:
    found = (
        select(Order)
        .join(Attribution, Attribution.order_id == Order.id)
        .where(
            Order.brand_id == brand.id,
            Order.currency == brand.currency,
            Order.placed_at >= min(span.start for span in spans),
            Order.placed_at < max(span.end for span in spans),
            Attribution.is_latest,
            Attribution.outcome == Outcome.CREDITED,
        )
    )
    return found if code_id is None else found.where(Attribution.code_id == code_id)


def _within(at: Any, span: Span) -> ColumnElement[bool]:
    return and_(at >= span.start, at < span.end)


def _earned_minor(brand: Brand, spans: Sequence[Span], code_id: int | None) -> list[int]:
    left, at = Commission.amount_minor - Commission.reversed_minor, Commission.earned_at
    sums = [func.coalesce(func.sum(case((_within(at, span), left), else_=0)), 0) for span in spans]
    wanted = select(*sums).where(
        Commission.brand_id == brand.id, Commission.currency == brand.currency,
        at >= min(span.start for span in spans), at < max(span.end for span in spans),
    )  # fmt: skip
    if code_id is not None:
        wanted = wanted.join(Attribution, Attribution.id == Commission.attribution_id).where(
            Attribution.code_id == code_id
        )
    return [int(value) for value in db.session.execute(wanted).one()]


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
