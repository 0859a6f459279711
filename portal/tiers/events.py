"""What tiers announces."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LadderPublished:
    """A program has a new version of its tiers."""

    ladder_id: int


@dataclass(frozen=True, slots=True)
class TierMoved:
    """A creator's tier changed, is going to, or was fixed; the move says which."""

    move_id: int
    ambassador_id: int
