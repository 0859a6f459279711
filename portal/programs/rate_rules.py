"""The rates of commission terms: one usual rate, and rules for what earns another.

Which of several rules decides is for `resolving_rules` (R12); what it comes to, commissions'.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from portal.kernel.errors import InvalidInput
from portal.kernel.money import BASIS_POINTS
from portal.programs.points_rules import NO_POINTS, PointsRate, check_points

MOST_RULES = 40
MOST_CONDITIONS = 2  # beside dates: what the editor can show
MOST_VALUES = 200
USUAL_RULE = 0  # the number of the program's usual rate
LATER_RULE = -1  # the number of the rate of a subscription's later charges (R45)
TIER_RULE = -2  # the number of the rates that a tier brings (R23, R24)


class Basis(StrEnum):
    """What an amount is counted by; a percentage is of the lines' part of the base (R5, R7)."""

    PERCENT = "percent"
    ORDER = "order"
    LINE = "line"
    UNIT = "unit"
    EXCLUDED = "excluded"


class Asks(StrEnum):
    """What a condition looks at: the first three at a line, the others at the whole order."""

    PRODUCT = "product"
    CATEGORY = "category"
    TAG = "tag"
    CUSTOMER = "customer"
    CAME_BY = "came_by"
    CODE = "code"
    AMBASSADOR = "ambassador"
    TIER = "tier"
    ORDER_TAG = "order_tag"
    ACTION = "action"
    SOURCE = "source"


OF_LINES = frozenset({Asks.PRODUCT, Asks.CATEGORY, Asks.TAG})
WORDS_OF: Mapping[Asks, frozenset[str]] = {
    Asks.CUSTOMER: frozenset({"new", "returning"}),
    Asks.CAME_BY: frozenset({"code", "link"}),
    Asks.ACTION: frozenset({"sale", "lead", "sign_up"}),
    Asks.SOURCE: frozenset({"shopify", "woocommerce", "stripe", "csv", "api"}),
}


class Period(StrEnum):
    """What a limit counts over, in the program's time zone."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must be so: any of the `values`, whatever their case (R40). A product's may
    end in `*`: every id or SKU that begins so."""

    asks: Asks
    values: tuple[str, ...]

    @property
    def wanted(self) -> frozenset[str]:
        return frozenset(value.casefold() for value in self.values)


