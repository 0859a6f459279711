"""Which rate a line of an order earns: the most specific one, in one fixed order (R12).

Exclusions beat everything (R21). Then, the first that holds: the rate found for this very order
(a subscription's later charge, R45), a dated rule, a creator's for certain products, a code's
(R18), a creator's, a tier's (a special rate for it, then the tier's own), a product's, a category's
or tag's, one for a kind of order (new or returning customers, by code or by link, …), the usual
rate. Between two of a kind: more
conditions, then made for certain creators, then dated, then newest, then lowest number.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from portal.kernel.money import Money
from portal.programs.models import CommissionKind
from portal.programs.rate_rules import (
    LATER_RULE,
    OF_LINES,
    TIER_RULE,
    USUAL_RULE,
    Asks,
    Basis,
    Condition,
    RateRule,
)
from portal.programs.rules import TermsFacts


@dataclass(frozen=True, slots=True)
class PurchaseLine:
    """What of a line decides its rate, and its part of the base. `beside` names what is no line
    of goods, such as shipping that counts: it has no pieces, and rates for goods pass it over."""

    net: Money
    quantity: int = 1
    product_id: str = ""
    sku: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    is_gift_card: bool = False
    beside: str = ""


@dataclass(frozen=True, slots=True)
class TierRate:
    """What a tier pays, and for how much of the order; `room_minor` None: for all that is left."""

    name: str
    rate_bp: int
    room_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order as its commission is calculated from.

    `ambassador` is the public id of whoever is credited, `tier` hers at order time, `tier_names`
    what else that tier is or was called, `code` the code that counted for her. `tier_rates` are
    the rates her tier brings, one or, where each part of an order earns by the tier it falls into,
    several (R24). `is_new_customer` None: nobody knows (R19). `rate_bp` is a rate that was found
    for this order alone (R45).
    """

    base: Money
    placed_at: datetime
    lines: tuple[PurchaseLine, ...] = ()
    ambassador: str = ""
    tier: str = ""
    tier_names: tuple[str, ...] = ()
    code: str = ""
    is_new_customer: bool | None = None
    tags: tuple[str, ...] = ()
    action: str = "sale"
    source: str = ""
    rate_bp: int | None = None
    tier_rates: tuple[TierRate, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """The rule that decides for a line, and why each other one does not: (number, word)."""

    rule: RateRule
    passed_over: tuple[tuple[int, str], ...]


AFTER = "after"  # it holds as well, and comes later in the order above
DATES = "dates"
CURRENCY = "currency"


def rate_for(line: PurchaseLine, order: Purchase, terms: TermsFacts) -> Found:
    """The rule that decides what a line earns (R12), with the reasons against the others."""
    found, against = None, []
    for rule in _in_order(terms):
        word = _against(rule, line, order, terms)
        if not word and found is None:
            found = rule
        elif rule.number not in (LATER_RULE, TIER_RULE):
            against.append((rule.number, word or AFTER))
    return Found(found or usual_rule(terms), tuple(against))


def boost_for(line: PurchaseLine, order: Purchase, terms: TermsFacts) -> RateRule | None:
    """The boost that raises whatever rate decided: the largest that holds, then the lowest
    number; they do not add up (R13)."""
    holding = [one for one in terms.rates.boosts if not _against(one, line, order, terms)]
    return min(holding, key=lambda one: (-one.rate_bp, one.number), default=None)


def usual_rule(terms: TermsFacts) -> RateRule:
    """The program's usual rate, as a rule without conditions."""
    if terms.kind is CommissionKind.PERCENT:
        return RateRule(USUAL_RULE, Basis.PERCENT, rate_bp=terms.rate_bp)
    return RateRule(USUAL_RULE, terms.rates.basis, flat_minor=terms.flat.minor)


def rank(rule: RateRule) -> tuple[int, int, bool, bool, int, int]:
    """Where a rule stands in the order of R12; the lowest decides."""
    return (_class_of(rule), -len(rule.conditions), not rule.is_personal, not rule.is_dated,
            -rule.since, rule.number)  # fmt: skip


def _class_of(rule: RateRule) -> int:
    asked = rule.asked
    levels = (
        rule.basis is Basis.EXCLUDED,
        rule.number == LATER_RULE,
        rule.is_dated,
        rule.is_personal and bool(asked & OF_LINES),
        Asks.CODE in asked,
        Asks.AMBASSADOR in asked,
        Asks.TIER in asked,
        Asks.PRODUCT in asked,
        bool(asked & OF_LINES),
        bool(asked),
    )
    return levels.index(True) if True in levels else len(levels)


@lru_cache(maxsize=512)
def _in_order(terms: TermsFacts) -> tuple[RateRule, ...]:
    """A version's rules as they are asked: sorted once, whatever the number of orders."""
    later = RateRule(LATER_RULE, Basis.PERCENT)
    tier = RateRule(TIER_RULE, Basis.PERCENT, conditions=(Condition(Asks.TIER, ()),), since=0)
    return tuple(sorted((*terms.rates.rules, later, tier, usual_rule(terms)), key=rank))


def _against(rule: RateRule, line: PurchaseLine, order: Purchase, terms: TermsFacts) -> str:
    """Why a rule does not decide for a line: a word, or nothing when it does."""
    if rule.number == LATER_RULE:
        is_charge = order.rate_bp is not None and terms.kind is CommissionKind.PERCENT
        return "" if is_charge else AFTER
    if rule.number == TIER_RULE:
        return "" if order.tier_rates else Asks.TIER.value
    if not rule.is_open_at(order.placed_at):
        return DATES
    is_amount = rule.flat_minor and rule.number != USUAL_RULE
    if is_amount and terms.flat.currency != order.base.currency:
        return CURRENCY  # an amount is never converted, nor added to one in another currency
    return next((one.asks.value for one in rule.conditions if not _holds(one, line, order)), "")


def _holds(condition: Condition, line: PurchaseLine, order: Purchase) -> bool:
    if condition.asks is Asks.PRODUCT:
        return _is_product(condition, line)
    if condition.asks in OF_A_LINE:
        told = OF_A_LINE[condition.asks](line)
    else:
        told = OF_AN_ORDER[condition.asks](order)
    return any(value.casefold() in condition.wanted for value in told if value)


def _is_product(condition: Condition, line: PurchaseLine) -> bool:
    names = [name.casefold() for name in (line.product_id, line.sku) if name]
    return any(
        name.startswith(value[:-1]) if value.endswith("*") else name == value
        for name in names
        for value in condition.wanted
    )


def _customer(order: Purchase) -> str:
    if order.is_new_customer is None:
        return ""
    return "new" if order.is_new_customer else "returning"


OF_A_LINE: Mapping[Asks, Callable[[PurchaseLine], tuple[str, ...]]] = {
    Asks.CATEGORY: lambda line: (line.category,),
    Asks.TAG: lambda line: line.tags,
}
OF_AN_ORDER: Mapping[Asks, Callable[[Purchase], tuple[str, ...]]] = {
    Asks.CUSTOMER: lambda order: (_customer(order),),
    Asks.CAME_BY: lambda order: ("code" if order.code else "link",),
    Asks.CODE: lambda order: (order.code,),
    Asks.AMBASSADOR: lambda order: (order.ambassador,),
    Asks.TIER: lambda order: (order.tier, *order.tier_names),
    Asks.ORDER_TAG: lambda order: order.tags,
    Asks.ACTION: lambda order: (order.action,),
    Asks.SOURCE: lambda order: (order.source,),
}
