"""What a WooCommerce message means. Pure: bytes in, a Reading out.

The topic (`X-WC-Webhook-Topic`) helps where there is one; without it the body's shape decides.
"""

import re
from typing import Any

from portal.integrations import payloads
from portal.integrations.payloads import Entry, entries, ident, mapping, text
from portal.integrations.readings import draft, ignored, order_reading, refund_reading
from portal.integrations.woocommerce import orders, refunds
from portal.kernel.errors import InvalidInput
from portal.sales.rules import Reading, ReportKind

NOT_OURS = "The message is not a WooCommerce order or refund."
PING = re.compile(rb"webhook_id=\d{1,20}")


def is_ping(body: bytes) -> bool:
    """The unsigned form WooCommerce posts once when a webhook is made, to see that we answer."""
    return PING.fullmatch(body.strip()) is not None


def read(body: bytes, topic: str | None) -> Reading:
    """Understand one message. Raises InvalidInput with one sentence when it cannot be read."""
    found, topic = _unwrapped(payloads.document(body)), text(topic).casefold()
    if isinstance(found, list):
        listed = entries(found)
        if not listed or not all(_is_refund(entry) for entry in listed):
            raise InvalidInput("body", "The message is a list; give one order at a time.")
        return refund_reading([refunds.refund_report(entry) for entry in listed])
    if not isinstance(found, dict) or not found:
        raise InvalidInput("body", NOT_OURS)
    return _one(found, topic)


def _unwrapped(found: Any) -> Any:
    """`{"data": …}`, as WordPress.com passes the shop's answer on."""
    if isinstance(found, dict) and len(found) <= 2 and isinstance(found.get("data"), dict | list):
        return found["data"]
    return found


def _one(body: Entry, topic: str) -> Reading:
    if set(body) == {"action", "arg"}:
        note = "The message names only the order; its figures come with order.updated."
        return Reading(ReportKind.REFETCH, ident(body.get("arg")), note=note)
    if _is_refund(body):
        return refund_reading([refunds.refund_report(body)])
    if topic == "order.deleted" and "line_items" not in body:
        return Reading(ReportKind.CANCEL, ident(body.get("id")), note="The order was deleted.")
    if _is_order(body, topic):
        return _order(body)
    if not topic and "id" not in body:
        raise InvalidInput("body", NOT_OURS)
    return ignored(ident(body.get("id")), topic)


def _is_refund(body: Entry) -> bool:
    links = mapping(body.get("_links"))
    up = entries(links.get("up")) if isinstance(links.get("up"), list) else []
    of_order = any("/orders/" in text(link.get("href"), 500) for link in up)
    shaped = {"refunded_by", "refunded_payment", "refund_reason", "refunded_by_user"} & body.keys()
    return "amount" in body and "status" not in body and (bool(shaped) or of_order)


def _is_order(body: Entry, topic: str) -> bool:
    if topic.split(".", maxsplit=1)[0] not in ("", "order", "action") or "billing_period" in body:
        return False
    return "line_items" in body and ("status" in body or "order_key" in body or "currency" in body)


def _order(body: Entry) -> Reading:
    order = orders.order_report(body)
    if not orders.is_draft(body):
        return order_reading(order)
    return draft(order.external_id, order.currency, order.codes)
