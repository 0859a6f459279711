"""Hand what a program told to `sales`: the same path as every other source. Callers commit."""

from portal.api import order_queries, orders
from portal.api.order_shapes import ConversionTold, RefundTold
from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.sales import commands as sales
from portal.sales import queries as sales_queries


def report_order(brand_id: int, told: ConversionTold) -> tuple[str, bool]:
    """Record one report of an order; returns its public id and whether it is new.

    Raises Conflict while the brand's REST connection is closed.
    """
    connection_id, now = sales.api_connection(brand_id), clock.now()
    known = order_queries.known_order(connection_id, told.order_id)
    # A shop that dates no change means: this is how it stands now.
    updated_at = told.updated_at or (None if known is None else now)
    report = orders.order_report(told, updated_at)
    order_id = sales.record_order(connection_id, report, heard_at=now)
    sales.note_event(connection_id, now)
    return sales_queries.by_id(order_id).public_id, known is None


def report_refund(brand_id: int, told: RefundTold) -> int:
    """Record one report of a refund; returns the connection it came through.

    Raises InvalidInput for a refund of nothing or in another currency than its order's, Conflict
    while the brand's REST connection is closed.
    """
    connection_id, now = sales.api_connection(brand_id), clock.now()
    known = order_queries.known_order(connection_id, told.order_id)
    if known is not None and known.currency != told.amount.currency:
        raise InvalidInput("amount.currency", f"The order is in {known.currency}.")
    sales.record_refund(connection_id, orders.refund_report(told), heard_at=now)
    sales.note_event(connection_id, now)
    return connection_id
