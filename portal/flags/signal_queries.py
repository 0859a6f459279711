"""Count what the tests of `rules` need, brand by brand: grouped, windowed, and bounded."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, case, cast, func, select

from portal.ambassadors import queries as ambassadors
from portal.attribution.models import Attribution, Outcome
from portal.commissions.models import Commission, CommissionKind, CommissionStatus
from portal.flags import rules
from portal.flags.models import UNDECIDED, FlaggedCommission
from portal.flags.rules import Evidence, Thresholds, Use
from portal.programs.models import CommissionTerms
from portal.sales.models import Order
from portal.storage.model import db
from portal.tracking import click_queries
from portal.tracking.models import Click, DiscountCode

GROUPS = 500  # most codes or memberships that one pass may find
ROWS = 5_000  # most orders by link whose times one pass reads
HELD_AT_ONCE = 200  # most commissions that one flag stops in one pass
BASELINE_DAYS = 60
REFUND_DAYS = 90
DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that looks wrong, and the orders it is about (none for a suspected leak)."""

    evidence: Evidence
    ambassador_id: int
    subject: str
    code_id: int | None = None
    order_ids: tuple[int, ...] = ()


@dataclass(slots=True)
class ByLink:
    """One membership's orders that came by link: their ids and seconds from click to order."""

    order_ids: list[int] = field(default_factory=list)
    gaps: list[int] = field(default_factory=list)
    window_days: int = 1

    def within(self, seconds: int) -> tuple[int, ...]:
        """The orders that came at most so long after the click."""
        pairs = zip(self.order_ids, self.gaps, strict=True)
        return tuple(one for one, gap in pairs if 0 <= gap <= seconds)


def signals(brand_id: int, now: datetime, t: Thresholds, sites: Sequence[str]) -> list[Found]:
    """Everything about a brand that looks wrong now; at most ten queries, whatever its size."""
    return [
        *_codes(brand_id, now, t), *_coupon_sites(brand_id, now, t, sites),
        *_refunds(brand_id, now, t), *_floods(brand_id, now, t), *_stuffing(brand_id, now, t),
        *_times(brand_id, now, t), *_own_purchases(brand_id, now, t),
    ]  # fmt: skip


def to_hold(order_ids: Iterable[int], known: Iterable[int]) -> Sequence[int]:
    """The commissions of these orders that may be held, or that another flag holds, and that a
    flag does not know yet."""
    wanted = (
        select(Commission.id)
        .where(
            Commission.order_id.in_(list(order_ids)),
            _may_be_held(),
            Commission.amount_minor > Commission.reversed_minor,
            Commission.id.not_in(list(known)),
        )
        .order_by(Commission.id)
        .limit(HELD_AT_ONCE)
    )
    return db.session.scalars(wanted).all()  # type: ignore[no-any-return]


def clicks_to_hold(ambassador_id: int, since: datetime, known: Iterable[int]) -> Sequence[int]:
    """What a membership's clicks earned since then that may still be held, or that another flag
    holds, and that a flag does not know yet."""
    wanted = (
        select(Commission.id)
        .where(
            Commission.ambassador_id == ambassador_id, Commission.kind == CommissionKind.CLICKS,
            Commission.earned_at >= since, _may_be_held(),
            Commission.amount_minor > Commission.reversed_minor,
            Commission.id.not_in(list(known)),
        )
        .order_by(Commission.id)
        .limit(HELD_AT_ONCE)
    )  # fmt: skip
    return db.session.scalars(wanted).all()  # type: ignore[no-any-return]


def _may_be_held() -> Any:
    by_a_flag = select(FlaggedCommission.id).where(
        FlaggedCommission.commission_id == Commission.id, FlaggedCommission.state.in_(UNDECIDED)
    )
    is_held = (Commission.status == CommissionStatus.ON_HOLD) & by_a_flag.exists()
    return Commission.status.in_((CommissionStatus.PENDING, CommissionStatus.PAYABLE)) | is_held


def _credited(brand_id: int, since: datetime) -> tuple[Any, ...]:
    return (
        Attribution.brand_id == brand_id, Attribution.is_latest,
        Attribution.outcome == Outcome.CREDITED, Order.placed_at >= since,
    )  # fmt: skip


