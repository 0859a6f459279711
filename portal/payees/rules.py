"""How a payee's account stands, and which views there are. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

from portal.creators.models import DestinationState
from portal.payouts.models import BlockedReason
from portal.payouts.rules import Destination, account_reasons

CHANGED_WITHIN = timedelta(days=7)


class Readiness(StrEnum):
    """How the account of a payee stands: the word on the screen."""

    VERIFIED = "verified"
    COOLING = "cooling"
    NEEDS = "needs_action"
    MISSING = "missing"


class View(StrEnum):
    """A view of the list, in the order of the tabs."""

    ALL = "all"
    VERIFIED = "verified"
    MISSING = "missing"
    NEEDS = "needs_action"
    COOLING = "cooling"
    CHANGED = "changed"
    NEGATIVE = "negative"
    HELD = "held"


WORDS = {
    View.ALL: "All",
    View.VERIFIED: "Verified",
    View.MISSING: "No account",
    View.NEEDS: "Needs action",
    View.COOLING: "Cooling",
    View.CHANGED: "Changed, 7 days",
    View.NEGATIVE: "Negative",
    View.HELD: "Held",
}
UNSET = (DestinationState.NOT_STARTED, DestinationState.ONBOARDING, DestinationState.DISCONNECTED)
USABLE = (DestinationState.READY, DestinationState.COOLING)
BY_REASON = {
    BlockedReason.NO_ACCOUNT: Readiness.MISSING,
    BlockedReason.ACCOUNT_RESTRICTED: Readiness.NEEDS,
    BlockedReason.COOLING: Readiness.COOLING,
}


def readiness_of(destination: Destination | None, now: datetime) -> Readiness:
    """How an account stands by the same reasons for which a run leaves a creator out (R83)."""
    reasons = account_reasons(destination, now)
    return BY_REASON[reasons[0]] if reasons else Readiness.VERIFIED


def view_of(word: str) -> View:
    """The view in an address; a wrong word is the whole list."""
    return View(word) if word in list(View) else View.ALL
