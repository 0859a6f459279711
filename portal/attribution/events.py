"""What this room tells the rooms above it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OrderAttributed:
    """A new decision about an order was stored; read its outcome by `attribution_id`."""

    order_id: int
    attribution_id: int
