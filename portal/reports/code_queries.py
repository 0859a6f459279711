"""A brand's codes with what they sold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Ambassador
from portal.attribution import queries as attributions
from portal.attribution.models import Attribution, Outcome
from portal.attribution.queries import Figures
from portal.commissions.models import Commission
from portal.creators import queries as creators
from portal.creators.models import Creator
from portal.identity import queries as identity
from portal.identity.models import Brand, User
from portal.kernel.money import Money
from portal.kernel.pages import Page, PageRequest
from portal.reports import brand_pages, brand_queries, earned_queries
from portal.reports.periods import until_today
from portal.sales.models import Order
from portal.storage.model import db
from portal.tracking import queries as tracking
from portal.tracking.models import CodeChange, CodeStatus, DiscountCode
from portal.tracking.queries import CODE_VIEWS, CodeRow
from portal.web.formatting import percent

VIEWS = {"active": "Active", "reserved": "Reserved", "paused": "Paused", "retired": "Ended",
         "all": "All"}  # fmt: skip
CSV_HEAD = ("code", "ambassador", "status", "discount", "orders", "net_sales", "activated_at",
            "valid_from", "valid_until", "ended_at", "use_limit")  # fmt: skip
CSV_PAGE = 1_000
CHART_DAYS = 90
LATEST = 8
ENOUGH_ORDERS = 20  # a rate of fewer says nothing


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of codes; `figures` and `earned` by code row id, one per currency; `counts` of every
    view."""

    page: Page[CodeRow]
    figures: dict[int, list[Figures]]
    earned: dict[int, list[Money]]
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a code's history; `is_ahead`: it is still to come."""

    at: datetime
    status: CodeStatus
    who: str
    reason: str
    is_ahead: bool


@dataclass(frozen=True, slots=True)
class CodeStory:
    """One code: whose, what it sold, what happened to it."""

    code: DiscountCode
    creator: Creator
    ambassador: Ambassador
    figures: Sequence[Figures]
    earned: Sequence[Money]
    orders: Sequence[tuple[Order, Commission | None]]
    changes: Sequence[Change]
    replaced_by: DiscountCode | None
    replaces: DiscountCode | None


def listing(
    brand_id: int, view: str, search: str, request: PageRequest, batch_id: int = 0
) -> Listing:
    """A brand's codes of one view of VIEWS, newest first; of one batch, when one is named."""
    page = tracking.codes_of(brand_id, request, view if view != "all" else "", search, batch_id)
    ids = [row.code.id for row in page.rows]
    return Listing(
        page, attributions.figures_by_code(ids), earned_queries.by_code(ids), counts(brand_id)
    )


def counts(brand_id: int) -> dict[str, int]:
    """How many codes each view of VIEWS holds."""
    rows = db.session.execute(
        select(DiscountCode.status, func.count())
        .where(DiscountCode.brand_id == brand_id)
        .group_by(DiscountCode.status)
    )
    held: dict[CodeStatus, int] = dict(rows.all())
    views = {name: sum(held.get(one, 0) for one in kinds) for name, kinds in CODE_VIEWS.items()}
    return {**views, "all": sum(held.values())}


def story(found: DiscountCode, now: datetime) -> CodeStory:
    """Everything its page shows but the chart."""
    member = ambassadors.ambassador(found.ambassador_id)
    changes = tracking.changes_of(found.id)
    people = identity.users([one.by_id for one in changes if one.by_id])
    ended = found.ended_at is not None and found.ended_at <= now
    return CodeStory(
        code=found, creator=creators.creator(member.creator_id), ambassador=member,
        figures=attributions.figures_by_code([found.id]).get(found.id, ()),
        earned=earned_queries.by_code([found.id]).get(found.id, ()),
        orders=_orders(found.id),
        changes=[_change(one, people, now) for one in changes if one.at <= now or not ended],
        replaced_by=tracking.code(found.replaced_by_id) if found.replaced_by_id else None,
        replaces=_replaced_by_it(found),
    )  # fmt: skip


def rows_of(brand_id: int, view: str, search: str, batch_id: int = 0) -> Iterator[list[Any]]:
    """Every code of a view for a file, newest first, read page by page; CSV_HEAD names the
    cells. Instants are UTC."""
    page, is_over = PageRequest(size=CSV_PAGE), False
    while not is_over:
        found = listing(brand_id, view, search, page, batch_id)
        for row in found.page.rows:
            sold, one = found.figures.get(row.code.id, []), row.code
            yield [
                one.code, row.creator_name, one.status.value, percent(one.discount_bp),
                sum(figure.orders for figure in sold),
                ", ".join(str(figure.net) for figure in sold),
                *(at.isoformat() if at else "" for at in (
                    one.activated_at, one.valid_from, one.valid_until, one.ended_at)),
                one.use_limit,
            ]  # fmt: skip
        page, is_over = PageRequest(found.page.next_cursor, CSV_PAGE), not found.page.next_cursor


def use_over_time(brand: Brand, code_id: int) -> dict[str, Any]:
    """Net sales by week with this code typed, as finished values for a chart; empty before the
    first sale of the span."""
    span = until_today(CHART_DAYS, brand.zone)
    now = brand_queries.results(brand, span, code_id)
    then = brand_queries.results(brand, span.before(), code_id)
    if not now.orders:
        return {}
    points = brand_queries.net_by_step(brand, span, code_id)
    best = brand_pages.best_words(brand, points, span)
    return {
        "days": span.step_days, "points": points, "results": now,
        "finding": brand_pages.finding(now, then, best),
        "ticks": brand_pages.ticks(points, brand.currency), "labels": brand_pages.labels(span),
        "new_bp": now.new_bp if now.buyers >= ENOUGH_ORDERS else None,
    }  # fmt: skip


def _orders(code_id: int) -> list[tuple[Order, Commission | None]]:
    rows = db.session.execute(
        select(Order, Commission)
        .join(Attribution, Attribution.order_id == Order.id)
        .outerjoin(
            Commission,
            and_(
                Commission.attribution_id == Attribution.id,
                Commission.ambassador_id == Attribution.ambassador_id,
            ),
        )
        .where(
            Attribution.code_id == code_id,
            Attribution.is_latest,
            Attribution.outcome == Outcome.CREDITED,
        )
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(LATEST)
    )
    return [(row[0], row[1]) for row in rows]


def _replaced_by_it(found: DiscountCode) -> DiscountCode | None:
    older: DiscountCode | None = db.session.scalar(
        select(DiscountCode).where(
            DiscountCode.ambassador_id == found.ambassador_id,
            DiscountCode.replaced_by_id == found.id,
        )
    )
    return older


def _change(one: CodeChange, people: dict[int, User], now: datetime) -> Change:
    who = people[one.by_id].name if one.by_id in people else ""
    is_ahead = one.at > now
    return Change(one.at, one.status, "" if is_ahead else who, one.reason, is_ahead=is_ahead)
