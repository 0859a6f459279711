"""Look again into what a program told: the report that its message was. Pure."""

from pydantic import ValidationError

from portal.api import orders, wording
from portal.api.order_shapes import ConversionTold, RefundTold
from portal.kernel.errors import InvalidInput
from portal.sales.rules import OrderReport, RefundReport

REFUND = "refund"


def report_in(body: bytes, topic: str | None) -> OrderReport | RefundReport:
    """A conversion or, by its topic, a refund. Raises InvalidInput with the first field's
    sentence."""
    is_refund = topic == REFUND or (not topic and b'"refund_id"' in body)
    try:
        if is_refund:
            return orders.refund_report(RefundTold.model_validate_json(body))
        told = ConversionTold.model_validate_json(body)
    except ValidationError as wrong:
        shape = RefundTold if is_refund else ConversionTold
        field, sentence = wording.faults(wrong, shape)[0]
        raise InvalidInput(field, wording.named(field, sentence)) from wrong
    return orders.order_report(told, told.updated_at)
