"""A brand's links with what they brought and whether their pages answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from portal.ambassadors.models import Ambassador
from portal.attribution import queries as attributions
from portal.creators.models import Creator
from portal.identity import queries as identity
from portal.kernel.money import Money
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.reports import earned_queries, link_queries
from portal.reports.link_queries import CLICK_DAYS as CLICK_DAYS
from portal.reports.link_queries import ClickFigures
from portal.reports.periods import Span, until_today
from portal.storage.model import db
from portal.tracking import click_queries, health_queries
from portal.tracking import queries as tracking
from portal.tracking.health_queries import SURE_FAILURES, LinkCheck, is_surely_broken
from portal.tracking.models import AffiliateLink, Health, LinkStatus
from portal.tracking.rules import leads_off_site

VIEWS = {"active": "Active", "most": "Most clicked", "broken": "Page broken", "paused": "Paused",
         "retired": "Retired", "all": "All"}  # fmt: skip
MOST = 100  # how many the view of the most clicked shows
ENOUGH_CLICKS = 20  # a rate of fewer says nothing


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One link: clicks of the last 30 days, orders of all time. `status` is its own, or paused
    while the membership rests."""

    link: AffiliateLink
    ambassador: Ambassador
    creator: Creator
    status: LinkStatus
    clicks: int
    besides: ClickFigures  # with repeats and machines, which are no clicks
    orders: int
    check: LinkCheck | None
    is_off_site: bool  # its site was removed: it shows the program's page

    @property
    def is_broken(self) -> bool:
        """Whether its destination is surely broken."""
        return is_surely_broken(self.check)


@dataclass(frozen=True, slots=True)
class LinkStory:
    """One link for its own page."""

    row: LinkRow
    earned: Sequence[Money]
    span: Span
    points: Sequence[int]
    history: Sequence[dict[str, Any]]


def listing(
    brand_id: int, view: str, search: str, request: PageRequest, zone: str
) -> Page[LinkRow]:
    """A brand's links of one view of VIEWS, newest first; found by name, address or person.
    Clicks are those of days in its zone. Of "most" the first MOST by clicks, on one page."""
    wanted = (
        select(AffiliateLink, Ambassador, Creator)
        .join(Ambassador, Ambassador.id == AffiliateLink.ambassador_id)
        .join(Creator, Creator.id == Ambassador.creator_id)
        .where(AffiliateLink.brand_id == brand_id, *_in_view(brand_id, view))
    )
    if search:
        words = (AffiliateLink.slug, AffiliateLink.label, AffiliateLink.destination_url,
                 Creator.name)  # fmt: skip
        found: ColumnElement[bool] = words[0].icontains(search, autoescape=True)
        for word in words[1:]:
            found = found | word.icontains(search, autoescape=True)
        wanted = wanted.where(found)
    if view == "most":
        return _most_clicked(brand_id, wanted, zone)
    ids = wanted.with_only_columns(AffiliateLink.id).limit(COUNT_CAP + 1).subquery()
    total = db.session.scalar(select(func.count()).select_from(ids))
    last = request.row_id()
    if last is not None:
        wanted = wanted.where(AffiliateLink.id < last)
    rows = db.session.execute(
        wanted.order_by(AffiliateLink.id.desc()).limit(request.size + 1)
    ).all()
    shown = [(row[0], row[1], row[2]) for row in rows[: request.size]]
    cursor = cursor_of(shown[-1][0].id) if len(rows) > request.size else None
    return Page(_rows(shown, zone), cursor, int(total or 0), is_first=last is None)


def _most_clicked(
    brand_id: int, wanted: Select[AffiliateLink, Ambassador, Creator], zone: str
) -> Page[LinkRow]:
    since = until_today(CLICK_DAYS, zone).start_by_name
    places = {
        link_id: place
        for place, (link_id, _) in enumerate(click_queries.most_clicked(brand_id, since, MOST))
    }
    rows = db.session.execute(wanted.where(AffiliateLink.id.in_(places))).all()
    shown = sorted(((row[0], row[1], row[2]) for row in rows), key=lambda one: places[one[0].id])
    return Page(_rows(shown, zone), None, len(shown), is_first=True)


def _in_view(brand_id: int, view: str) -> list[ColumnElement[bool]]:
    if view == "broken":
        return [
            AffiliateLink.status == LinkStatus.ACTIVE,
            AffiliateLink.id.in_(
                select(LinkCheck.link_id).where(
                    LinkCheck.brand_id == brand_id, LinkCheck.health == Health.BROKEN,
                    LinkCheck.failures >= SURE_FAILURES,
                    LinkCheck.url == AffiliateLink.destination_url,
                )
            ),
        ]  # fmt: skip
    states = {"active": (LinkStatus.ACTIVE, LinkStatus.RESERVED),
              "paused": (LinkStatus.PAUSED, LinkStatus.BLOCKED),
              "retired": (LinkStatus.RETIRED,)}  # fmt: skip
    return [AffiliateLink.status.in_(states[view])] if view in states else []


def _rows(found: Sequence[tuple[AffiliateLink, Ambassador, Creator]], zone: str) -> list[LinkRow]:
    members = list({one.id for _, one, _ in found})
    clicks = link_queries.clicks_shown(members, zone)
    orders = attributions.orders_by_link(members)
    checks = health_queries.checks_of([link.id for link, _, _ in found])
    return [
        LinkRow(
            link=link, ambassador=member, creator=creator,
            clicks=clicks.get(link.id, ClickFigures()).humans,
            besides=clicks.get(link.id, ClickFigures()),
            orders=orders.get(link.id, 0), check=checks.get(link.id),
            is_off_site=link.status is LinkStatus.ACTIVE
            and leads_off_site(link.destination_url, _sites_of(link.brand_id)),
            status=LinkStatus.PAUSED
            if link.status is LinkStatus.ACTIVE and not member.is_active else link.status,
        )
        for link, member, creator in found
    ]  # fmt: skip


def _sites_of(brand_id: int) -> Sequence[str]:
    return identity.brand(brand_id).allowed_hosts or ()


def story(link: AffiliateLink, zone: str) -> LinkStory:
    """Everything the page of one link shows."""
    member = db.session.get_one(Ambassador, link.ambassador_id)
    creator = db.session.get_one(Creator, member.creator_id)
    span = until_today(CLICK_DAYS, zone)
    return LinkStory(
        row=_rows([(link, member, creator)], zone)[0],
        earned=earned_queries.by_link([member.id]).get(link.id, ()),
        span=span,
        points=link_queries.clicks_per_step(link.id, span),
        history=_history(link, creator),
    )


def _history(link: AffiliateLink, creator: Creator) -> list[dict[str, Any]]:
    changes = tracking.changes_of_link(link.id)
    people = identity.users([one.by_id for one in changes if one.by_id])
    words = {"active": "set it working", "paused": "paused it", "retired": "ended it",
             "reserved": "reserved it", "blocked": "blocked it"}  # fmt: skip
    entries = []
    for at, change in enumerate(changes):
        who = creator.name if change.by_id == creator.user_id else (
            people[change.by_id].name if change.by_id in people else "Automatic:")  # fmt: skip
        led = change.reason == "destination changed"
        text = f"led it to {change.destination_url}" if led else words[change.status.value]
        text = text.replace(" it", "", 1) if who == "Automatic:" else text
        if at == 0 and change.status is LinkStatus.ACTIVE:
            text = "made it"
        state = "latest" if at == len(changes) - 1 else ""
        entries.append({"icon": "link", "who": who, "text": text, "at": change.at, "state": state})
    return entries
