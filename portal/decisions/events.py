"""What this room tells the rooms above it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OrderDeclined:
    """A person credited nobody with an order, and said why to those who had a part in it."""

    order_id: int
    attribution_id: int


@dataclass(frozen=True, slots=True)
class OrderPutForward:
    """What somebody wants to credit is above the limit: finance must agree."""

    proposal_id: int
