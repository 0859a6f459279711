"""What payee_holds announces."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PayeeHoldChanged:
    """Runs of a brand leave out a creator from now on, or (`is_over`) pay her again."""

    hold_id: int
    is_over: bool