def _codes(brand_id: int, now: datetime, t: Thresholds) -> list[Found]:
    """Use of each code: in the window, in the days before it, and in the last 24 hours."""
    start, day = now - timedelta(days=t.window_days), now - timedelta(days=1)
    clicked = Attribution.click_id.is_not(None)
    recent, past = Order.placed_at >= start, Order.placed_at < start
    today = func.sum(case((Order.placed_at >= day, 1), else_=0))
    in_window = func.sum(case((recent, 1), else_=0))
    rows = db.session.execute(
        select(
            DiscountCode.id, DiscountCode.code, DiscountCode.ambassador_id, in_window,
            func.sum(case((recent & clicked, 1), else_=0)), func.sum(case((past, 1), else_=0)),
            func.sum(case((past & clicked, 1), else_=0)), today, func.count(),
            func.min(Order.placed_at),
        )
        .join(Attribution, Attribution.code_id == DiscountCode.id)
        .join(Order, Order.id == Attribution.order_id)
        .where(*_credited(brand_id, start - timedelta(days=BASELINE_DAYS)))
        .group_by(DiscountCode.id, DiscountCode.code, DiscountCode.ambassador_id)
        .having((in_window >= t.min_orders) | (today >= t.burst_orders))
        .order_by(in_window.desc(), DiscountCode.id)
        .limit(GROUPS)
    )  # fmt: skip
    found = []
    for code_id, code, owner, orders, with_click, earlier, earlier_click, last, all_, first in rows:
        days = min((day - first).days, BASELINE_DAYS + t.window_days)
        now_used, before = Use(orders, with_click), Use(earlier, earlier_click)
        seen = (
            rules.code_without_clicks(code, now_used, before, t),
            rules.code_burst(code, last, all_ - last, days, t),
        )
        found += [Found(one, owner, f"code:{code_id}", code_id) for one in seen if one is not None]
    return found


def _coupon_sites(brand_id: int, now: datetime, t: Thresholds, sites: Sequence[str]) -> list[Found]:
    if not sites:
        return []
    hosts = [host for site in sites for host in (site, f"www.{site}")]
    rows = db.session.execute(
        select(Click.ambassador_id, Click.referrer_host, func.count())
        .where(
            Click.brand_id == brand_id, Click.at >= now - timedelta(days=t.window_days),
            Click.referrer_host.in_(hosts),
        )
        .group_by(Click.ambassador_id, Click.referrer_host)
        .order_by(func.count().desc(), Click.ambassador_id)
        .limit(GROUPS)
    )  # fmt: skip
    clicks: dict[int, dict[str, int]] = defaultdict(dict)
    for ambassador_id, host, count in rows:
        name = host.removeprefix("www.")
        clicks[ambassador_id][name] = clicks[ambassador_id].get(name, 0) + count
    members = ambassadors.members(sorted(clicks))
    found = []
    for ambassador_id, by_host in clicks.items():
        seen = rules.coupon_site(members[ambassador_id].creator.name, by_host, t)
        if seen is not None:
            found.append(Found(seen, ambassador_id, f"ambassador:{ambassador_id}"))
    return found


def _refunds(brand_id: int, now: datetime, t: Thresholds) -> list[Found]:
    """R135 over ninety days; the orders it is about are those that may still be held."""
    since = now - timedelta(days=REFUND_DAYS)
    customer = func.coalesce(Order.customer_key, cast(Order.id, String))
    customers = func.count(customer.distinct())
    refunded = func.count(case((Order.taken_back_minor > 0, customer)).distinct())
    rows: Any = db.session.execute(
        select(Attribution.ambassador_id, customers, refunded)
        .join(Order, Order.id == Attribution.order_id)
        .where(*_credited(brand_id, since))
        .group_by(Attribution.ambassador_id)
        .having(customers >= t.refund_customers, refunded > 0)
        .order_by(refunded.desc(), Attribution.ambassador_id)
        .limit(GROUPS)
    )
    seen = {owner: rules.refund_rate(count, back, t) for owner, count, back in rows}
    return _about_members(seen, brand_id, since)


def _floods(brand_id: int, now: datetime, t: Thresholds) -> list[Found]:
    """Clicks of one visitor in 24 hours; by address where one is kept, else by the daily hash.
    Whoever clicked more in an hour than is kept is known from what was counted."""
    who = func.coalesce(Click.ip, Click.visitor)
    since = now - timedelta(days=1)
    rows = db.session.execute(
        select(Click.ambassador_id, func.count())
        .where(Click.brand_id == brand_id, Click.at >= since, Click.visitor != "")
        .group_by(Click.ambassador_id, who)
        .having(func.count() >= t.flood_clicks)
        .order_by(func.count(), Click.ambassador_id)
        .limit(GROUPS)
    ).all()
    most, total = dict[int, int](), defaultdict[int, int](int)
    for owner, count in rows:
        most[owner] = max(count, most.get(owner, 0))
        total[owner] += count
    nameless = dict[int, int]()
    for owner, visitor, kept, over in click_queries.floods(brand_id, since, GROUPS):
        by_whom = most if visitor else nameless
        by_whom[owner] = max(kept + over, by_whom.get(owner, 0))
        total[owner] += over if visitor else kept + over
    seen: dict[int, Evidence | None] = {
        owner: rules.nameless_flood(count) for owner, count in nameless.items()
    }
    seen |= {owner: rules.click_flood(count, total[owner], t) for owner, count in most.items()}
    return _about_members(seen, brand_id, now - timedelta(days=t.window_days), by_link=True)


