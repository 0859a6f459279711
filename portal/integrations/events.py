"""What this room tells itself: the door stores, the worker thinks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InboundReceived:
    """A message was stored, or is to be processed again."""

    event_id: int
