"""What this room tells the rooms above it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OrderRecorded:
    """An order is new, or something that attribution reads has changed (codes, click, payment)."""

    order_id: int


@dataclass(frozen=True, slots=True)
class OrderRefunded:
    """More, or less, of an order's base was given back: read `sales.queries.standing`."""

    order_id: int


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """An order was cancelled, voided or deleted: what it earned is taken back."""

    order_id: int


@dataclass(frozen=True, slots=True)
class OrderDisputed:
    """A chargeback of an order is `open` (hold), `won` (release) or `lost` (take back, R72)."""

    order_id: int
    state: str
