"""What this room tells the rooms above it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CommissionEarned:
    """A sale or a finished brief earned something (it may be 0.00: R8)."""

    commission_id: int


@dataclass(frozen=True, slots=True)
class CommissionReversed:
    """A refund, cancellation or dispute changed what is left; `reversal_id` says by how much."""

    commission_id: int
    reversal_id: int


@dataclass(frozen=True, slots=True)
class CommissionHoldMoved:
    """The shop told of sending or delivery, so the hold of a sale ends at another time."""

    commission_id: int


@dataclass(frozen=True, slots=True)
class CommissionHeld:
    """Someone, or an open dispute, stopped a commission; the reason stands on its row."""

    commission_id: int


@dataclass(frozen=True, slots=True)
class CommissionReleased:
    """A stopped commission goes on where it was stopped."""

    commission_id: int
