"""What creators announces."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DestinationChanged:
    """Where a creator's money goes, or whether it can go there, has changed. `state` is the word of
    UX 6.13, `epoch_seconds` the portal's time of it, which tells two changes apart."""

    creator_id: int
    state: str
    epoch_seconds: int
