"""What is told by who bought: the creator herself (R51), or a customer somebody brought (R44).

Pure: the facts come from `gathering`, the decision is `rules.credit_for`'s.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.programs.models import BindingRule
from portal.programs.rules import AttributionTerms

# What buyer and creator share, and how much it says. From ENOUGH on it is her own purchase; an
# address or a surname alone is a flag for a person and never takes credit away (R51).
WEIGHTS = {"email": 100, "customer_id": 100, "payment": 100, "ip": 30, "surname": 20}
ENOUGH = 100
CHECKOUT_HOSTS = ("checkout.shopify.com", "pay.shopify.com", "shop.app", "checkout.stripe.com")
FROM_CHECKOUT, AFTER_CHECKOUT = "checkout", "after_checkout"


def score(evidence: Iterable[str]) -> int:
    """How sure it is that buyer and creator are one: 0 to 350, ENOUGH is sure."""
    return sum(WEIGHTS[one] for one in set(evidence))


def is_own_purchase(evidence: Iterable[str]) -> bool:
    """Whether the evidence takes the credit away; address and surname together do not."""
    return score(evidence) >= ENOUGH


def stands_down(
    referrer_host: str,
    clicked_at: datetime,
    hosts: Sequence[str],
    checkout_started_at: datetime | None,
) -> str:
    """Why a click cannot displace an earlier one: it came from the shop's own checkout, or after
    that had begun; "" when it may (R56). `hosts` are the brand's own."""
    host = referrer_host.casefold()
    own = (*CHECKOUT_HOSTS, *(one.casefold() for one in hosts))
    if host and any(host == one or host.endswith(f".{one}") for one in own):
        return FROM_CHECKOUT
    if checkout_started_at is not None and clicked_at >= checkout_started_at:
        return AFTER_CHECKOUT
    return ""


@dataclass(frozen=True, slots=True)
class Purchase:
    """An earlier order of a customer, and who was credited with it."""

    order_id: int
    at: datetime
    ambassador_id: int


def bound_to(
    purchases: Iterable[Purchase], terms: AttributionTerms, at: datetime
) -> Purchase | None:
    """The purchase by which a customer belongs to a creator at an instant, or None (R44).

    First partner: whoever was credited first, until the days are over; then the next one may
    bind. Last partner: whoever was credited last. Static days run from the purchase that bound;
    dynamic ones start again with each purchase credited to the bound creator. The last instant
    is inside, as with clicks (R31).
    """
    if terms.binding is BindingRule.NONE:
        return None
    lasts = timedelta(days=terms.binding_days)
    bound: Purchase | None = None
    until = at
    for one in sorted(purchases, key=lambda one: (one.at, one.order_id)):
        if one.at >= at:
            break
        is_same = bound is not None and bound.ambassador_id == one.ambassador_id
        has_lapsed = bound is None or one.at > until
        if has_lapsed or (terms.binding is BindingRule.LAST_PARTNER and not is_same):
            bound, until = one, one.at + lasts
        elif is_same and terms.binding_restarts:
            until = one.at + lasts
    return bound if bound is not None and at <= until else None
