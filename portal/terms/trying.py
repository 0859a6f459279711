"""Proposed terms on orders that were: what each creator would have earned, by the same functions
that decide and earn. Stores nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Ambassador
from portal.attribution import rules as credit
from portal.attribution.models import Attribution, Outcome
from portal.attribution.rules import Facts, ProgramTerms, TouchKind, facts_from
from portal.commissions import base_rules, purchase_queries, refund_rules, tier_queries
from portal.commissions import rules as commissions
from portal.commissions.tier_queries import Key, Place
from portal.kernel.money import Money
from portal.programs import queries as programs
from portal.programs.models import ClickRule, CodePolicy, CommissionKind
from portal.programs.points_rules import left_of
from portal.programs.rules import (
    AttributionTerms,
    BaseTerms,
    ClickTerms,
    HoldTerms,
    RateTable,
    TermsFacts,
)
from portal.sales import queries as sales
from portal.sales.models import Order, OrderLine
from portal.sales.rules import LineBack
from portal.storage.model import db
from portal.terms.capping import CAPS, PER_ORDER, Limits, Part, Parts

POINTS, FIGURES = 3, 5  # of a row of `Sums.of`: where points begin, how many figures it has


@dataclass(frozen=True, slots=True)
class Credited:
    """Who is credited with an order, and how: as it was decided, or would be."""

    terms: TermsFacts
    ambassador_id: int
    code: str = ""
    rate_bp: int | None = None
    shares: Sequence[Sequence[int]] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some orders with everything that a try reads of them."""

    rows: Sequence[tuple[Order, Attribution]]
    lines: Mapping[int, Sequence[OrderLine]]
    members: Mapping[int, Ambassador]
    sources: Mapping[int, str]
    versions: Mapping[int, TermsFacts]
    back: Mapping[int, Mapping[str, LineBack]]
    places: Mapping[Key, Place]


class Sums:
    """What every ambassador earned and would earn, by currency, in minor units, and the points
    beside it, which are no money."""

    def __init__(self) -> None:
        self.orders = self.changed = 0
        # → [was, would be, orders that differ, points that were, points that would be]
        self.of: dict[tuple[str, int], list[int]] = {}
        # → [above limits that was, that would be, how often each of CAPS would cut]
        self.capped: dict[tuple[str, int], list[int]] = {}

    def add(self, was: Parts, would: Parts) -> None:
        """One order's two outcomes."""
        self.orders += 1
        differs = _paid(was) != _paid(would) if _comparable(was, would) else True
        self.changed += differs
        for column, parts in enumerate((was, would)):
            for part in parts:
                figures = self._figures(part.amount.currency, part.who)
                figures[column] += part.amount.minor
                figures[column + POINTS] += part.points
                if part.held_minor:
                    self._caps(part.amount.currency, part.who)[column] += part.held_minor
        if differs:
            for key in {(part.amount.currency, part.who) for part in (*was, *would)}:
                self.of[key][2] += 1
        for part in would:
            if part.capped_by:
                self.add_cap(part.amount.currency, part.who, part.capped_by)

    def add_cap(self, currency: str, who: int, cap: str) -> None:
        """Once more, one of CAPS would cut what somebody earns."""
        self._caps(currency, who)[2 + CAPS.index(cap)] += 1

    def add_clicks(self, who: int, was: Money | None, would: Money | None) -> None:
        """What a day's clicks earned her, or would have."""
        for column, amount in enumerate((was, would)):
            if amount:
                self._figures(amount.currency, who)[column] += amount.minor

    def _figures(self, currency: str, who: int) -> list[int]:
        return self.of.setdefault((currency, who), [0] * FIGURES)

    def _caps(self, currency: str, who: int) -> list[int]:
        return self.capped.setdefault((currency, who), [0] * (2 + len(CAPS)))


def _paid(parts: Parts) -> list[tuple[int, Money, int]]:
    return sorted((part.who, part.amount, part.points) for part in parts)


