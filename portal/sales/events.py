"""What the shops told us."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OrderRecorded:
    """An order is known, or something that matters for crediting it has changed."""

    order_id: int


@dataclass(frozen=True, slots=True)
class OrderRefunded:
    """The buyer got money back on an order."""

    order_id: int


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """The shop called the order off."""

    order_id: int


@dataclass(frozen=True, slots=True)
class OrderDisputed:
    """A chargeback was opened, won or lost."""

    order_id: int
    state: str
