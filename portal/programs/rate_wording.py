"""Rates in words: each rule one sentence, each reason against a rule a few words."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from portal.kernel import currencies
from portal.kernel.money import Money
from portal.programs import resolving_rules
from portal.programs.click_terms import click_sentences
from portal.programs.rate_rules import (
    LATER_RULE,
    TIER_RULE,
    USUAL_RULE,
    Asks,
    Basis,
    Period,
    RateRule,
    RateTable,
)
from portal.programs.rules import TermsFacts

# An ambassador's public id → what she is called here; a tier's former name, in lower case → its
# present one.
Names = Mapping[str, str]
NO_NAMES: Names = {}
EACH = {Basis.ORDER: "order", Basis.LINE: "line", Basis.UNIT: "piece"}
ACTIONS = {"sale": "Sales", "lead": "Leads", "sign_up": "Sign-ups"}
SHOPS = {"shopify": "Shopify", "woocommerce": "WooCommerce", "stripe": "Stripe", "csv": "files",
         "api": "the API"}  # fmt: skip
AGAINST = {
    Asks.PRODUCT.value: "another product",
    Asks.CATEGORY.value: "another category",
    Asks.TAG.value: "no such tag",
    Asks.CUSTOMER.value: "another kind of customer",
    Asks.CAME_BY.value: "came another way",
    Asks.CODE.value: "another code, or none",
    Asks.AMBASSADOR.value: "another ambassador",
    Asks.TIER.value: "another tier",
    Asks.ORDER_TAG.value: "the order has no such tag",
    Asks.ACTION.value: "another kind of action",
    Asks.SOURCE.value: "from another shop",
    resolving_rules.DATES: "not on that day",
    resolving_rules.CURRENCY: "an amount in another currency",
    resolving_rules.AFTER: "holds too, but comes after",
}
ORDER_OF_RULES = (
    "what is excluded",
    "later charges of a subscription",
    "rates with dates",
    "a creator’s rate for certain products",
    "a code’s rate",
    "a creator’s rate",
    "a tier’s rate",
    "a product’s rate",
    "a category’s or tag’s rate",
    "rates for a kind of order, such as returning customers’",
    "the usual rate",
)


def sentence(rule: RateRule, currency: str, zone: str, names: Names = NO_NAMES) -> str:
    """A rule as one sentence: “Returning customers’ orders earn 5%.”"""
    return f"{subject(rule, names)} earn {reward(rule, currency)}{dates(rule, zone)}."


def boost_sentence(rule: RateRule, zone: str, names: Names = NO_NAMES) -> str:
    """A boost as one sentence: “Orders earn 10% more than their rate, from 1 May 2026.”"""
    more = f"{percent(rule.rate_bp)} more than their rate"
    return f"{subject(rule, names)} earn {more}{dates(rule, zone)}."


def rate_sentences(terms: TermsFacts, zone: str, names: Names = NO_NAMES) -> list[str]:
    """Every special rate, boost and limit of a version, in the order in which they decide; then
    what clicks earn."""
    rules = sorted(terms.rates.rules, key=resolving_rules.rank)
    said = [sentence(rule, terms.flat.currency, zone, names) for rule in rules]
    said += [boost_sentence(rule, zone, names) for rule in terms.rates.boosts]
    points = terms.rates.points.sentence(terms.flat.currency)
    clicks = click_sentences(terms.clicks, terms.flat.currency)
    given = [points] if points else []
    return [*said, *given, *limits(terms.rates, terms.flat.currency), *clicks]


def sentences_for(
    terms: TermsFacts, zone: str, ambassador: str, codes: Sequence[str], tiers: Names = NO_NAMES
) -> list[str]:
    """What one creator may read: the rates for everybody, and her own; not other people's."""
    rates = terms.rates
    own = {Asks.AMBASSADOR: {ambassador.casefold()}, Asks.CODE: {one.casefold() for one in codes}}
    kept = RateTable(
        rules=tuple(rule for rule in rates.rules if _may_read(rule, own)),
        boosts=tuple(rule for rule in rates.boosts if _may_read(rule, own)),
        cap_minor=rates.cap_minor, period=rates.period, most_actions=rates.most_actions,
        most_minor=rates.most_minor, lost_above_bp=rates.lost_above_bp, points=rates.points,
    )  # fmt: skip
    shown = replace(terms, rates=kept)
    return rate_sentences(shown, zone, {**tiers, ambassador: "you"})


def _may_read(rule: RateRule, own: Mapping[Asks, set[str]]) -> bool:
    return all(one.wanted & own[one.asks] for one in rule.conditions if one.asks in own)


def subject(rule: RateRule, names: Names = NO_NAMES) -> str:
    """What a rule is for, as the subject of its sentence."""
    said = {one.asks: one.values for one in rule.conditions}
    goods = _goods(said)
    customer = " and ".join(value.lower() for value in said.get(Asks.CUSTOMER, ()))
    if not goods and customer and len(said) == 1:
        return f"{customer.capitalize()} customers’ orders"
    head = goods or " and ".join(
        ACTIONS.get(one.lower(), one) for one in said.get(Asks.ACTION, ())
    ) or "Orders"  # fmt: skip
    for_whom = f" for {customer} customers" if customer else ""
    return head + for_whom + "".join(_more(asks, values, names) for asks, values in said.items())


