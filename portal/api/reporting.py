"""Hand what a program told to `sales`: the same path as every other source. Callers commit."""

from portal.api import order_queries, orders
from portal.api.order_shapes import ConversionTold, RefundTold
from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.sales import commands as sales
from portal.sales import queries as sales_queries
from portal.sales.models import Order


def connection_of(brand_id: int, own: int | None) -> int:
    """The shop a key tells for: its own, or the one the brand's other keys have in common."""
    return own or sales.api_connection(brand_id)


def report_order(connection_id: int, told: ConversionTold) -> tuple[Order, bool]:
    """Record one report of an order; returns it and whether it is new.

    Raises Conflict while the shop is switched off.
    """
    sales_queries.check_open(connection_id)
    now = clock.now()
    known = order_queries.known_order(connection_id, told.order_id)
    # A shop that dates no change means: this is how it stands now.
    updated_at = told.updated_at or (None if known is None else now)
    report = orders.order_report(told, updated_at)
    order_id = sales.record_order(connection_id, report, heard_at=now)
    sales.note_event(connection_id, now)
    return sales_queries.by_id(order_id), known is None


def report_refund(connection_id: int, told: RefundTold) -> int | None:
    """Record one report of a refund; returns its order's row id, None while it waits for one.

    Raises InvalidInput for a refund of nothing or in another currency than its order's, Conflict
    while the shop is switched off.
    """
    sales_queries.check_open(connection_id)
    now = clock.now()
    known = order_queries.known_order(connection_id, told.order_id)
    if known is not None and known.currency != told.amount.currency:
        raise InvalidInput("amount.currency", f"The order is in {known.currency}.")
    order_id = sales.record_refund(connection_id, orders.refund_report(told), heard_at=now)
    sales.note_event(connection_id, now)
    return order_id
