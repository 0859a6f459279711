"""Orders that come before their click, and clicks that come after their order."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from portal.jobs.commands import enqueue
from portal.kernel import clock
from portal.sales.models import Order
from portal.storage.model import db
from portal.tracking import click_queries
from portal.tracking.models import Click
from portal.tracking.queries import read_click_id

PATIENCE = timedelta(minutes=15)
AGAIN = timedelta(seconds=5)
AT_ONCE = 500


def ready(order_ids: Sequence[int]) -> list[int]:
    """Those of these orders that can be decided now.

    An order whose click may still lie in a spool is asked about again in a few seconds, for a
    quarter of an hour after it was heard of; then it is decided without.
    """
    wanted = select(Order.id, Order.click_id).where(
        Order.id.in_(order_ids),
        Order.click_id.is_not(None),
        Order.recorded_at > clock.now() - PATIENCE,
    )
    waiting = {
        order_id
        for order_id, click_id in db.session.execute(wanted)
        if click_queries.is_underway(read_click_id(click_id))
    }
    for order_id in sorted(waiting):
        enqueue(
            "attribution.on_order_recorded", {"order_id": order_id},
            dedupe=f"attribution:click:{order_id}", run_at=clock.now() + AGAIN,
        )  # fmt: skip
    return [order_id for order_id in order_ids if order_id not in waiting]


def orders_naming(first_click_id: int, last_click_id: int) -> list[int]:
    """The orders that came with one of the clicks of these ids and between."""
    clicks = select(Click.id).where(Click.id.between(first_click_id, last_click_id))
    ids = [str(found) for found in db.session.scalars(clicks)]
    orders: list[int] = []
    for start in range(0, len(ids), AT_ONCE):
        named = Order.click_id.in_(ids[start : start + AT_ONCE])
        orders += db.session.scalars(select(Order.id).where(named))
    return sorted(orders)
