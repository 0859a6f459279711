"""Gather what decisions are made from, for many orders in a handful of queries. Never writes.

The facts are as things stood when each order was placed (R15, R38, R43), so gathering them again
later gives the same but for what has become known since.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from portal.ambassadors import queries as ambassadors
from portal.ambassadors import rules as membership
from portal.ambassadors.models import MembershipStatus
from portal.ambassadors.queries import Member
from portal.attribution import buyers, evidence
from portal.attribution.buyers import Buyers
from portal.attribution.facts import Facts, OrderFacts, ProgramTerms, Touch, TouchKind
from portal.attribution.models import OrderRules
from portal.consents import queries as consents
from portal.consents.queries import NOBODY_ASKED, Book
from portal.identity import queries as identity
from portal.kernel.money import Money
from portal.programs import queries as programs
from portal.programs.models import BindingRule, CommissionTerms
from portal.programs.rules import AttributionTerms
from portal.sales.models import Order
from portal.storage.model import db
from portal.tracking import queries as tracking

Histories = Mapping[int, Sequence[tuple[datetime, MembershipStatus]]]
Terms = Mapping[int, Sequence[CommissionTerms]]  # program id → its versions, newest first


@dataclass(frozen=True, slots=True)
class _Known:
    """What was looked up for all orders at once."""

    terms: Terms
    hosts: Mapping[int, Sequence[str]]
    members: Mapping[int, Member]
    histories: Histories
    buyers: Buyers
    asks: Mapping[int, OrderRules] = field(default_factory=dict)
    consents: Book = NOBODY_ASKED


def facts_of(orders: Sequence[Order], chosen: Mapping[int, int] | None = None) -> dict[int, Facts]:
    """The facts of each order, by its row id. `chosen`: order → the ambassador somebody decided
    for. Some ten queries, however many orders; a few more where buyers told something of
    themselves or clicks form chains."""
    if not orders:
        return {}
    told = [_ask(order) for order in orders]
    touched = tracking.touches_of(told)
    chosen = chosen or {}
    brands = {order.brand_id for order in orders}
    terms = programs.versions_of_brands(sorted(brands))
    binds = any(
        _more(one).binding is not BindingRule.NONE for all_ in terms.values() for one in all_
    )
    bought = buyers.known_of(orders, with_history=binds)
    who = {code.ambassador_id for found in touched for code in found.codes}
    who |= {click.ambassador_id for found in touched for click in found.clicks}
    who |= set(chosen.values()) | bought.creators()
    members, histories = ambassadors.members(sorted(who)), ambassadors.histories(sorted(who))
    known = _Known(
        terms=terms, members=members, histories=histories,
        consents=consents.book_of(terms, histories),
        hosts=identity.allowed_hosts(sorted(brands)) if any(one.clicks for one in touched) else {},
        buyers=buyers.with_evidence(bought, orders, members), asks=_asks(brands),
    )  # fmt: skip
    return {
        order.id: _facts(order, found, chosen.get(order.id), known)
        for order, found in zip(orders, touched, strict=True)
    }


@dataclass(frozen=True, slots=True)
class Pretence:
    """An order that nobody placed: what was typed, who was clicked when, who brought the
    subscription it is a charge of."""

    brand_id: int
    placed_at: datetime
    codes: tuple[str, ...]
    base: Money
    clicks: tuple[tuple[int, datetime], ...] = ()
    is_new_customer: bool | None = None
    charges_before: int = 0
    brought_by: int | None = None


def pretended(asked: Pretence) -> Facts:
    """The facts of a pretended order, from the codes, memberships and terms there are now.
    Nothing is stored."""
    order = Order(
        brand_id=asked.brand_id, placed_at=asked.placed_at, recorded_at=asked.placed_at,
        codes=list(asked.codes), base_minor=asked.base.minor, currency=asked.base.currency,
        is_paid=True, is_cancelled=False, is_test=False,
    )  # fmt: skip
    found = tracking.touches(asked.brand_id, None, asked.codes, asked.placed_at)
    clicks = tuple(
        tracking.ClickTouch(number, 0, who, at) for number, (who, at) in enumerate(asked.clicks, 1)
    )
    found = tracking.Touches(found.codes, found.unknown, clicks)
    who = {code.ambassador_id for code in found.codes} | {one for one, _ in asked.clicks}
    who |= {asked.brought_by} if asked.brought_by is not None else set()
    terms, histories = (
        programs.versions_of_brands([asked.brand_id]), ambassadors.histories(sorted(who))
    )  # fmt: skip
    known = _Known(
        terms, {}, ambassadors.members(sorted(who)), histories, Buyers(),
        consents=consents.book_of(terms, histories),
    )  # fmt: skip
    facts = _facts(order, found, None, known)
    touches, policy = facts.touches, dict(facts.policy)
    if asked.brought_by is not None:
        at = asked.placed_at - timedelta(days=30 * max(asked.charges_before, 1))
        touch = _touch(TouchKind.RENEWAL, 0, asked.brought_by, at, order, known)
        current = terms_at(known.terms, touch.program_id, asked.placed_at)
        touches = (*touches, touch)
        policy |= {touch.program_id: current} if current is not None else {}
    told = replace(
        facts.order, is_new_customer=asked.is_new_customer, charges_before=asked.charges_before
    )
    return Facts(told, touches, policy, _kept(touches, policy, asked.placed_at, known))


def _ask(order: Order) -> tracking.Ask:
    click_id = tracking.read_click_id(order.click_id)
    return tracking.Ask(order.brand_id, click_id, tuple(order.codes), order.placed_at)


def _facts(order: Order, found: tracking.Touches, chosen: int | None, known: _Known) -> Facts:
    touches = [*_codes(order, found, known), *_clicks(order, found, known)]
    touches += [*_renewals(order, known), *_bindings(order, known)]
    if chosen is not None:
        touches.append(_touch(TouchKind.HAND, 0, chosen, order.placed_at, order, known))
    policy = {}
    for program_id in sorted({touch.program_id for touch in touches}):
        terms = terms_at(known.terms, program_id, order.placed_at)
        if terms is not None:  # else nobody could be credited yet
            policy[program_id] = terms
    asks = known.asks.get(order.brand_id)
    facts = OrderFacts(
        placed_at=order.placed_at, recorded_at=order.recorded_at, is_paid=order.is_paid,
        is_cancelled=order.is_cancelled, is_test=order.is_test, unknown_codes=found.unknown,
        base_minor=order.base_minor, currency=order.currency, chosen=chosen,
        is_new_customer=known.buyers.is_new(order),
        is_duplicate=order.id in known.buyers.duplicates,
        charges_before=known.buyers.charges_before(order),
        ask_above_minor=_limit(asks, order.currency),
        asks_likeness=asks is not None and asks.asks_likeness,
    )  # fmt: skip
    return Facts(facts, tuple(touches), policy, _kept(touches, policy, order.placed_at, known))


def _kept(
    touches: Sequence[Touch], policy: Mapping[int, ProgramTerms], at: datetime, known: _Known
) -> dict[int, ProgramTerms]:
    """The terms of those who keep another version than their program's at order time (R17)."""
    found = {}
    for who, program_id in {(one.ambassador_id, one.program_id) for one in touches}:
        own = known.consents.version_id(who, program_id, at)
        if own is not None and program_id in policy and own != policy[program_id].id:
            row = next(one for one in known.terms[program_id] if one.id == own)
            found[who] = _credit_terms(row)
    return found


