"""What new terms take from creators, in sentences: such terms need notice (R17).

Rates are compared by trying both versions on pretended lines: one for each value that any rule
names, one for each two rules together, and one that no rule names, at every date that matters.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import combinations

from portal.kernel.money import Money
from portal.programs.base_terms import losses_of_base
from portal.programs.click_terms import losses_of_clicks
from portal.programs.credit_terms import losses_of_attribution
from portal.programs.hold_terms import losses_of_hold
from portal.programs.models import CodePolicy, CommissionKind
from portal.programs.points_rules import losses_of_points
from portal.programs.rate_rules import (
    TIER_RULE,
    Asks,
    Basis,
    Condition,
    RateRule,
    RateTable,
)
from portal.programs.resolving_rules import Purchase, PurchaseLine, TierRate, boost_for, rate_for
from portal.programs.rules import TermsFacts

OTHER = "\N{BULLET}"  # a value that no rule names
GROWTH = (Basis.EXCLUDED, Basis.ORDER, Basis.LINE, Basis.UNIT)


def worse_for_creators(old: TermsFacts, new: TermsFacts, since: datetime) -> list[str]:
    """What the new terms take away from `since` on, one sentence each; empty when they only give
    (R17)."""
    losses = [_smaller_reward(old, new)]
    if new.window_days < old.window_days:
        losses.append(f"Links count for {new.window_days} days instead of {old.window_days}.")
    if new.hold_days > old.hold_days:
        losses.append(f"Sales are held for {new.hold_days} days instead of {old.hold_days}.")
    if new.code_policy is CodePolicy.NEVER and old.code_policy is not CodePolicy.NEVER:
        losses.append("Codes no longer earn.")
    if old.pay_on_zero_base and not new.pay_on_zero_base and new.kind is CommissionKind.FLAT:
        losses.append("Orders of 0.00 no longer earn the flat amount.")
    losses += losses_of_attribution(old.attribution, new.attribution)
    losses += losses_of_hold(old.hold, new.hold)
    losses += losses_of_base(old.base, new.base)
    losses += losses_of_clicks(
        old.clicks, new.clicks, other_currency=old.flat.currency != new.flat.currency
    )
    losses += _tighter_limits(old.rates, new.rates)
    losses += losses_of_points(old.rates.points, new.rates.points)
    if not any(losses[:1]) and not (old.rates.is_plain and new.rates.is_plain):
        losses += _smaller_rates(old, new, since)
    return [loss for loss in losses if loss]


def earliest_start(losses: list[str], notice_days: int, now: datetime) -> datetime:
    """The first instant at which terms with these losses may begin: after the notice (R17)."""
    return now + timedelta(days=notice_days) if losses else now


def _smaller_reward(old: TermsFacts, new: TermsFacts) -> str:
    if new.kind is not old.kind:
        return "A percentage and a flat amount cannot be compared."
    if new.kind is CommissionKind.PERCENT and new.rate_bp < old.rate_bp:
        return "The rate goes down."
    if new.kind is CommissionKind.FLAT and (
        new.flat.currency != old.flat.currency or new.flat < old.flat
    ):
        return "The amount per order goes down."
    if new.kind is CommissionKind.FLAT and _growth(new.rates.basis) < _growth(old.rates.basis):
        return "The amount counts less often."
    return ""


def _tighter_limits(old: RateTable, new: RateTable) -> Iterator[str]:
    for name, said in (
        ("cap_minor", "An order earns at most less."),
        ("most_actions", "Fewer orders of an ambassador earn."),
        ("most_minor", "An ambassador earns at most less."),
        ("budget_minor", "The program’s budget is smaller."),
        ("lost_above_bp", "A partly returned order loses a fixed amount sooner."),
    ):
        before, after = getattr(old, name), getattr(new, name)
        if after and (not before or after < before):
            yield said
    if old.has_limits and new.has_limits and old.period is not new.period:
        yield "Limits count over another time."


@dataclass(frozen=True, slots=True)
class _Probe:
    line: PurchaseLine
    order: Purchase


def tier_earns_less(
    terms: TermsFacts, tier: str, before: int | None, after: int | None, since: datetime
) -> bool:
    """Whether any order earns less from `since` on, by these terms, once a tier brings the rate
    `after` instead of `before`, in basis points; None: it brings none, and the terms' rates hold
    (R12, R17). Where special rates decide anyway, nothing is lost."""
    if before == after:
        return False
    for _, probe in _probes(terms, (*terms.rates.rules, *terms.rates.boosts), since):
        order = replace(probe.order, tier=tier)
        was, then = (
            replace(probe, order=replace(order, tier_rates=_tier_rates(tier, rate)))
            for rate in (before, after)
        )
        if _is_less(_reward(terms, was), _reward(terms, then)):
            return True
    return False


def _tier_rates(tier: str, rate_bp: int | None) -> tuple[TierRate, ...]:
    return () if rate_bp is None else (TierRate(tier, rate_bp),)


def _smaller_rates(old: TermsFacts, new: TermsFacts, since: datetime) -> list[str]:
    rules = [*old.rates.rules, *old.rates.boosts, *new.rates.rules, *new.rates.boosts]
    for conditions, probe in _probes(old, rules, since):
        if _is_less(_reward(old, probe), _reward(new, probe)):
            about = _told(conditions)
            return [f"{about} earn less than before." if about else "Some orders earn less."]
    return []


def _probes(
    terms: TermsFacts, rules: Sequence[RateRule], since: datetime
) -> Iterator[tuple[tuple[Condition, ...], _Probe]]:
    """A pretended order for every situation that these rules name, at every date that matters."""
    moments = {since} | {
        at
        for rule in rules
        for at in (rule.starts_at, rule.ends_at)
        if at is not None and at > since
    }
    for conditions in _situations(rules):
        for moment in sorted(moments):
            probe = _probe(conditions, moment, terms.flat.currency)
            if probe is not None:
                yield conditions, probe


def _situations(rules: Sequence[RateRule]) -> Iterator[tuple[Condition, ...]]:
    """Every single value that a rule names, then every two rules together."""
    yield ()
    seen = set()
    for rule in rules:
        for chosen in _singles(rule):
            if chosen not in seen:
                seen.add(chosen)
                yield chosen
    firsts = [_first_values(rule) for rule in rules]
    for one, other in combinations(dict.fromkeys(firsts), 2):
        asked = {condition.asks for condition in one}
        yield (*one, *(condition for condition in other if condition.asks not in asked))


def _singles(rule: RateRule) -> Iterator[tuple[Condition, ...]]:
    first = _first_values(rule)
    for place, condition in enumerate(rule.conditions):
        for value in condition.values:
            picked = replace(condition, values=(value,))
            yield (*first[:place], picked, *first[place + 1 :])


def _first_values(rule: RateRule) -> tuple[Condition, ...]:
    return tuple(replace(one, values=one.values[:1]) for one in rule.conditions)


def _probe(conditions: Iterable[Condition], at: datetime, currency: str) -> _Probe | None:
    said = {condition.asks: condition.values[0] for condition in conditions}
    product = said.get(Asks.PRODUCT, OTHER)
    line = PurchaseLine(
        Money(1_000_000, currency), quantity=2,
        product_id=f"{product[:-1]}{OTHER}" if product.endswith("*") else product,
        category=said.get(Asks.CATEGORY, OTHER), tags=(said.get(Asks.TAG, OTHER),),
    )  # fmt: skip
    customer = said.get(Asks.CUSTOMER, "").casefold()
    by_link = said.get(Asks.CAME_BY, "").casefold() == "link"
    if by_link and Asks.CODE in said:
        return None
    order = Purchase(
        line.net, at, (line,), ambassador=said.get(Asks.AMBASSADOR, OTHER),
        tier=said.get(Asks.TIER, OTHER), code="" if by_link else said.get(Asks.CODE, OTHER),
        is_new_customer={"new": True, "returning": False}.get(customer),
        tags=(said.get(Asks.ORDER_TAG, OTHER),), action=said.get(Asks.ACTION, "sale"),
        source=said.get(Asks.SOURCE, OTHER),
    )  # fmt: skip
    return _Probe(line, order)


def _is_less(before: tuple[Basis, int], after: tuple[Basis, int]) -> bool:
    if before[0] is Basis.EXCLUDED or not before[1]:
        return False
    if after[0] is Basis.EXCLUDED or not after[1]:
        return True
    if Basis.PERCENT in (before[0], after[0]) and before[0] is not after[0]:
        return True  # a percentage and an amount cannot be compared
    return after[1] < before[1] or _growth(after[0]) < _growth(before[0])


def _reward(terms: TermsFacts, probe: _Probe) -> tuple[Basis, int]:
    rule = rate_for(probe.line, probe.order, terms).rule
    boost = boost_for(probe.line, probe.order, terms)
    more = 10_000 + (boost.rate_bp if boost else 0)
    rate_bp = probe.order.tier_rates[0].rate_bp if rule.number == TIER_RULE else rule.rate_bp
    return rule.basis, (rate_bp or rule.flat_minor) * more


def _growth(basis: Basis) -> int:
    return GROWTH.index(basis) if basis in GROWTH else len(GROWTH)


def _told(conditions: tuple[Condition, ...]) -> str:
    if len(conditions) != 1 or conditions[0].asks in (Asks.AMBASSADOR, Asks.CODE):
        return ""
    asks, value = conditions[0].asks, conditions[0].values[0]
    if asks is Asks.CUSTOMER:
        return f"{value.capitalize()} customers’ orders"
    words = {Asks.PRODUCT: "Products", Asks.CATEGORY: "Products in", Asks.TAG: "Products tagged",
             Asks.CAME_BY: "Orders by", Asks.ORDER_TAG: "Orders tagged"}  # fmt: skip
    return f"{words[asks]} “{value}”" if asks in words else ""
