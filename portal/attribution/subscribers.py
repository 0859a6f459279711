"""Reactions to what shops report."""

from collections.abc import Sequence

from portal.attribution import commands, waiting
from portal.sales.events import OrderRecorded
from portal.tracking.events import ClicksCameLate


def on_order_recorded(event: OrderRecorded) -> None:
    """A new or changed order: decide whose it is, once its click is here."""
    commands.attribute_each(waiting.ready([event.order_id]))


def on_orders_recorded(events: Sequence[OrderRecorded]) -> None:
    """Many new or changed orders."""
    commands.attribute_each(waiting.ready([event.order_id for event in events]))


def on_clicks_came_late(event: ClicksCameLate) -> None:
    """Orders that were decided without their click are judged again, unless credited."""
    commands.attribute_each(waiting.orders_naming(event.first_click_id, event.last_click_id))