def _codes(order: Order, found: tracking.Touches, known: _Known) -> list[Touch]:
    return [
        replace(
            _touch(TouchKind.CODE, code.code_id, code.ambassador_id, code.since, order, known),
            code=code.code, status=code.status, discount_bp=code.discount_bp,
        )
        for code in found.codes
    ]  # fmt: skip


def _clicks(order: Order, found: tracking.Touches, known: _Known) -> list[Touch]:
    hosts = known.hosts.get(order.brand_id, ())
    return [
        replace(
            _touch(TouchKind.CLICK, click.click_id, click.ambassador_id, click.at, order, known),
            stands_down=evidence.stands_down(
                click.referrer_host, click.at, hosts, order.checkout_started_at
            ),
        )
        for click in found.clicks
    ]


def _renewals(order: Order, known: _Known) -> list[Touch]:
    origin = known.buyers.origin_of(order)
    if origin is None:
        return []
    return [
        _touch(TouchKind.RENEWAL, origin.order_id, origin.ambassador_id, origin.at, order, known)
    ]


def _bindings(order: Order, known: _Known) -> list[Touch]:
    """One for each program whose terms keep customers and whose creator brought this one."""
    purchases = known.buyers.purchases_of(order)
    found = []
    programs_of = {p.ambassador_id: _program(known, p.ambassador_id) for p in purchases}
    for program_id in sorted(set(programs_of.values())):
        terms = terms_at(known.terms, program_id, order.placed_at)
        if terms is None:
            continue
        own = [p for p in purchases if programs_of[p.ambassador_id] == program_id]
        bound = evidence.bound_to(own, terms.more, order.placed_at)
        if bound is not None:
            who, at = bound.ambassador_id, bound.at
            found.append(_touch(TouchKind.BINDING, bound.order_id, who, at, order, known))
    return found


def _touch(
    kind: TouchKind, touch_id: int, ambassador_id: int, at: datetime, order: Order, known: _Known
) -> Touch:
    member = known.members[ambassador_id].ambassador
    standing = membership.standing_at(known.histories.get(ambassador_id, ()), order.placed_at)
    since, status = standing or (None, None)
    return Touch(
        kind=kind, touch_id=touch_id, ambassador_id=ambassador_id, program_id=member.program_id,
        at=at, membership=status, member_since=member.activated_at, membership_since=since,
        evidence=known.buyers.shared(order, ambassador_id),
    )  # fmt: skip


def _program(known: _Known, ambassador_id: int) -> int:
    return known.members[ambassador_id].ambassador.program_id


def keeps_customers(brand_ids: Sequence[int]) -> bool:
    """Whether any terms of these brands keep customers with the creator who brought them."""
    versions = programs.versions_of_brands(brand_ids).values()
    return any(_more(one).binding is not BindingRule.NONE for all_ in versions for one in all_)


def terms_at(terms: Terms, program_id: int, at: datetime) -> ProgramTerms | None:
    """What the terms in force at an instant say about credit (R15); None before the first."""
    for one in terms.get(program_id, ()):
        if one.effective_at <= at:
            return _credit_terms(one)
    return None


def _credit_terms(one: CommissionTerms) -> ProgramTerms:
    return ProgramTerms(
        one.id, one.version, one.window_days, one.code_policy, one.click_rule, _more(one),
        one.currency,
    )  # fmt: skip


def _asks(brand_ids: Collection[int]) -> dict[int, OrderRules]:
    rows = db.session.scalars(select(OrderRules).where(OrderRules.brand_id.in_(brand_ids)))
    return {row.brand_id: row for row in rows}


def _limit(asks: OrderRules | None, currency: str) -> int:
    """From which amount on the brand decides itself; 0 for never, and in another currency."""
    if asks is None or asks.currency != currency:
        return 0
    return asks.ask_above_minor or 0


def _more(terms: CommissionTerms) -> AttributionTerms:
    return AttributionTerms.of(terms.attribution)
