"""Stripe's ways of taking money back: charges, refunds, credit notes, disputes.

One refund may be told three times (charge, refund, credit note): `RefundFamily` keeps them apart
so that it counts once.
"""

from portal.integrations import payloads, readings
from portal.integrations.payloads import Entry, distinct, entries, ident, mapping, text
from portal.integrations.stripe import messages
from portal.integrations.stripe.messages import Message, amount, first_amount, total_of
from portal.integrations.stripe.purchases import nothing_bought
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.sales.rules import (
    DisputeReport,
    DisputeState,
    Reading,
    RefundFamily,
    RefundReport,
    ReportKind,
)

FAILED_REFUND = frozenset({"failed", "canceled"})
DISPUTE_WON = frozenset({"won", "warning_closed", "charge_refunded", "prevented"})
DISPUTE_LOST = frozenset({"lost"})


def charge_reading(found: Message) -> Reading:
    """A charge: all that was given back of it so far (cumulative). A payment alone is no order."""
    charge = found.body
    currency = messages.needed_currency(found, "charge")
    refunded = amount(charge.get("amount_refunded"), currency)
    if not refunded or found.topic not in ("", "charge.refunded", "charge.updated"):
        return nothing_bought(found, "A charge is no order: its checkout or invoice is.")
    charged = first_amount(currency, charge.get("amount_captured"), charge.get("amount"))
    whole = amount(charge.get("amount"), currency)
    report = RefundReport(
        external_id=messages.needed_id(found, "charge"),
        order_references=_references(charge, ident(charge)),
        amount=refunded,
        occurred_at=found.sent_at or payloads.instant(charge.get("created")),
        family=RefundFamily.CHARGE,
        cumulative_of=charged or whole or refunded,
    )
    return readings.refund_reading([report])


def refund_reading(found: Message) -> Reading:
    """One refund of a payment; a failed one gives back what it took."""
    refund, currency = found.body, messages.needed_currency(found, "refund")
    is_withdrawn = text(refund.get("status")).casefold() in FAILED_REFUND
    given = amount(refund.get("amount"), currency)
    references = _references(refund, ident(refund.get("charge")))
    if not references:
        raise InvalidInput("charge", "The Stripe refund names neither its charge nor its payment.")
    report = RefundReport(
        external_id=messages.needed_id(found, "refund"),
        order_references=references,
        amount=given,
        occurred_at=found.sent_at or payloads.instant(refund.get("created")),
        family=RefundFamily.PAYMENT,
        is_withdrawn=is_withdrawn,
        cumulative_of=None,
        review="The refund did not go through; nothing was given back." if is_withdrawn else "",
    )
    return readings.refund_reading([report])


def credit_note_reading(found: Message) -> Reading:
    """A credit note: its goods, without tax and shipping."""
    note, currency = found.body, messages.needed_currency(found, "credit note")
    invoice = ident(note.get("invoice"))
    if not invoice:
        raise InvalidInput("invoice", "The Stripe credit note names no invoice.")
    is_withdrawn = note.get("status") == "void" or found.topic == "credit_note.voided"
    paid_out = bool(note.get("refund")) or bool(entries(note.get("refunds")))
    report = RefundReport(
        external_id=messages.needed_id(found, "credit note"),
        order_references=(invoice,),
        amount=_credited(note, currency),
        occurred_at=found.sent_at or payloads.instant(note.get("created")),
        family=RefundFamily.CREDIT_NOTE if paid_out else RefundFamily.OWN,
        is_withdrawn=is_withdrawn,
    )
    return readings.refund_reading([report])


def _credited(note: Entry, currency: str) -> Money:
    shipping = amount(note.get("amount_shipping"), currency)
    without_tax = first_amount(currency, note.get("total_excluding_tax"))
    if without_tax is None:
        taxes = note.get("total_taxes") or note.get("tax_amounts")
        total = first_amount(currency, note.get("total"), note.get("amount"))
        without_tax = (total or Money.zero(currency)) - total_of(taxes, "amount", currency)
    return max(without_tax - shipping, Money.zero(currency))


def dispute_reading(found: Message) -> Reading:
    """A chargeback: open holds, lost takes back, won (or only a warning) releases."""
    dispute, currency = found.body, messages.needed_currency(found, "dispute")
    charge = ident(dispute.get("charge"))
    references = _references(dispute, charge)
    if not references:
        raise InvalidInput("charge", "The Stripe dispute names neither its charge nor its payment.")
    status, disputed = text(dispute.get("status")), amount(dispute.get("amount"), currency)
    state, kind, clawback = DisputeState.OPEN, ReportKind.DISPUTE_OPEN, None
    if status in DISPUTE_WON:
        state, kind, clawback = DisputeState.WON, ReportKind.DISPUTE_WON, Money.zero(currency)
    elif status in DISPUTE_LOST:
        state, kind, clawback = DisputeState.LOST, ReportKind.DISPUTE_LOST, disputed
    when = found.sent_at or payloads.instant(dispute.get("created"))
    external_id = ident(dispute) or f"dispute of {references[0]}"
    return Reading(
        kind,
        external_id,
        currency=currency,
        clawback=clawback,
        note=text(dispute.get("reason")),
        dispute=DisputeReport(external_id, references, disputed, state, when),
    )


def _references(holder: Entry, charge: str) -> tuple[str, ...]:
    """All by which the order of a charge, refund or dispute may be known; an expanded charge
    tells its own payment and invoice too."""
    inside = mapping(holder.get("charge"))
    values = (holder.get("payment_intent"), inside.get("payment_intent"),
              holder.get("invoice"), inside.get("invoice"))  # fmt: skip
    return distinct([charge, *(ident(value) for value in values)])
