"""What destinations announces."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DestinationToConfirm:
    """A usable destination was replaced: nothing is sent to the new one before she confirms it."""

    change_id: int


@dataclass(frozen=True, slots=True)
class DestinationMissing:
    """Money has waited for a destination for `day` days: 0, 7, 21 or 45 (R90)."""

    creator_id: int
    day: int


@dataclass(frozen=True, slots=True)
class DestinationAsked:
    """Finance asked a creator for an account that can be paid."""

    ask_id: int