def _comparable(was: Parts, would: Parts) -> bool:
    return len({part.amount.currency for part in (*was, *would)}) <= 1


def count_of(brand_id: int, since: datetime) -> int:
    """How many orders a try goes through."""
    wanted = select(func.count()).where(Order.brand_id == brand_id, Order.placed_at >= since)
    return int(db.session.scalar(wanted) or 0)


def chunk_of(brand_id: int, since: datetime, after: int, size: int) -> Chunk:
    """The next orders of the brand by row id, with their latest decisions."""
    rows = [
        (order, decision)
        for order, decision in db.session.execute(
            select(Order, Attribution)
            .join(Attribution, (Attribution.order_id == Order.id) & Attribution.is_latest)
            .where(Order.brand_id == brand_id, Order.placed_at >= since, Order.id > after)
            .order_by(Order.id)
            .limit(size)
        )
    ]
    who = {one.id: _touching(one) for _, one in rows}
    members = ambassadors.ambassadors(sorted(set().union(*who.values())))
    return Chunk(
        rows, sales.lines_of_orders([order.id for order, _ in rows]), members,
        sales.sources_of([order.connection_id for order, _ in rows]),
        programs.facts_by_id({one.terms_id for _, one in rows if one.terms_id}),
        sales.lines_back([order for order, _ in rows]),
        tier_queries.places_of(
            [(order, members[each]) for order, one in rows for each in sorted(who[one.id])]
        ),
    )  # fmt: skip


def _touching(decision: Attribution) -> set[int]:
    """Whoever an order might be credited to."""
    found = {touch["ambassador_id"] for touch in decision.inputs.get("touches", ())}
    return found | ({decision.ambassador_id} if decision.ambassador_id else set())


def try_on(
    chunk: Chunk, program_id: int, proposed: TermsFacts, sums: Sums, limits: Limits
) -> None:  # fmt: skip
    """Add what these orders earned in the program, and what they would under these terms. Orders
    of before the time that is tried only count towards the limits of their period."""
    for order, decision in chunk.rows:
        facts = facts_from(decision.inputs)
        was = _as_decided(decision, facts, program_id, chunk)
        would = _as_proposed(decision, facts, program_id, proposed, was)
        if was is not None or would is not None:
            told = None if facts is None else facts.order.is_new_customer
            parts = [_earned(order, one, told, chunk) for one in (was, would)]
            terms = [one.terms if one else None for one in (was, would)]
            cut = limits.cut(order, terms, parts, chunk.members)
            if order.placed_at >= limits.since:
                sums.add(*cut)


def _as_decided(
    decision: Attribution, facts: Facts | None, program_id: int, chunk: Chunk
) -> Credited | None:
    if decision.outcome is not Outcome.CREDITED or decision.program_id != program_id:
        return None
    return Credited(
        chunk.versions[decision.terms_id or 0], decision.ambassador_id or 0,
        _code_of(facts, decision.code_id), decision.rate_bp, decision.shares or (),
    )  # fmt: skip


def _as_proposed(
    decision: Attribution, facts: Facts | None, program_id: int, proposed: TermsFacts,
    was: Credited | None,
) -> Credited | None:  # fmt: skip
    """Decided again by the proposed terms; as it was, where a person decided or the facts were
    not kept."""
    if facts is None or decision.by_id is not None:
        return replace(was, terms=proposed) if was else None
    known = facts.policy.get(program_id)
    if known is None:
        return None
    policy = ProgramTerms(
        known.id, known.version, proposed.window_days, proposed.code_policy, proposed.click_rule,
        proposed.attribution, proposed.flat.currency,
    )  # fmt: skip
    kept = {who: one for who, one in facts.kept.items() if not _is_of(facts, who, program_id)}
    again = credit.decide(replace(facts, policy={**facts.policy, program_id: policy}, kept=kept))
    if again.outcome is not Outcome.CREDITED or again.program_id != program_id:
        return None
    code = _code_of(facts, again.code_id)
    return Credited(proposed, again.ambassador_id or 0, code, again.rate_bp, again.shares)