def _goods(said: Mapping[Asks, Sequence[str]]) -> str:
    parts = []
    if Asks.PRODUCT in said:
        parts.append(f"products {_any(said[Asks.PRODUCT])}")
    if Asks.CATEGORY in said:
        head = "in" if parts else "products in"
        parts.append(f"{head} {_any(said[Asks.CATEGORY], quoted=True)}")
    if Asks.TAG in said:
        head = "tagged" if parts else "products tagged"
        parts.append(f"{head} {_any(said[Asks.TAG], quoted=True)}")
    text = " ".join(parts)
    return text[:1].upper() + text[1:]


def _more(asks: Asks, values: Sequence[str], names: Names) -> str:
    if asks is Asks.CAME_BY:
        return " that came by a " + " or a ".join(value.lower() for value in values)
    if asks is Asks.CODE:
        return f" with code {_any([value.upper() for value in values])}"
    if asks is Asks.AMBASSADOR:
        known = [names[value] for value in values if value in names]
        return f" brought by {_any(known)}" if known else " brought by certain ambassadors"
    if asks is Asks.TIER:
        present = dict.fromkeys(names.get(value.casefold(), value) for value in values)
        return f" of tier {_any(list(present))}"
    if asks is Asks.ORDER_TAG:
        return f" tagged {_any(values, quoted=True)}"
    if asks is Asks.SOURCE:
        return f" from {_any([SHOPS.get(value.lower(), value) for value in values])}"
    return ""


def _any(values: Sequence[str], *, quoted: bool = False) -> str:
    shown = [f"“{value}”" if quoted else value for value in values]
    if len(shown) > 4:
        shown = [*shown[:3], f"{len(shown) - 3} others"]
    return " or ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def reward(rule: RateRule, currency: str) -> str:
    """What a rule gives: “8%”, “$5.00 for each piece”, “nothing”."""
    if rule.basis is Basis.EXCLUDED:
        return "nothing"
    if rule.basis is Basis.PERCENT:
        return percent(rule.rate_bp)
    return f"{Money(rule.flat_minor, currency)} for each {EACH[rule.basis]}"


def usual(terms: TermsFacts) -> str:
    """The usual rate: “10% of each sale”."""
    rule = resolving_rules.usual_rule(terms)
    if rule.basis is Basis.PERCENT:
        return f"{percent(rule.rate_bp)} of each sale"
    return reward(rule, terms.flat.currency)


def dates(rule: RateRule, zone: str) -> str:
    """“, from 1 May 2026 to 31 May 2026”: days of the program's zone, both included."""
    starts, ends = rule.starts_at, rule.ends_at
    first = f", from {_day(starts, zone)}" if starts else ""
    if not ends:
        return first
    last = ends.astimezone(ZoneInfo(zone))
    is_midnight = (last.hour, last.minute) == (0, 0)
    day = _day(ends - timedelta(seconds=int(is_midnight)), zone)
    return f"{first} to {day}" if first else f", until {day}"


def _day(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(zone)):%-d %B %Y}"


def limits(rates: RateTable, currency: str) -> list[str]:
    """The caps and limits, one sentence each."""
    a = {Period.MONTH: "a month", Period.QUARTER: "a quarter", Period.YEAR: "a year"}[rates.period]
    said = []
    if rates.cap_minor:
        said.append(f"An order earns at most {Money(rates.cap_minor, currency)}.")
    if rates.most_actions:
        said.append(f"Above {rates.most_actions:,} orders {a}, the brand decides.")
    if rates.most_minor:
        said.append(f"Above {Money(rates.most_minor, currency)} {a}, the brand decides.")
    if rates.budget_minor:
        said.append(f"The program spends at most {Money(rates.budget_minor, currency)} {a}.")
    if rates.lost_above_bp:
        share = percent(rates.lost_above_bp)
        said.append(
            f"An amount per order is lost once more than {share} of its goods are returned."
        )
    return said


def name_of(number: int, terms: TermsFacts) -> str:
    """A rule in few words, as the subject of its own sentence would be."""
    if number == USUAL_RULE:
        return "Usual rate"
    if number == LATER_RULE:
        return "Later charges of a subscription"
    if number == TIER_RULE:
        return "The tier’s rate"
    rule = terms.rates.rule(number)
    return _short(rule) if rule else "A special rate"


def _short(rule: RateRule) -> str:
    """Without anybody's name: bills are read by creators."""
    if Asks.AMBASSADOR in rule.asked and len(rule.asked) == 1:
        return "A personal rate"
    plain = RateRule(
        rule.number, rule.basis,
        conditions=tuple(one for one in rule.conditions if one.asks is not Asks.AMBASSADOR),
    )  # fmt: skip
    said = subject(plain) if plain.conditions else "A rate with dates"
    return f"{said}, a personal rate" if Asks.AMBASSADOR in rule.asked else said


def percent(rate_bp: int) -> str:
    """Basis points as "15%" or "12.5%"."""
    whole, rest = divmod(rate_bp, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + "%" if rest else f"{whole}%"


def major(minor: int, currency: str) -> str:
    """An amount as it is typed; nothing for zero."""
    return str(currencies.to_major(minor, currency)) if minor else ""