def _stuffing(brand_id: int, now: datetime, t: Thresholds) -> list[Found]:
    """Loads without a person (frames, fetches ahead) against clicks of people."""
    since = now - timedelta(days=t.window_days)
    figures = click_queries.most_loaded(brand_id, since, t.stuffing_loads, GROUPS)
    seen = {
        owner: rules.cookie_stuffing(one.prefetches, one.humans, t)
        for owner, one in figures.items()
    }
    return _about_members(seen, brand_id, since, by_link=True)


def _times(brand_id: int, now: datetime, t: Thresholds) -> list[Found]:
    """Times from click to order, of the newest orders by link, within the window of the terms they
    were credited by."""
    rows: Any = db.session.execute(
        select(
            Attribution.ambassador_id,
            Order.id,
            Order.placed_at,
            Click.at,
            CommissionTerms.window_days,
        )
        .join(Order, Order.id == Attribution.order_id)
        .join(CommissionTerms, CommissionTerms.id == Attribution.terms_id)
        .join(Click, Click.id == Attribution.click_id)
        .where(
            *_credited(brand_id, now - timedelta(days=t.window_days)),
            Attribution.code_id.is_(None),
        )
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(ROWS)
    )
    by_member: dict[int, ByLink] = defaultdict(ByLink)
    for owner, order_id, placed_at, clicked_at, window_days in rows:
        by_member[owner].window_days = max(window_days, by_member[owner].window_days)
        by_member[owner].order_ids.append(order_id)
        by_member[owner].gaps.append(int((placed_at - clicked_at) / timedelta(seconds=1)))
    found = []
    for owner, orders in sorted(by_member.items()):
        at_checkout = rules.click_at_checkout(orders.gaps, t)
        if at_checkout is not None:
            late = orders.within(t.checkout_seconds)
            found.append(Found(at_checkout, owner, f"ambassador:{owner}", order_ids=late))
        even = rules.even_times(orders.gaps, orders.window_days * DAY_SECONDS, t)
        if even is not None:
            all_ = tuple(orders.order_ids[:HELD_AT_ONCE])
            found.append(Found(even, owner, f"ambassador:{owner}", order_ids=all_))
    return found


def _own_purchases(brand_id: int, now: datetime, t: Thresholds) -> list[Found]:
    """Orders whose decision noted that buyer and creator share something, but not enough (R51)."""
    rows: Any = db.session.execute(
        select(Attribution.ambassador_id, Attribution.order_id, Attribution.flags)
        .join(Order, Order.id == Attribution.order_id)
        .where(
            *_credited(brand_id, now - timedelta(days=t.window_days)),
            cast(Attribution.flags, String).like('[%"%'),
        )
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(GROUPS)
    )
    orders, signs = defaultdict[int, list[int]](list), defaultdict[int, list[str]](list)
    for owner, order_id, flags in rows:
        orders[owner].append(order_id)
        signs[owner] += flags
    found = []
    for owner, ids in sorted(orders.items()):
        seen = rules.self_referral(signs[owner], len(ids))
        if seen is not None:
            found.append(Found(seen, owner, f"ambassador:{owner}", order_ids=tuple(ids)))
    return found


def _about_members(
    seen: dict[int, Evidence | None], brand_id: int, since: datetime, *, by_link: bool = False
) -> list[Found]:
    """Evidence about memberships, with the newest of their orders that may still be held."""
    suspects = {owner: one for owner, one in seen.items() if one is not None}
    if not suspects:
        return []
    wanted: Any = (
        select(Attribution.ambassador_id, Attribution.order_id)
        .join(Order, Order.id == Attribution.order_id)
        .join(Commission, Commission.attribution_id == Attribution.id)
        .where(
            *_credited(brand_id, since), Attribution.ambassador_id.in_(suspects),
            Commission.status.in_((CommissionStatus.PENDING, CommissionStatus.PAYABLE)),
        )
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(ROWS)
    )  # fmt: skip
    if by_link:
        wanted = wanted.where(Attribution.click_id.is_not(None), Attribution.code_id.is_(None))
    orders: dict[int, list[int]] = defaultdict(list)
    for owner, order_id in db.session.execute(wanted):
        orders[owner].append(order_id)
    return [
        Found(one, owner, f"ambassador:{owner}", order_ids=tuple(orders[owner][:HELD_AT_ONCE]))
        for owner, one in sorted(suspects.items())
    ]
