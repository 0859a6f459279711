"""Reactions to orders and briefs."""

from collections.abc import Sequence

from portal.attribution.events import OrderAttributed
from portal.briefs import queries as briefs
from portal.briefs.events import AssignmentCancelled, AssignmentCompleted
from portal.commissions import commands
from portal.kernel.money import Money
from portal.sales.events import OrderCancelled, OrderDisputed, OrderRecorded, OrderRefunded


def on_order_attributed(event: OrderAttributed) -> None:
    """A decision was made: if somebody is credited, the order earns."""
    commands.earn(event.attribution_id)


def on_orders_attributed(events: Sequence[OrderAttributed]) -> None:
    """Many decisions were made."""
    commands.earn_each([event.attribution_id for event in events])


def on_orders_recorded(events: Sequence[OrderRecorded]) -> None:
    """Many orders are new or changed."""
    commands.reverse_each([event.order_id for event in events])


def on_order_recorded(event: OrderRecorded) -> None:
    """An order changed: what it earned follows (a cancellation taken back gives it back)."""
    commands.reverse(event.order_id)


def on_order_refunded(event: OrderRefunded) -> None:
    """Part of an order was given back."""
    commands.reverse(event.order_id)


def on_order_cancelled(event: OrderCancelled) -> None:
    """An order is off: what it earned is taken back (R74)."""
    commands.reverse(event.order_id)


def on_order_disputed(event: OrderDisputed) -> None:
    """A chargeback opened (hold), was won (release) or lost (take back)."""
    commands.reverse(event.order_id)


def on_assignment_completed(event: AssignmentCompleted) -> None:
    """A brief was delivered and approved: its fee is owed."""
    commands.earn_fee(
        event.assignment_id, event.brand_id, event.creator_id, event.ambassador_id,
        Money(event.amount_minor, event.currency), hold_days=event.hold_days,
        title=briefs.work(event.assignment_id).brief.title, by=None,
    )  # fmt: skip


def on_assignment_cancelled(event: AssignmentCancelled) -> None:
    """Accepted work was called off: what is owed for it is a fee (R119)."""
    if event.amount_minor <= 0:
        return
    commands.earn_fee(
        event.assignment_id, event.brand_id, event.creator_id, event.ambassador_id,
        Money(event.amount_minor, event.currency), hold_days=event.hold_days,
        title=f"Cancelled: {briefs.work(event.assignment_id).brief.title}", by=None,
    )  # fmt: skip
