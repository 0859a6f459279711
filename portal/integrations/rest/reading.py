"""What a program told of an order or a refund, read again as it was read when it came. Pure."""

from dataclasses import replace
from datetime import datetime

from pydantic import ValidationError

from portal.api import orders, wording
from portal.api.order_shapes import ConversionTold, RefundTold
from portal.integrations import readings
from portal.kernel.errors import InvalidInput
from portal.sales.rules import Reading

REFUND = "refund"


def read(body: bytes, topic: str | None) -> Reading:
    """A conversion or, by its topic, a refund. Raises InvalidInput with the first field's
    sentence."""
    try:
        if (topic or _guess(body)) == REFUND:
            return readings.refund_reading(
                [orders.refund_report(RefundTold.model_validate_json(body))]
            )
        told = ConversionTold.model_validate_json(body)
    except ValidationError as wrong:
        shape = RefundTold if wrong.title == RefundTold.__name__ else ConversionTold
        field, sentence = wording.sentences(wrong, shape)[0]
        raise InvalidInput(field, wording.named(field, sentence)) from wrong
    return readings.order_reading(orders.order_report(told, told.updated_at))


def dated(reading: Reading, heard_at: datetime) -> Reading:
    """An order that names no time of its own stands as it stood when it was told."""
    if reading.order is None or reading.order.updated_at is not None:
        return reading
    return replace(reading, order=replace(reading.order, updated_at=heard_at))


def _guess(body: bytes) -> str:
    return REFUND if b'"refund_id"' in body else ""
