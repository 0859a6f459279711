"""What can be given and redeemed, and each reward's way. Pure."""

from portal.kernel.errors import Conflict, InvalidInput
from portal.rewards.models import RewardKind, RewardStatus

MOST_PIECES = 1_000_000
SHIPPED = frozenset({RewardKind.PRODUCT})
STEPS = {
    (RewardStatus.TO_SHIP, "ship"): RewardStatus.SHIPPED,
    (RewardStatus.SHIPPED, "deliver"): RewardStatus.DELIVERED,
    (RewardStatus.TO_ISSUE, "issue"): RewardStatus.ISSUED,
    (RewardStatus.TO_SHIP, "cancel"): RewardStatus.CANCELLED,
    (RewardStatus.TO_ISSUE, "cancel"): RewardStatus.CANCELLED,
}
OPEN = (RewardStatus.TO_SHIP, RewardStatus.TO_ISSUE, RewardStatus.SHIPPED)
ENDS = frozenset({RewardStatus.DELIVERED, RewardStatus.ISSUED})


def first_status(kind: RewardKind) -> RewardStatus:
    """Where a reward of a kind begins."""
    if kind is RewardKind.POINTS:
        return RewardStatus.GIVEN
    return RewardStatus.TO_SHIP if kind in SHIPPED else RewardStatus.TO_ISSUE


def next_status(status: RewardStatus, action: str) -> RewardStatus:
    """The state after a step; raises Conflict for one that is not possible."""
    found = STEPS.get((status, action))
    if found is None:
        raise Conflict(f"This reward is {words(status)} already.")
    return found


def check_quantity(quantity: int) -> None:
    """Raises InvalidInput for a number of pieces that is none."""
    if not 1 <= quantity <= MOST_PIECES:
        raise InvalidInput("quantity", "Give between 1 and 1,000,000.")


def check_points(wanted: int, had: int) -> None:
    """Raises Conflict when she has too few points; the sentence says how many are missing."""
    if wanted > had:
        raise Conflict(
            f"This costs {wanted:,} points and you have {had:,}: {wanted - had:,} are missing."
        )


def stock_after(stock: int | None, quantity: int) -> int | None:
    """What is left; raises Conflict when there is not enough."""
    if stock is None:
        return None
    if quantity > stock:
        raise Conflict("None is left." if not stock else f"Only {stock:,} are left.")
    return stock - quantity


def stock_as_written(stock: int | None, written: int | None, seen: int | None) -> int | None:
    """The stock after somebody who saw `seen` wrote `written`; raises InvalidInput when it is
    neither any more: some were given, or somebody else wrote another."""
    if written == seen:
        return stock
    if stock not in (seen, written):
        now = "as many as are wanted" if stock is None else f"{stock:,}"
        raise InvalidInput("stock", f"The stock is {now} by now. Write how many there are.")
    return written


def words(status: RewardStatus) -> str:
    """A state as it stands in a sentence."""
    return status.value.replace("_", " ")