@dataclass(frozen=True, slots=True)
class RateRule:
    """What lines or orders earn for which all conditions hold, within `[starts_at, ends_at)`.

    `number` stays with the rule from version to version; `since` is the version it came with.
    `rate_bp` goes with PERCENT, `flat_minor` (in the terms' currency) with ORDER, LINE and UNIT.
    """

    number: int
    basis: Basis
    rate_bp: int = 0
    flat_minor: int = 0
    conditions: tuple[Condition, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    since: int = 1

    @property
    def asked(self) -> frozenset[Asks]:
        return frozenset(condition.asks for condition in self.conditions)

    @property
    def is_dated(self) -> bool:
        return self.starts_at is not None or self.ends_at is not None

    @property
    def is_personal(self) -> bool:
        """Made for certain creators: nobody else is told of it."""
        return bool(self.asked & {Asks.AMBASSADOR, Asks.CODE})

    def is_open_at(self, instant: datetime) -> bool:
        """Whether its dates hold."""
        has_begun = self.starts_at is None or self.starts_at <= instant
        return has_begun and (self.ends_at is None or instant < self.ends_at)

    def plain(self) -> dict[str, Any]:
        """As JSON values; what is as usual is left out."""
        found: dict[str, Any] = {"number": self.number, "basis": self.basis.value}
        if self.rate_bp:
            found["rate_bp"] = self.rate_bp
        if self.flat_minor:
            found["flat_minor"] = self.flat_minor
        if self.conditions:
            found["if"] = [[one.asks.value, list(one.values)] for one in self.conditions]
        for name, instant in (("starts_at", self.starts_at), ("ends_at", self.ends_at)):
            if instant is not None:
                found[name] = instant.isoformat()
        return found | ({"since": self.since} if self.since != 1 else {})

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """Back from `plain`; raises ValueError for a word that is none."""
        given = dict(plain)
        asked = given.pop("if", ())
        for name in ("starts_at", "ends_at"):
            if name in given:
                given[name] = datetime.fromisoformat(given[name])
        conditions = tuple(Condition(Asks(asks), tuple(values)) for asks, values in asked)
        return cls(**given | {"basis": Basis(given["basis"]), "conditions": conditions})


@dataclass(frozen=True, slots=True)
class RateTable:
    """Everything terms say about rates beside the usual one.

    `basis` is what a flat usual amount is counted by. `boosts` are rules whose `rate_bp` is added
    to whatever rate decided, as a share of it (R13). Limits are of one ambassador in one `period`
    (`most_actions`, `most_minor`) or of the whole program in it (`budget_minor`); 0: no limit.
    An amount per order is lost once more than `lost_above_bp` of its value is returned; 0: only
    when all of it is (R68). `points` are what sales give beside their commission.
    """

    rules: tuple[RateRule, ...] = ()
    boosts: tuple[RateRule, ...] = ()
    basis: Basis = Basis.ORDER
    cap_minor: int = 0
    period: Period = Period.MONTH
    most_actions: int = 0
    most_minor: int = 0
    budget_minor: int = 0
    lost_above_bp: int = 0
    points: PointsRate = NO_POINTS

    @property
    def has_limits(self) -> bool:
        return bool(self.most_actions or self.most_minor or self.budget_minor)

    @property
    def is_plain(self) -> bool:
        """Whether every order earns the usual rate, and nothing need be known of it."""
        return not self.rules and not self.boosts

    def rule(self, number: int) -> RateRule | None:
        """The rule or boost of this number."""
        return next((one for one in (*self.rules, *self.boosts) if one.number == number), None)

    def plain(self) -> dict[str, Any]:
        """What differs from the defaults, as JSON values."""
        found: dict[str, Any] = {
            name: [rule.plain() for rule in rules]
            for name, rules in (("rules", self.rules), ("boosts", self.boosts))
            if rules
        }
        for name in ("basis", "period"):
            if getattr(self, name) is not getattr(NO_RATES, name):
                found[name] = getattr(self, name).value
        if self.points.points:
            found["points"] = self.points.plain()
        amounts = ("cap_minor", "most_actions", "most_minor", "budget_minor", "lost_above_bp")
        return found | {name: getattr(self, name) for name in amounts if getattr(self, name)}

    @classmethod
    def of(cls, plain: Mapping[str, Any] | None) -> Self:
        """Back from `plain`; raises ValueError for a word that is none."""
        given = dict(plain or {})
        for name in ("rules", "boosts"):
            given[name] = tuple(RateRule.of(rule) for rule in given.get(name, ()))
        if "basis" in given:
            given["basis"] = Basis(given["basis"])
        if "period" in given:
            given["period"] = Period(given["period"])
        if "points" in given:
            given["points"] = PointsRate.of(given["points"])
        return cls(**given)


NO_RATES = RateTable()


def check_rates(table: RateTable) -> None:
    """Raises InvalidInput for rates that cannot be. The sentence names the rule by its place."""
    for name in ("cap_minor", "most_actions", "most_minor", "budget_minor"):
        if getattr(table, name) < 0:
            raise InvalidInput(name, "A limit cannot be negative.")
    check_points(table.points)
    if not 0 <= table.lost_above_bp <= BASIS_POINTS:
        raise InvalidInput("lost_above", "A share lies between 1% and 100%.")
    if table.basis not in (Basis.ORDER, Basis.LINE, Basis.UNIT):
        raise InvalidInput("basis", "A fixed amount is for each order, line or piece.")
    numbers = [one.number for one in (*table.rules, *table.boosts)]
    if len(numbers) > MOST_RULES:
        raise InvalidInput("rates", f"At most {MOST_RULES} special rates fit into one version.")
    if len(set(numbers)) < len(numbers) or any(number <= USUAL_RULE for number in numbers):
        raise InvalidInput("rates", "Each special rate has a number of its own.")
    for name, kind, rules in (("rates", "rate", table.rules), ("boosts", "boost", table.boosts)):
        for place, rule in enumerate(rules, 1):
            trouble = _trouble(rule) or (_boost_trouble(rule) if name == "boosts" else "")
            if trouble:
                raise InvalidInput(name, f"Special {kind} {place}: {trouble}")


def _trouble(rule: RateRule) -> str:
    if rule.basis is Basis.PERCENT and not 0 <= rule.rate_bp <= 10_000:
        return "a rate lies between 0% and 100%."
    if rule.basis in (Basis.ORDER, Basis.LINE, Basis.UNIT) and rule.flat_minor <= 0:
        return "the amount must be more than zero."
    if not rule.conditions and not rule.is_dated:
        return "say what it is for: products, customers, a code, or dates."
    if len(rule.asked) < len(rule.conditions):
        return "each thing can be asked once; write several values beside each other."
    if len(rule.conditions) > MOST_CONDITIONS:
        return f"at most {MOST_CONDITIONS} conditions fit into one rate."
    if rule.starts_at and rule.ends_at and rule.ends_at <= rule.starts_at:
        return "it ends before it starts."
    return next((said for one in rule.conditions if (said := _wrong_values(one))), "")


def _wrong_values(condition: Condition) -> str:
    if not condition.values or not all(value.strip() for value in condition.values):
        return "write what it is for."
    if len(condition.values) > MOST_VALUES:
        return f"at most {MOST_VALUES} values fit into one condition."
    known = WORDS_OF.get(condition.asks)
    if known is not None and not condition.wanted <= known:
        return f"choose among {', '.join(sorted(known))}."
    return ""


def _boost_trouble(rule: RateRule) -> str:
    is_more = rule.basis is Basis.PERCENT and rule.rate_bp > 0
    return "" if is_more else "a boost adds a share, such as 10%."
