"""What of an amount would arrive, by a brand's terms and the rate of the day."""

from collections.abc import Callable
from datetime import date, datetime
from functools import cache

from portal.creators.models import Rail
from portal.identity import queries as identity
from portal.kernel.money import Money
from portal.paying import queries as paying
from portal.paying.models import FeeBearer, PayingTerms
from portal.payouts import rules
from portal.payouts.rules import Leaving, Ways
from portal.storage.model import db


def leavings(brand_id: int, now: datetime) -> Callable[[Money, Rail], Leaving | None]:
    """How to say what arrives: the terms are read once, a rate once per pair of currencies."""
    with db.session.no_autoflush:
        terms = paying.terms(brand_id)
    on = rules.day_in(now, identity.brand(brand_id).zone)

    @cache
    def rate(currency: str, target: str) -> tuple[int, date] | None:
        found = paying.rate(brand_id, currency, target, on)
        return (found.rate_millionths, found.from_on) if found else None

    def leave(amount: Money, rail: Rail) -> Leaving | None:
        ways = _ways(terms, rail, amount.currency)
        target = rules.currency_at(rail, amount.currency)
        known = rate(amount.currency, target) if target != amount.currency else None
        return rules.leaving_of(amount, rail, ways, known)

    return leave


def whole_rails(brand_id: int, currency: str) -> tuple[list[str], FeeBearer]:
    """The rails by which just what is owed arrives, and who would bear a fee."""
    with db.session.no_autoflush:
        terms = paying.terms(brand_id)
    whole = [
        rail.value
        for rail in Rail
        if rules.leaves_whole(rail, _ways(terms, rail, currency), currency)
    ]
    return whole, terms.fee_bearer


def _ways(terms: PayingTerms, rail: Rail, currency: str) -> Ways:
    fixed = terms.fixed_fee(rail.value, currency)
    return Ways(terms.fees.get(rail.value, 0), fixed, terms.fee_bearer, terms.uplift_bp)
