"""What a Stripe message means. Pure: bytes in, a Reading out.

An event says what happened; a bare object only shows itself, and counts when it is a purchase,
a charge, a refund or a credit note (CONTRACTS: anything else is a `reference`).
"""

from collections.abc import Callable

from portal.integrations.payloads import distinct, ident, text
from portal.integrations.stripe import accounts, messages, purchases, reversals
from portal.integrations.stripe.messages import Message
from portal.sales.rules import Reading, ReportKind

ALWAYS: dict[str, Callable[[Message], Reading]] = {
    "checkout.session": purchases.session_reading,
    "invoice": purchases.invoice_reading,
    "charge": reversals.charge_reading,
    "refund": reversals.refund_reading,
    "credit_note": reversals.credit_note_reading,
}
IN_EVENTS: dict[str, Callable[[Message], Reading]] = {
    "dispute": reversals.dispute_reading,
    "transfer": accounts.transfer_reading,
    "payout": accounts.payout_reading,
    "invoice_payment": purchases.payment_reading,
}
# The events an endpoint of a shop is to send: each of them changes what somebody earns.
TOPICS = (
    "checkout.session.completed", "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed", "invoice.paid", "invoice_payment.paid",
    "charge.refunded", "charge.refund.updated", "refund.created", "refund.updated",
    "credit_note.created", "credit_note.voided", "charge.dispute.created", "charge.dispute.closed",
)  # fmt: skip
PURCHASE_PARTS = frozenset({"invoiceitem", "payment_intent", "line_item"})


def read(body: bytes, topic: str | None) -> Reading:
    """Understand one message. Raises InvalidInput with one sentence when it cannot be read."""
    found = messages.message(body, topic)
    if found.topic == accounts.DEAUTHORIZED and found.is_event:
        return accounts.disconnected_reading(found)
    if found.topic == "account.updated" and found.is_event:
        return accounts.account_reading(found)
    if found.topic.startswith(accounts.BANKS) and found.is_event:
        return accounts.bank_reading(found)
    if found.kind in ALWAYS:
        return ALWAYS[found.kind](found)
    if not found.is_event:
        return _reference(found)
    if found.kind in IN_EVENTS:
        return IN_EVENTS[found.kind](found)
    if found.kind in PURCHASE_PARTS:
        return purchases.nothing_bought(found, "No sale by itself: its checkout or invoice is.")
    note = f"{found.topic} says nothing about an order or an account of ours."
    return Reading(ReportKind.IGNORE, ident(found.body), currency=found.currency, note=note)


def _reference(found: Message) -> Reading:
    codes = distinct([text(found.body.get("code"))]) if found.kind == "promotion_code" else ()
    note = f"A {found.kind.replace('_', ' ')} by itself; nothing happened."
    return Reading(ReportKind.REFERENCE, ident(found.body), codes=codes, note=note)
