"""What this room tells the rooms above it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChangePutForward:
    """A change of money policy waits: for a second person, or for its day."""

    proposal_id: int
