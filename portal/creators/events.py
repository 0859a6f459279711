"""What creators announces."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DestinationChanged:
    """Where a creator's money goes, or whether it can go there, has changed."""

    creator_id: int
