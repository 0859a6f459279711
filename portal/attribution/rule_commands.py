"""Say which orders a brand decides about itself."""

from portal.attribution import queries
from portal.attribution.models import OrderRules
from portal.audit import commands as audit
from portal.identity import queries as identity
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.storage.model import db


def set_rules(
    brand_id: int, *, ask_above: Money | None, finance_above: Money | None, asks_likeness: bool,
    by: int,
) -> OrderRules:  # fmt: skip
    """For orders decided from now on; those that wait or are credited stay as they are.

    `ask_above`: orders that count for more wait for a person. `finance_above`: what a person gives
    beyond this, finance must agree to. None asks about no amount. Raises InvalidInput for an
    amount in another currency than the brand's, or that is not above zero.
    """
    currency = identity.brand(brand_id).currency
    for name, amount in (("ask_above", ask_above), ("finance_above", finance_above)):
        if amount is not None and (amount.currency != currency or amount.minor <= 0):
            raise InvalidInput(name, f"Write an amount above zero, in {currency}.")
    rules = queries.rules_of(brand_id)
    if rules is None:
        rules = OrderRules(brand_id=brand_id, currency=currency)
        db.session.add(rules)
    rules.currency, rules.asks_likeness = currency, asks_likeness
    rules.ask_above_minor = ask_above.minor if ask_above else None
    rules.finance_above_minor = finance_above.minor if finance_above else None
    db.session.flush()
    audit.note(by, "order-rules.set", brand_id, brand_id=brand_id, asks_likeness=asks_likeness,
               ask_above=str(ask_above or ""), finance_above=str(finance_above or ""))  # fmt: skip
    return rules
