"""The two reports of the interface: clicks per link, earnings per ambassador."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select

from portal.ambassadors.models import Ambassador
from portal.api import paging
from portal.api.people_shapes import (
    ClicksReport,
    ClicksRow,
    EarningsReport,
    EarningsRow,
    ReportAsked,
)
from portal.api.shapes import Sum
from portal.commissions.models import Commission
from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.kernel.pages import PageRequest
from portal.storage.model import db
from portal.tracking import click_queries
from portal.tracking.models import AffiliateLink

MOST_DAYS = timedelta(days=366)
Span = tuple[datetime, datetime]


def clicks(brand_id: int, asked: ReportAsked) -> ClicksReport:
    """Counted clicks per link. Raises InvalidInput for days that make no span."""
    since, until = _span(asked)
    after = PageRequest(asked.cursor).row_id() or 0
    counted = click_queries.people_by_link(brand_id, since, until, after, asked.limit + 1)
    shown = counted[: asked.limit]
    links = _links([link_id for link_id, _ in shown])
    return ClicksReport(
        data=[_clicks(*links[link_id], number) for link_id, number in shown],
        next_cursor=paging.cursor(shown[-1][0]) if len(counted) > asked.limit else None,
    )


def earnings(brand_id: int, asked: ReportAsked) -> EarningsReport:
    """What ambassadors earned, by the day it was earned. Raises InvalidInput as `clicks` does."""
    since, until = _span(asked)
    mine = (
        (Commission.brand_id == brand_id)
        & (Commission.earned_at >= since)
        & (Commission.earned_at < until)
    )
    after = Commission.ambassador_id > (PageRequest(asked.cursor).row_id() or 0)
    members = db.session.scalars(
        select(Commission.ambassador_id)
        .where(mine, after)
        .distinct()
        .order_by(Commission.ambassador_id)
        .limit(asked.limit + 1)
    ).all()
    shown = members[: asked.limit]
    rows = db.session.execute(
        select(
            Ambassador.public_id,
            Commission.currency,
            func.count(),
            func.sum(Commission.amount_minor),
            func.sum(Commission.reversed_minor),
        )
        .join(Ambassador, Ambassador.id == Commission.ambassador_id)
        .where(mine, Commission.ambassador_id.in_(shown))
        .group_by(Ambassador.id, Ambassador.public_id, Commission.currency)
        .order_by(Ambassador.id, Commission.currency)
    ).all()
    return EarningsReport(
        data=[_row(*row) for row in rows],
        next_cursor=paging.cursor(shown[-1]) if len(members) > asked.limit else None,
    )


def _links(link_ids: Sequence[int]) -> dict[int, tuple[AffiliateLink, str]]:
    rows = db.session.execute(
        select(AffiliateLink, Ambassador.public_id)
        .join(Ambassador, Ambassador.id == AffiliateLink.ambassador_id)
        .where(AffiliateLink.id.in_(link_ids))
    )
    return {row[0].id: (row[0], row[1]) for row in rows}


def _clicks(link: AffiliateLink, member: str, number: int) -> ClicksRow:
    return ClicksRow(link=link.public_id, ambassador=member, label=link.label, clicks=number)


def _row(member: str, currency: str, number: int, earned: int, taken_back: int) -> EarningsRow:
    return EarningsRow(
        ambassador=member,
        commissions=number,
        earned=Sum.of(Money(int(earned), currency)),
        taken_back=Sum.of(Money(int(taken_back), currency)),
        net=Sum.of(Money(int(earned) - int(taken_back), currency)),
    )


def _span(asked: ReportAsked) -> Span:
    since = clock.start_of_day(asked.day_from, "UTC")
    until = clock.start_of_day(asked.day_until, "UTC")
    if until <= since:
        raise InvalidInput("day_until", "The last day lies before the first.")
    if until - since > MOST_DAYS:
        raise InvalidInput("day_until", "A report covers at most 366 days.")
    return since, until
