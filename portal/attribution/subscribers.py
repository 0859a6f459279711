"""Reactions to what shops report."""

from portal.attribution import commands
from portal.sales.events import OrderRecorded


def on_order_recorded(event: OrderRecorded) -> None:
    """A new or changed order: decide whose it is."""
    commands.attribute_order(event.order_id)
