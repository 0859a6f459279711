"""A creator's codes and links, with what they brought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from portal.ambassadors.models import MembershipStatus
from portal.applications import membership_queries
from portal.applications.membership_queries import Joined
from portal.attribution import queries as attributions
from portal.kernel import clock
from portal.kernel.money import Money
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.reports import earned_queries
from portal.reports.periods import Span, until_today
from portal.storage.model import db
from portal.tracking import click_queries, health_queries, issue_queries
from portal.tracking import queries as tracking
from portal.tracking.click_queries import ClickFigures as ClickFigures
from portal.tracking.commands import MEMBERSHIP, RESTORE_MINUTES
from portal.tracking.health_queries import LinkCheck, is_surely_broken
from portal.tracking.issue_queries import CodeRequest
from portal.tracking.models import (
    AffiliateLink,
    CodeStatus,
    DiscountCode,
    LinkStatus,
    RequestStatus,
)
from portal.tracking.rules import leads_off_site

CLICK_DAYS = 30
STATES = {"": "In use", "active": "Active", "paused": "Paused", "retired": "Retired"}
SUB_IDS = 12
WISH_DAYS = 30
SHOWN_CODES = (CodeStatus.RESERVED, CodeStatus.ACTIVE, CodeStatus.PAUSED, CodeStatus.REPLACED)
GONE = (MembershipStatus.ENDED, MembershipStatus.BANNED)
Members = dict[int, Joined]


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One code of hers. `status` is its own, or paused while the membership rests."""

    code: DiscountCode
    joined: Joined
    status: CodeStatus
    orders: int
    earned: Sequence[Money]
    replaced_by: str


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One link: clicks of the last 30 days, orders and earnings of all time. `status` is its own,
    or paused while the membership rests."""

    link: AffiliateLink
    joined: Joined
    status: LinkStatus
    clicks: int
    besides: ClickFigures  # with repeats and machines, which are no clicks
    orders: int
    earned: Sequence[Money]
    check: LinkCheck | None
    is_off_site: bool  # the brand removed its site: it shows the program's page

    @property
    def is_broken(self) -> bool:
        """Whether its destination is surely broken, so that somebody should act."""
        return is_surely_broken(self.check)


@dataclass(frozen=True, slots=True)
class LinkStory:
    """One link for its own page: `points` are clicks per day of the span; `sub_ids` what came
    with clicks as sub1, most first; `undo_seconds` while its last change can be undone."""

    row: LinkRow
    span: Span
    points: Sequence[int]
    sub_ids: Sequence[tuple[str, int]]
    undo_seconds: int


def members_of(creator_id: int) -> Members:
    """Her memberships that are not over, by row id; one whose approval can still be taken back
    is not hers yet."""
    found = membership_queries.memberships_of(creator_id)
    return {one.id: Joined(one, program, brand, None) for one, program, brand in found
            if one.status not in GONE}  # fmt: skip


def codes_of(members: Members) -> Sequence[CodeRow]:
    """Every code of hers that is not retired, newest first."""
    found = db.session.scalars(
        select(DiscountCode)
        .where(
            DiscountCode.ambassador_id.in_(members), DiscountCode.status.in_(SHOWN_CODES)
        )
        .order_by(DiscountCode.id.desc())
    ).all()  # fmt: skip
    ids = [one.id for one in found]
    figures, earned = attributions.figures_by_code(ids), earned_queries.by_code(ids)
    names = {one.id: one.code for one in found}
    return [
        CodeRow(
            code=one,
            joined=members[one.ambassador_id],
            status=_shown(one.status, CodeStatus.ACTIVE, CodeStatus.PAUSED, members, one),
            orders=sum(sold.orders for sold in figures.get(one.id, ())),
            earned=earned.get(one.id, ()),
            replaced_by=names.get(one.replaced_by_id or 0, ""),
        )
        for one in found
    ]


def wishes_of(members: Members) -> Sequence[CodeRequest]:
    """Her wishes for codes that still say something: open ones, and declined ones for a while."""
    latest = clock.now() - timedelta(days=WISH_DAYS)
    found = issue_queries.latest_requests(members).values()
    return [
        one for one in found
        if one.is_open or (one.status is RequestStatus.DECLINED and one.asked_at >= latest)
    ]  # fmt: skip


def links_of(
    members: Members, page: PageRequest, zone: str, program: str = "", state: str = ""
) -> Page[LinkRow]:
    """Her links, default ones first, then newest first. `program` is a public id, `state` a key
    of STATES; clicks are those of days in her zone."""
    within = {
        key: one for key, one in members.items() if program in ("", one.program.public_id)
    }  # fmt: skip
    conditions = [AffiliateLink.ambassador_id.in_(within), *_in_state(within, state)]
    position = page.part_and_row_id()
    found = db.session.scalars(
        select(AffiliateLink)
        .where(*conditions, *_after(position))
        .order_by(AffiliateLink.is_default.desc(), AffiliateLink.id.desc())
        .limit(page.size + 1)
    ).all()
    last = found[page.size - 1] if len(found) > page.size else None
    is_whole = position is None and last is None
    return Page(
        _rows(found[: page.size], within, zone),
        cursor_of(int(last.is_default), last.id) if last else None,
        len(found) if is_whole else _count(conditions), is_first=position is None,
    )  # fmt: skip


def _count(conditions: Sequence[ColumnElement[bool]]) -> int:
    capped = select(AffiliateLink.id).where(*conditions).limit(COUNT_CAP + 1).subquery()
    return int(db.session.scalar(select(func.count()).select_from(capped)) or 0)


def clicks_shown(ambassador_ids: Sequence[int], zone: str) -> dict[int, ClickFigures]:
    """Link id → what came in the last CLICK_DAYS days; the people are the sum of its chart's
    points."""
    since = until_today(CLICK_DAYS, zone).start_by_name
    return click_queries.traffic_by_link(ambassador_ids, since)


def _rows(found: Sequence[AffiliateLink], members: Members, zone: str) -> list[LinkRow]:
    ids = list({one.ambassador_id for one in found})
    clicks = clicks_shown(ids, zone)
    orders, earned = attributions.orders_by_link(ids), earned_queries.by_link(ids)
    checks = health_queries.checks_of([one.id for one in found])
    return [
        LinkRow(
            link=one,
            joined=members[one.ambassador_id],
            status=_shown(one.status, LinkStatus.ACTIVE, LinkStatus.PAUSED, members, one),
            clicks=clicks.get(one.id, ClickFigures()).humans,
            besides=clicks.get(one.id, ClickFigures()),
            orders=orders.get(one.id, 0),
            earned=earned.get(one.id, ()),
            check=checks.get(one.id),
            is_off_site=leads_off_site(
                one.destination_url, members[one.ambassador_id].brand.allowed_hosts or ()
            ),
        )
        for one in found
    ]


def story(link: AffiliateLink, joined: Joined, zone: str) -> LinkStory:
    """Everything the page of one link shows of what it brought."""
    span = until_today(CLICK_DAYS, zone)
    return LinkStory(
        row=_rows([link], {joined.ambassador.id: joined}, zone)[0],
        span=span,
        points=clicks_per_step(link.id, span),
        sub_ids=sub_ids_of(link.id, span),
        undo_seconds=undo_seconds(link),
    )


def clicks_per_step(link_id: int, span: Span) -> list[int]:
    """Counted clicks of a link on each step of a span that ends today. Clicks are kept by UTC day,
    which is taken for the day of the same name; where it is tomorrow already, for today."""
    found = [0] * len(span.step_days)
    by_day = click_queries.figures_of_link_by_day(link_id, span.start_by_name)
    for day, figures in by_day.items():
        step = (day - span.first).days // span.step
        found[min(step, len(found) - 1)] += figures.humans
    return found


def sub_ids_of(link_id: int, span: Span) -> list[tuple[str, int]]:
    """(sub1, counted clicks) of a span, most first; clicks without one are left out."""
    return [
        (sub_id[:40], count)
        for sub_id, count in click_queries.figures_by_parameter(
            link_id, "sub1", span.start_by_name, SUB_IDS
        )
        if sub_id
    ]


def undo_seconds(link: AffiliateLink) -> int:
    """How long a pause or retirement by hand can still be undone; 0 when it cannot."""
    last = list(tracking.changes_of_link(link.id))[-1:]
    if not last or last[0].status not in (LinkStatus.PAUSED, LinkStatus.RETIRED):
        return 0
    if last[0].reason == MEMBERSHIP or link.status is not last[0].status:
        return 0
    until = last[0].at + timedelta(minutes=RESTORE_MINUTES)
    return max(int((until - clock.now()).total_seconds()), 0)


def _shown(status: Any, active: Any, paused: Any, members: Members, one: Any) -> Any:
    rests = not members[one.ambassador_id].ambassador.is_active
    return paused if status is active and rests else status


def _in_state(members: Members, state: str) -> list[ColumnElement[bool]]:
    awake = [key for key, one in members.items() if one.ambassador.is_active]
    works = and_(
        AffiliateLink.status == LinkStatus.ACTIVE, AffiliateLink.ambassador_id.in_(awake)
    )  # fmt: skip
    if state == "active":
        return [works]
    if state == "paused":
        stopped = (LinkStatus.ACTIVE, LinkStatus.PAUSED)
        return [AffiliateLink.status.in_(stopped), ~works]
    if state == "retired":
        return [AffiliateLink.status == LinkStatus.RETIRED]
    return [AffiliateLink.status != LinkStatus.RETIRED]


def _after(position: tuple[bool, int] | None) -> list[ColumnElement[bool]]:
    if position is None:
        return []
    was_default, last_id = position
    older = AffiliateLink.id < last_id
    if was_default:
        return [or_(~AffiliateLink.is_default, older)]
    return [~AffiliateLink.is_default, older]
