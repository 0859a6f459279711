"""What this room tells the rooms above it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AdjustmentPosted:
    """An amount was added to what a creator is owed, or taken from it; she reads why."""

    adjustment_id: int


@dataclass(frozen=True, slots=True)
class AdjustmentProposed:
    """An adjustment waits for a second person."""

    adjustment_id: int
