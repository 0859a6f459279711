"""What a Shopify message means. Pure: bytes in, a Reading out.

The topic (`X-Shopify-Topic`) helps where there is one; without it the body's shape decides.
"""

from typing import Any

from portal.integrations import payloads
from portal.integrations.payloads import Entry, entries, ident, mapping, text
from portal.integrations.readings import draft, ignored, order_reading, refund_reading
from portal.integrations.shopify import orders, refunds
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.sales.rules import DisputeReport, DisputeState, Reading, ReportKind

NOT_OURS = "The message is not a Shopify order, refund or edit."
REFETCH_NOTE = "An edit names no amounts; the order itself follows, or is fetched again."
DISPUTE_STATES = {
    "won": (DisputeState.WON, ReportKind.DISPUTE_WON),
    "charge_refunded": (DisputeState.WON, ReportKind.DISPUTE_WON),
    "lost": (DisputeState.LOST, ReportKind.DISPUTE_LOST),
    "accepted": (DisputeState.LOST, ReportKind.DISPUTE_LOST),
}


def read(body: bytes, topic: str | None) -> Reading:
    """Understand one message. Raises InvalidInput with one sentence when it cannot be read."""
    found, topic = payloads.document(body), text(topic).casefold()
    several = _several_refunds(found)
    if several:
        return refund_reading([refunds.refund_report(entry) for entry in several])
    if not isinstance(found, dict) or not found:
        raise InvalidInput("body", NOT_OURS)
    return _one(_unwrapped(found), topic)


def _one(body: Entry, topic: str) -> Reading:
    if "order_edit" in body or topic == "orders/edited":
        edit = mapping(body.get("order_edit")) or body
        return Reading(ReportKind.REFETCH, ident(edit.get("order_id")), note=REFETCH_NOTE)
    if _is_refund(body, topic):
        return refund_reading([refunds.refund_report(body)])
    if topic.startswith("disputes/") or "evidence_due_by" in body:
        return _dispute(body)
    if topic == "orders/delete" and "line_items" not in body:
        return Reading(ReportKind.CANCEL, ident(body.get("id")), note="The order was deleted.")
    if _is_order(body, topic):
        return order_reading(orders.order_report(body))
    if not topic and "id" not in body:
        raise InvalidInput("body", NOT_OURS)
    if "line_items" in body and _is_cart(body):
        return draft(ident(body.get("id")), payloads.currency_of(body.get("currency")))
    return ignored(ident(body.get("id")), topic)


def _unwrapped(body: Entry) -> Entry:
    """`{"order": {…}}` and `{"refund": {…}}`, as the admin API answers."""
    if len(body) == 1:
        inside = body.get("order") or body.get("refund")
        listed = entries(body.get("orders")) if isinstance(body.get("orders"), list) else []
        if len(listed) > 1:
            raise InvalidInput("body", "The message holds several orders; give one at a time.")
        return mapping(inside) or (listed[0] if listed else body)
    return body


def _several_refunds(found: Any) -> list[Entry]:
    if isinstance(found, dict) and set(found) == {"refunds"}:
        found = found["refunds"]
    listed = entries(found) if isinstance(found, list) else []
    return listed if listed and all(_is_refund(entry, "") for entry in listed) else []


def _is_refund(body: Entry, topic: str) -> bool:
    shaped = "refund_line_items" in body or ("order_id" in body and "transactions" in body)
    return "line_items" not in body and (shaped or topic.startswith("refunds/"))


def _is_order(body: Entry, topic: str) -> bool:
    if topic.split("/", maxsplit=1)[0] not in ("", "orders"):
        return False
    return "line_items" in body and ("financial_status" in body or not _is_cart(body))


def _is_cart(body: Entry) -> bool:
    """Drafts and checkouts have lines too, but are no orders (yet)."""
    return "invoice_url" in body or "abandoned_checkout_url" in body


def _dispute(body: Entry) -> Reading:
    """Shopify Payments' own disputes. Raises InvalidInput when one names no order or currency."""
    currency, order_id = payloads.currency_of(body.get("currency")), ident(body.get("order_id"))
    external_id = ident(body.get("id"))
    if not (currency and order_id and external_id):
        raise InvalidInput("body", "The Shopify dispute lacks its id, its order or its currency.")
    amount = payloads.major(body.get("amount"), currency)
    state, kind = DISPUTE_STATES.get(
        text(body.get("status")).casefold(), (DisputeState.OPEN, ReportKind.DISPUTE_OPEN)
    )
    clawbacks = {
        DisputeState.WON: Money.zero(currency),
        DisputeState.LOST: amount,
        DisputeState.OPEN: None,
    }
    when = payloads.instant(body.get("finalized_on"), body.get("initiated_at"))
    return Reading(
        kind,
        external_id,
        currency=currency,
        clawback=clawbacks[state],
        note=text(body.get("reason")),
        dispute=DisputeReport(external_id, (order_id,), amount, state, when),
    )
