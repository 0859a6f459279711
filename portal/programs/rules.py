"""What terms say: the facts others calculate with, and which figures cannot be."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.kernel import currencies
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.programs.base_terms import GOODS_ONLY as GOODS_ONLY
from portal.programs.base_terms import PARTS as PARTS
from portal.programs.base_terms import BaseTerms as BaseTerms
from portal.programs.click_terms import NO_CLICKS, check_clicks
from portal.programs.click_terms import ClickTerms as ClickTerms
from portal.programs.credit_terms import USUAL, check_attribution
from portal.programs.credit_terms import AttributionTerms as AttributionTerms
from portal.programs.hold_terms import USUAL_HOLD, check_hold
from portal.programs.hold_terms import WORDS as WORDS
from portal.programs.hold_terms import HoldBasis as HoldBasis
from portal.programs.hold_terms import HoldFacts as HoldFacts
from portal.programs.hold_terms import HoldTerms as HoldTerms
from portal.programs.hold_terms import hold_end as hold_end
from portal.programs.hold_terms import hold_words as hold_words
from portal.programs.models import ClickRule, CodePolicy, CommissionKind
from portal.programs.rate_rules import NO_RATES, check_rates
from portal.programs.rate_rules import RateTable as RateTable

DEFAULT_MINIMUM_MINOR = 2_500
MOST_NOTICE_DAYS = 120


@dataclass(frozen=True, slots=True)
class TermsFacts:
    """One version of commission terms, without its row: rates in basis points, times in days."""

    id: int
    version: int
    kind: CommissionKind
    rate_bp: int
    flat: Money
    hold_days: int
    window_days: int
    code_policy: CodePolicy
    click_rule: ClickRule
    pay_on_zero_base: bool
    attribution: AttributionTerms = USUAL
    rates: RateTable = NO_RATES
    hold: HoldTerms = USUAL_HOLD
    base: BaseTerms = GOODS_ONLY
    clicks: ClickTerms = NO_CLICKS

    @property
    def click_pay(self) -> Money:
        """What a click earns beside sales; zero where it earns nothing."""
        return Money(self.clicks.each_minor, self.flat.currency)


def example_earnings(terms: TermsFacts, orders: int, average: Money) -> Money:
    """What that many orders of that size would earn in a month: rounded once per order (R5)."""
    each = terms.flat if terms.kind is CommissionKind.FLAT else average.portion(terms.rate_bp)
    return Money(each.minor * orders, each.currency)


def default_minimum(currency: str) -> Money:
    """25 in major units where a brand has set nothing (R84); where a currency has no decimals the
    same count of minor units, since ¥25 would be no minimum."""
    return Money(DEFAULT_MINIMUM_MINOR * 10 ** max(currencies.exponent(currency) - 2, 0), currency)


def check_figures(terms: TermsFacts) -> None:
    """Raises InvalidInput for terms that cannot be: no reward, or days out of bounds (R58)."""
    if terms.kind is CommissionKind.PERCENT and not 1 <= terms.rate_bp <= 10_000:
        raise InvalidInput("rate", "A rate lies between 0.01% and 100%.")
    if terms.kind is CommissionKind.FLAT and terms.flat.minor <= 0:
        raise InvalidInput("flat", "The amount per order must be more than zero.")
    if not 0 <= terms.hold_days <= 120:
        raise InvalidInput("hold_days", "Sales are held between 0 and 120 days.")
    if not 1 <= terms.window_days <= 365:
        raise InvalidInput("window_days", "A link counts between 1 and 365 days.")
    check_attribution(terms.attribution)
    check_rates(terms.rates)
    check_hold(terms.hold, terms.hold_days)
    check_clicks(terms.clicks)


def check_page(page: Mapping[str, Any]) -> None:
    """Raises InvalidInput for what a program page cannot say."""
    if "name" in page and not str(page["name"]).strip():
        raise InvalidInput("name", "Write the program’s name.")
    if not 0 <= page.get("discount_bp", 0) <= 10_000:
        raise InvalidInput("discount", "A discount lies between 0% and 100%.")
    if not 1 <= page.get("pay_day", 1) <= 28:
        raise InvalidInput(
            "pay_day", "A pay day lies between 1 and 28, so that every month has it."
        )
    if page.get("min_followers", 0) < 0 or page.get("min_engagement_bp", 0) < 0:
        raise InvalidInput("min_followers", "A minimum cannot be negative.")
    if len(page.get("questions", ())) > 6:
        raise InvalidInput("questions", "Ask at most 6 questions: each one costs applications.")