def _is_of(facts: Facts, ambassador_id: int, program_id: int) -> bool:
    pairs = ((one.ambassador_id, one.program_id) for one in facts.touches)
    return (ambassador_id, program_id) in pairs


def _code_of(facts: Facts | None, code_id: int | None) -> str:
    touches = facts.touches if facts and code_id is not None else ()
    codes = (one.code for one in touches if one.kind is TouchKind.CODE and one.touch_id == code_id)
    return next(codes, "")


def _earned(order: Order, found: Credited | None, is_new: bool | None, chunk: Chunk) -> Parts:
    """What of an order's commission and points refunds leave, to whom."""
    if found is None:
        return ()
    lines = chunk.lines.get(order.id, ())
    bought = purchase_queries.purchase_of(
        order, lines, chunk.members.get(found.ambassador_id),
        code=found.code, is_new_customer=is_new, rate_bp=found.rate_bp,
        source=chunk.sources.get(order.connection_id, ""),
        place=chunk.places.get((order.id, found.ambassador_id)), base=found.terms.base,
    )  # fmt: skip
    earned = commissions.commission_for(bought, found.terms)
    left = refund_rules.target_after_refunds(
        earned.total,
        purchase_queries.basket_of(lines, bought, earned, found.terms),
        base_rules.left_of(
            order.worth, chunk.back.get(order.id, {}), found.terms.base,
            is_gone=order.is_cancelled or order.is_deleted,
        ),
    )  # fmt: skip
    whole = commissions.shares_of(earned.total, found.ambassador_id, found.shares)
    kept = commissions.shares_of(left, found.ambassador_id, found.shares)
    points = _points(found.terms, bought.base, [weight for _, weight in found.shares] or [1])
    by = PER_ORDER if earned.total != earned.uncapped else ""
    return [
        Part(who, part, left_of(own, before, part), is_void=bool(before and not part), capped_by=by)
        for (who, before), (_, part), own in zip(whole, kept, points, strict=True)
    ]


def _points(terms: TermsFacts, base: Money, weights: Sequence[int]) -> list[int]:
    """What the order gives in points once it is approved, shared as its commission is (R50); for
    each full amount of it only where it was paid in the terms' currency."""
    rate = terms.rates.points
    if rate.per_minor and base.currency != terms.flat.currency:
        return [0] * len(weights)
    return rate.shared_for(base.minor, weights)


def plain_of(terms: TermsFacts) -> dict[str, Any]:
    """Terms as JSON values."""
    return {
        "version": terms.version, "kind": terms.kind.value, "rate_bp": terms.rate_bp,
        "flat_minor": terms.flat.minor, "currency": terms.flat.currency,
        "hold_days": terms.hold_days, "window_days": terms.window_days,
        "code_policy": terms.code_policy.value, "click_rule": terms.click_rule.value,
        "pay_on_zero_base": terms.pay_on_zero_base, "attribution": terms.attribution.plain(),
        "rates": terms.rates.plain(), "hold": terms.hold.plain(), "base": terms.base.plain(),
        "clicks": terms.clicks.plain(),
    }  # fmt: skip


def terms_from(plain: Mapping[str, Any]) -> TermsFacts:
    """Back from `plain_of`."""
    return TermsFacts(
        id=0, version=plain["version"], kind=CommissionKind(plain["kind"]),
        rate_bp=plain["rate_bp"], flat=Money(plain["flat_minor"], plain["currency"]),
        hold_days=plain["hold_days"], window_days=plain["window_days"],
        code_policy=CodePolicy(plain["code_policy"]), click_rule=ClickRule(plain["click_rule"]),
        pay_on_zero_base=plain["pay_on_zero_base"],
        attribution=AttributionTerms.of(plain["attribution"]),
        rates=RateTable.of(plain["rates"]), hold=HoldTerms.of(plain.get("hold")),
        base=BaseTerms.of(plain.get("base")), clicks=ClickTerms.of(plain.get("clicks")),
    )  # fmt: skip
