"""Reactions to what shops report."""

from collections.abc import Sequence

from portal.attribution import commands
from portal.sales.events import OrderRecorded


def on_order_recorded(event: OrderRecorded) -> None:
    """A new or changed order: decide whose it is."""
    commands.attribute_order(event.order_id)


def on_orders_recorded(events: Sequence[OrderRecorded]) -> None:
    """Many new or changed orders."""
    commands.attribute_each([event.order_id for event in events])
