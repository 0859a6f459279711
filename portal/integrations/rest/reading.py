"""What a program told of an order or a refund, read again as it was read when it came. Pure."""

from dataclasses import replace
from datetime import datetime

from portal.api import told_queries
from portal.integrations import readings
from portal.sales.rules import OrderReport, Reading


def read(body: bytes, topic: str | None) -> Reading:
    """A conversion or, by its topic, a refund. Raises InvalidInput with one sentence."""
    report = told_queries.report_in(body, topic)
    if isinstance(report, OrderReport):
        return readings.order_reading(report)
    return readings.refund_reading([report])


def dated(reading: Reading, heard_at: datetime) -> Reading:
    """An order that names no time of its own stands as it stood when it was told."""
    if reading.order is None or reading.order.updated_at is not None:
        return reading
    return replace(reading, order=replace(reading.order, updated_at=heard_at))
