"""A brand's ambassadors with what they bring: the roster and one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, select

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Acceptance, Ambassador, StatusChange
from portal.applications import queries as applications
from portal.applications.models import Application
from portal.attribution import queries as attribution
from portal.attribution.models import Attribution, Outcome
from portal.attribution.queries import Figures
from portal.commissions.models import Commission
from portal.creators import queries as creators
from portal.creators.models import Channel, Creator
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.money import Money
from portal.kernel.pages import Page, PageRequest
from portal.programs import queries as programs
from portal.programs.models import Agreement, Program
from portal.sales.models import Order
from portal.storage.model import db
from portal.tracking import click_queries
from portal.tracking import queries as tracking
from portal.tracking.models import AffiliateLink, DiscountCode

PERIOD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One ambassador in the roster; figures are of the last 30 days, in the brand's currency."""

    ambassador: Ambassador
    creator: Creator
    code: DiscountCode | None
    clicks: int
    orders: int
    net: Money
    commission: Money
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Portrait:
    """One ambassador with everything the brand may see of her; figures since she joined."""

    ambassador: Ambassador
    creator: Creator
    program: Program
    application: Application | None
    channels: Sequence[Channel]
    codes: Sequence[DiscountCode]
    links: Sequence[AffiliateLink]
    link_clicks: dict[int, int]
    accepted: Sequence[tuple[Acceptance, Agreement]]
    history: Sequence[tuple[StatusChange, str]]
    figures: Sequence[Figures]
    commission: Sequence[Money]
    clicks: int
    orders: Sequence[tuple[Order, Commission | None]]


def roster(brand_id: int, page: PageRequest, *, view: str, text: str = "") -> Page[RosterRow]:
    """The roster's page with figures; five queries, whatever the page's length."""
    found = ambassadors.roster(brand_id, page, view=view, text=text)
    ids = [row.ambassador.id for row in found.rows]
    since, currency = clock.now() - PERIOD, identity.brand(brand_id).currency
    codes, clicks = tracking.current_codes(ids), _clicks(ids, since)
    sold = {key: _in(currency, rows) for key, rows in
            attribution.figures_by_ambassador(ids, since).items()}  # fmt: skip
    earned = _commissions(ids, since)
    rows = []
    for member in found.rows:
        key, nothing = member.ambassador.id, Money.zero(currency)
        figures = sold.get(key)
        rows.append(
            RosterRow(
                ambassador=member.ambassador,
                creator=member.creator,
                code=codes.get(key),
                clicks=clicks.get(key, 0),
                orders=figures.orders if figures else 0,
                net=figures.net if figures else nothing,
                commission=earned.get((key, currency), nothing),
                last_at=figures.last_at if figures else None,
            )
        )
    return Page(rows, found.next_cursor, found.total, is_first=found.is_first)


def portrait(brand_id: int, public_id: str) -> Portrait:
    """One ambassador of a brand. Raises NotFound, for another brand's too."""
    one = ambassadors.one_of_brand(brand_id, public_id)
    history = ambassadors.history_of(one.id)
    names = identity.users([step.by for step in history if step.by])
    clicks = tracking.clicks_by_link([one.id], one.joined_at)
    return Portrait(
        ambassador=one,
        creator=creators.creator(one.creator_id),
        program=programs.program(one.program_id),
        application=applications.of_ambassador(one.id),
        channels=creators.channels_of(one.creator_id),
        codes=tracking.codes_of_ambassador(one.id),
        links=tracking.links_of(one.id),
        link_clicks=clicks,
        accepted=ambassadors.acceptances_of(one.id),
        history=[(step, names[step.by].name if step.by in names else "") for step in history],
        figures=attribution.figures_by_ambassador([one.id]).get(one.id, []),
        commission=[amount for (_, _), amount in sorted(_commissions([one.id]).items())],
        clicks=sum(clicks.values()),
        orders=_orders(one.id),
    )


def affected(brand_id: int, program_id: int) -> int:
    """How many active members of a brand's program a new version of its terms concerns."""
    query = select(func.count()).where(
        Ambassador.brand_id == brand_id,
        Ambassador.program_id == program_id,
        Ambassador.status.in_(ambassadors.VIEWS["active"]),
    )
    return int(db.session.scalar(query) or 0)


def _in(currency: str, rows: Sequence[Figures]) -> Figures | None:
    return next((row for row in rows if row.net.currency == currency), None)


def _clicks(ambassador_ids: Sequence[int], since: datetime) -> dict[int, int]:
    found = click_queries.figures_by_ambassador(ambassador_ids, since)
    return {ambassador_id: figures.humans for ambassador_id, figures in found.items()}


def _commissions(
    ambassador_ids: Sequence[int], since: datetime | None = None
) -> dict[tuple[int, str], Money]:
    query: Any = (
        select(
            Commission.ambassador_id,
            Commission.currency,
            func.sum(Commission.amount_minor - Commission.reversed_minor),
        )
        .where(Commission.ambassador_id.in_(ambassador_ids))
        .group_by(Commission.ambassador_id, Commission.currency)
    )
    if since is not None:
        query = query.where(Commission.earned_at >= since)
    return {(key, code): Money(int(sum_), code) for key, code, sum_ in db.session.execute(query)}


def _orders(ambassador_id: int, limit: int = 8) -> list[tuple[Order, Commission | None]]:
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
            Attribution.ambassador_id == ambassador_id,
            Attribution.is_latest,
            Attribution.outcome == Outcome.CREDITED,
        )
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]
