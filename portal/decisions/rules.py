"""What a person may decide about an order, and what it would earn."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from portal.attribution.models import Attribution, Outcome
from portal.commissions.models import CommissionStatus
from portal.kernel.errors import Conflict
from portal.kernel.money import Money

DECIDABLE = (Outcome.NEEDS_DECISION, Outcome.NOT_CREDITED, Outcome.CREDITED)
# Before payable only (UX 6.9): what is payable or paid is corrected by an appeal or an adjustment.
MOVABLE = (CommissionStatus.PENDING, CommissionStatus.ON_HOLD, CommissionStatus.VOID)


class DeclineReason(StrEnum):
    """R62: why an order is declined; the creators read the words of `DECLINES`."""

    DUPLICATE = "duplicate"
    SELF_REFERRAL = "self_referral"
    CONS_FRAUD = "cons_fraud"
    NOT_COMPLIANCE_TERMS = "not_compliance_terms"
    ORDER_ERROR = "order_error"
    TEST_ORDER = "test_order"


DECLINES: Mapping[DeclineReason, str] = {
    DeclineReason.DUPLICATE: "The same order was counted already",
    DeclineReason.SELF_REFERRAL: "The buyer and the ambassador are the same person",
    DeclineReason.CONS_FRAUD: "The order was not made by a real buyer",
    DeclineReason.NOT_COMPLIANCE_TERMS: "The program’s terms do not allow what led to it",
    DeclineReason.ORDER_ERROR: "The order was recorded by mistake",
    DeclineReason.TEST_ORDER: "It was a test",
}


def declined_words(reason: DeclineReason, note: str) -> str:
    """What the creators read: the reason, and what was added to it."""
    return f"{DECLINES[reason]}. {note.strip()}".strip()


def check_can_decide(outcome: Outcome | None) -> None:
    """Raises Conflict for an order nobody can be credited with, or that is not judged yet."""
    if outcome is None or outcome is Outcome.MATCHING:
        raise Conflict("This order has not been judged yet. Look again when it is paid.")
    if outcome not in DECIDABLE:
        raise Conflict("This order is a test or was cancelled, so nobody can be credited with it.")


def check_seen(seen: int | None, latest: Attribution | None) -> None:
    """Raises Conflict when another decision than the one looked at is in force."""
    if seen is not None and latest is not None and latest.version != seen:
        raise Conflict("This order was decided about meanwhile. Look at it again.")


def check_can_move(statuses: Iterable[CommissionStatus]) -> None:
    """Raises Conflict when what the order earned is payable already."""
    if any(status not in MOVABLE for status in statuses):
        raise Conflict(
            "What this order earned is payable or in a payout already, so its credit stays. "
            "Correct it by an adjustment."
        )


def check_as_put_forward(amount: Money, put_forward: Money) -> None:
    """Raises Conflict when the shop changed the order so that it would give more than finance
    reads."""
    if amount.currency != put_forward.currency or amount > put_forward:
        raise Conflict(
            f"The shop changed this order: it would earn {amount} now. "
            "Refuse it, so that it is put forward anew."
        )


def needs_finance(amount: Money, limit: Money | None) -> bool:
    """Whether finance must agree to what a decision gives: above the limit, or in another currency
    than the limit is written in."""
    return limit is not None and (amount.currency != limit.currency or amount > limit)
