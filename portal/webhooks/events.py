"""What this room tells the rooms above it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WebhookDisabled:
    """An endpoint failed for days, or said it is gone (`delivery_id`: with which message); nothing
    more is sent to it."""

    endpoint_id: int
    delivery_id: int
