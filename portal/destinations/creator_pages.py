"""What a creator’s pages about her destination show: gathered here; the doors stay short."""

from typing import Any

from flask import current_app

from portal.ambassadors import queries as ambassadors
from portal.creators import queries as creators
from portal.creators.models import DestinationState, PayoutDestination, Rail
from portal.creators.rules import (
    CONFIRMATION,
    RECONNECTION,
    has_ended,
    may_return,
    was_usable,
)
from portal.destinations import queries, rules, wording
from portal.destinations.provider import AccountProvider
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.ledger import queries as books
from portal.paying import queries as paying


def provider() -> AccountProvider | None:
    """The provider that accounts are connected with, if one is configured."""
    found: AccountProvider | None = current_app.extensions["portal.adapters"].rails.get("stripe")
    return found


def setup(creator_id: int) -> dict[str, Any]:
    """The ways she can be paid, and what the chosen one still needs."""
    creator = creators.creator(creator_id)
    found = {row.rail: row for row in creators.all_destinations_of(creator_id)}
    current = creators.destination_of(creator_id)
    lacks = list(current.missing) if current else []
    return {
        "creator": creator,
        "zone": creator.zone,
        "current": current,
        "way": rules.WORDS[current.rail][0] if current else "",
        "is_closed": Rail.STRIPE in found and found[Rail.STRIPE].state is DestinationState.REJECTED,
        "may_return": _may_return(found.get(Rail.STRIPE), current),
        "has_left": current is not None and RECONNECTION in current.missing,
        "may_leave": bool(current and current.account_ref and not has_ended(current.state)),
        "missing": wording.missing_words(code for code in lacks if code != CONFIRMATION),
        "due": wording.missing_words(current.due if current else ()),
        "to_confirm": CONFIRMATION in lacks and queries.open_change(creator_id) is not None,
        "is_connected": provider() is not None,
        "may_change_bank": _may_change_bank(current),
        "now": clock.now(),
        "is_cooling": is_cooling(current),
        "ways": _ways(creator_id, creator.country),
        "uplift_bp": _uplift(creator_id),
    }


def one_way(creator_id: int, rail: Rail) -> rules.Way:
    """A way she may choose. Raises NotFound for one that no brand of hers offers."""
    country = creators.creator(creator_id).country
    found = next((way for way in _ways(creator_id, country) if way.rail is rail), None)
    if found is None:
        raise NotFound("None of your brands pays this way.")
    return found


def is_cooling(destination: PayoutDestination | None) -> bool:
    """Whether nothing is sent there yet because it was just changed."""
    if destination is None or destination.cooling_until is None:
        return False
    return clock.now() < destination.cooling_until


def changes_usable(creator_id: int) -> bool:
    """Whether setting another account now would change one that could be paid: she proves
    herself again first (R91)."""
    return queries.is_guarded(creators.destination_of(creator_id), creator_id)


def _may_change_bank(destination: PayoutDestination | None) -> bool:
    """Whether her bank details at the provider are what she may want to change now."""
    if destination is None or destination.rail is not Rail.STRIPE or provider() is None:
        return False
    return was_usable(destination.state) or wording.BANK_REFUSED in destination.missing


def _may_return(stripe: PayoutDestination | None, current: PayoutDestination | None) -> bool:
    """Whether she has a connected account that she may go back to."""
    if stripe is None or not stripe.account_ref or not may_return(stripe.state, stripe.missing):
        return False
    return stripe is not current or RECONNECTION in stripe.missing


def has_gone(destination: PayoutDestination) -> bool:
    """Whether it was taken away for good, so that connecting again opens another account: at the
    provider, or she said that a change of it was not hers."""
    left = RECONNECTION in destination.missing
    return destination.state is DestinationState.DISCONNECTED and not left


def is_settled(destination: PayoutDestination | None) -> bool:
    """Whether asking the provider again cannot tell anything new."""
    if destination is None or has_ended(destination.state):
        return True
    return was_usable(destination.state)


def _ways(creator_id: int, country: str) -> list[rules.Way]:
    return rules.ways_for(
        paying.ways_of(_brands(creator_id)), country,
        sorted({currency for _, currency in books.currencies_of(creator_id)}),
        is_connected=provider() is not None,
    )  # fmt: skip


def _brands(creator_id: int) -> list[int]:
    found = {member.brand_id for member in ambassadors.of_creator(creator_id)}
    found |= {brand_id for brand_id, _ in books.currencies_of(creator_id)}
    return sorted(found) or [0]  # nobody's yet: what is usual


def _uplift(creator_id: int) -> int:
    return max(paying.terms(brand_id).uplift_bp for brand_id in _brands(creator_id))
