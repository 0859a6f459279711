"""Stripe purchases: a checkout session and an invoice, which are often the same purchase.

Base = what was charged, less tax and shipping: discounts are already out of the total, and tax
is taken out whether the prices included it or not (R2, R3, R6).
"""

from dataclasses import replace

from portal.integrations import payloads, readings
from portal.integrations.payloads import Entry, distinct, entries, first_text, ident, mapping, text
from portal.integrations.stripe import messages
from portal.integrations.stripe.messages import Message, amount, first_amount, total_of
from portal.kernel.money import Money
from portal.sales.rules import (
    CREDIT,
    BuyerClues,
    LineReport,
    OrderReport,
    Reading,
    ReportKind,
)

PAID_SESSION = frozenset({"paid", "no_payment_required"})
FAILED_TOPICS = frozenset({"checkout.session.async_payment_failed"})
ENDED_SESSION = frozenset({"open", "expired"})
PAID_INVOICE_TOPICS = frozenset({"invoice.paid", "invoice.payment_succeeded"})
INVOICE_NEWS = PAID_INVOICE_TOPICS | {"invoice.updated", ""}


def session_reading(found: Message) -> Reading:
    """A checkout session: a sale when it is paid, unpaid while the bank still thinks."""
    session = found.body
    if _is_no_purchase(found):
        return nothing_bought(found, "The checkout is not completed, or sells nothing.")
    currency, base = _session_base(found)
    invoice, session_id = ident(session.get("invoice")), messages.needed_id(found, "checkout")
    subscription = ident(session.get("subscription"))
    details, totals = (
        mapping(session.get("customer_details")),
        mapping(session.get("total_details")),
    )
    external_id = invoice or session_id
    status = text(session.get("payment_status")).casefold()
    order = OrderReport(
        external_id=external_id,
        number=external_id,
        currency=currency,
        placed_at=payloads.instant(session.get("created")) or found.sent_at,
        updated_at=found.sent_at,
        lines=_lines(session.get("line_items"), base, external_id, "Checkout"),
        codes=_codes(session),
        promotions=_promotions(session),
        # Sessions from before `payment_status` existed were completed by paying.
        is_paid=status in PAID_SESSION or not status or found.topic.endswith("_succeeded"),
        total=first_amount(currency, session.get("amount_total")) or base,
        tax=amount(totals.get("amount_tax"), currency),
        shipping=amount(totals.get("amount_shipping"), currency),
        discount=amount(totals.get("amount_discount"), currency),
        click_id=messages.click_in(session) or payloads.click(session.get("client_reference_id")),
        customer_id=ident(session.get("customer")),
        customer_email=first_text(details.get("email"), session.get("customer_email")),
        is_cancelled=found.topic in FAILED_TOPICS,
        references=distinct(
            [session_id, invoice, ident(session.get("payment_intent")),
             *messages.first_of_subscription(subscription)]
        ),
        subscription=subscription,
        checkout_started_at=payloads.instant(session.get("created")),
        beside=_shipping_alone(session, currency),
        clues=_clues(text(details.get("name")), session),
    )  # fmt: skip
    return readings.order_reading(order)


def _is_no_purchase(found: Message) -> bool:
    session = found.body
    if found.topic == "checkout.session.expired" or session.get("mode") == "setup":
        return True
    unpaid = text(session.get("payment_status")) != "paid"
    return unpaid and text(session.get("status")) in ENDED_SESSION


def _session_base(found: Message) -> tuple[str, Money]:
    """The base, in the shop's currency: older sessions show the customer's after conversion."""
    session, currency = found.body, messages.needed_currency(found, "checkout")
    total = first_amount(currency, session.get("amount_total"))
    subtotal = first_amount(currency, session.get("amount_subtotal"))
    details = mapping(session.get("total_details"))
    if total is None:
        base = subtotal if subtotal is not None else _displayed(session, currency)
        base = base - amount(details.get("amount_discount"), currency)
    else:
        tax, shipping = _tax_and_shipping(session, details, currency)
        base = total - tax - shipping
    base = max(base, Money.zero(currency))
    conversion = mapping(session.get("currency_conversion"))
    source = payloads.currency_of(conversion.get("source_currency"))
    if source and source != currency and total:
        whole = amount(conversion.get("amount_total"), source)
        return source, whole.scaled(base.minor, total.minor)
    return currency, base


def _tax_and_shipping(session: Entry, details: Entry, currency: str) -> tuple[Money, Money]:
    """Tax beside shipping's own, and shipping with its tax: so none is taken out twice."""
    tax, cost = amount(details.get("amount_tax"), currency), mapping(session.get("shipping_cost"))
    if cost.get("amount_total") is None:
        return tax, amount(details.get("amount_shipping"), currency)
    return (
        tax - amount(cost.get("amount_tax"), currency),
        amount(cost.get("amount_total"), currency),
    )


def _displayed(session: Entry, currency: str) -> Money:
    """Sessions of the first API versions list what they sell and name no totals."""
    items = entries(session.get("display_items"))
    counts = [int(payloads.number(item.get("quantity", 1))) for item in items]
    prices = [amount(item.get("amount"), currency) for item in items]
    parts = (price.scaled(count, 1) for price, count in zip(prices, counts, strict=True))
    return Money.total(parts, currency)


def invoice_reading(found: Message) -> Reading:
    """An invoice: a sale once it is paid; anything else about it earns nothing yet."""
    if found.topic not in INVOICE_NEWS or not _is_paid(found):
        return nothing_bought(found, "Only a paid invoice is a sale.")
    order = _invoice_order(found)
    return readings.order_reading(order)


def _is_paid(found: Message) -> bool:
    status = text(found.body.get("status")).casefold()
    if status:
        return status == "paid"
    return payloads.truth(found.body.get("paid")) or found.topic in PAID_INVOICE_TOPICS


def _invoice_order(found: Message) -> OrderReport:
    invoice, currency = found.body, messages.needed_currency(found, "invoice")
    external_id = messages.needed_id(found, "invoice")
    tax, base = _invoice_tax(invoice, currency), _invoice_base(invoice, currency)
    cost = mapping(invoice.get("shipping_cost"))
    moments = mapping(invoice.get("status_transitions"))
    return OrderReport(
        external_id=external_id,
        number=first_text(invoice.get("number"), external_id),
        currency=currency,
        placed_at=payloads.instant(moments.get("paid_at"), invoice.get("created")) or found.sent_at,
        updated_at=found.sent_at,
        lines=_lines(invoice.get("lines"), base, external_id, "Invoice"),
        codes=_codes(invoice),
        promotions=_promotions(invoice),
        is_paid=True,
        total=first_amount(currency, invoice.get("total")) or base,
        tax=tax,
        shipping=amount(cost.get("amount_total"), currency),
        discount=total_of(invoice.get("total_discount_amounts"), "amount", currency),
        click_id=_invoice_click(invoice),
        customer_id=ident(invoice.get("customer")),
        customer_email=text(invoice.get("customer_email")),
        references=_invoice_references(invoice),
        subscription=_subscription_of(invoice),
        beside=(*_shipping_alone(invoice, currency), *_balance_used(invoice, currency)),
        clues=_clues(text(invoice.get("customer_name")), invoice),
    )


def _invoice_base(invoice: Entry, currency: str) -> Money:
    """Stripe's own total without tax where it names one; a credit (negative) is no sale."""
    cost = mapping(invoice.get("shipping_cost"))
    shipping = amount(cost.get("amount_total"), currency) - amount(cost.get("amount_tax"), currency)
    without_tax = first_amount(currency, invoice.get("total_excluding_tax"))
    if without_tax is None:
        total = first_amount(currency, invoice.get("total"), invoice.get("amount_paid"))
        without_tax = (total or Money.zero(currency)) - _invoice_tax(invoice, currency)
    return max(without_tax - shipping, Money.zero(currency))


def _invoice_tax(invoice: Entry, currency: str) -> Money:
    """The tax of every API version: `total_taxes`, `total_tax_amounts`, `tax`."""
    for field in ("total_taxes", "total_tax_amounts"):
        if entries(invoice.get(field)):
            return total_of(invoice.get(field), "amount", currency)
    return amount(invoice.get("tax"), currency)


def _shipping_alone(holder: Entry, currency: str) -> tuple[tuple[str, Money], ...]:
    """Shipping without its tax, where Stripe tells both."""
    cost = mapping(holder.get("shipping_cost"))
    tax = amount(cost.get("amount_tax"), currency)
    alone = amount(cost.get("amount_total"), currency) - tax
    return (("shipping", alone),) if tax.minor > 0 and alone.minor >= 0 else ()


def _balance_used(invoice: Entry, currency: str) -> tuple[tuple[str, Money], ...]:
    """What the customer's credit balance, which is negative, paid of an invoice (R10)."""
    before = amount(invoice.get("starting_balance"), currency)
    used = amount(invoice.get("ending_balance"), currency) - before
    return ((CREDIT, used),) if before.minor < 0 and used.minor > 0 else ()


def _subscription_details(invoice: Entry) -> Entry:
    inside = mapping(mapping(invoice.get("parent")).get("subscription_details"))
    return inside or mapping(invoice.get("subscription_details"))


def _invoice_click(invoice: Entry) -> str | None:
    holders = [invoice, _subscription_details(invoice), *entries(invoice.get("lines"))]
    return next((click for holder in holders if (click := messages.click_in(holder))), None)


def _invoice_references(invoice: Entry) -> tuple[str, ...]:
    paid_by = (mapping(entry.get("payment")) for entry in entries(invoice.get("payments")))
    payments = [ident(p.get(key)) for p in paid_by for key in ("payment_intent", "charge")]
    is_first = invoice.get("billing_reason") == "subscription_create"
    first = messages.first_of_subscription(_subscription_of(invoice)) if is_first else ()
    own = [ident(invoice), ident(invoice.get("payment_intent")), ident(invoice.get("charge"))]
    return distinct([*own, *payments, *first])


def _subscription_of(invoice: Entry) -> str:
    details = _subscription_details(invoice)
    return ident(invoice.get("subscription")) or ident(details.get("subscription"))


def _clues(name: str, holder: Entry) -> BuyerClues:
    """The buyer's surname, and the card's fingerprint where Stripe was asked to write it out."""
    charge = mapping(mapping(holder.get("payment_intent")).get("latest_charge"))
    paid_by = mapping(charge or mapping(holder.get("charge"))).get("payment_method_details")
    card = mapping(mapping(paid_by).get("card"))
    return BuyerClues(surname=(name.split() or [""])[-1], payment=text(card.get("fingerprint")))


def _codes(holder: Entry) -> tuple[str, ...]:
    """Promotion codes as typed, where Stripe was asked to write them out; else only ids come."""
    promotions = (mapping(entry.get("promotion_code")) for entry in _discounts(holder))
    return distinct(text(promotion.get("code")) for promotion in promotions)


def _promotions(holder: Entry) -> tuple[str, ...]:
    """The ids of promotion codes that were not written out."""
    named = (entry.get("promotion_code") for entry in _discounts(holder))
    return distinct(text(one) for one in named if isinstance(one, str))


def _discounts(holder: Entry) -> list[Entry]:
    single = mapping(holder.get("discount"))
    several = entries(holder.get("discounts"))
    breakdown = mapping(mapping(holder.get("total_details")).get("breakdown"))
    nested = [mapping(entry.get("discount")) for entry in entries(breakdown.get("discounts"))]
    return [single, *several, *nested]


def _lines(items: object, base: Money, external_id: str, title: str) -> tuple[LineReport, ...]:
    """The lines when they add up to the base, else one line that is the base: lists are cut off
    at ten, and invoice-wide discounts are not always told line by line."""
    lines = tuple(
        _line(item, base.currency) for item in entries(items) if item.get("amount") is not None
        or item.get("amount_total") is not None
    )  # fmt: skip
    if lines and Money.total((line.net for line in lines), base.currency) == base:
        return lines
    return (LineReport(external_id, title, "1", base, base),)


def _line(item: Entry, currency: str) -> LineReport:
    gross = first_amount(currency, item.get("amount_subtotal"), item.get("amount"))
    product = mapping(mapping(item.get("pricing")).get("price_details")).get("product")
    return LineReport(
        external_id=ident(item),
        title=text(item.get("description")),
        quantity=text(item.get("quantity")) or "1",
        gross=gross or Money.zero(currency),
        net=_line_net(item, currency),
        product_id=ident(product or mapping(item.get("price")).get("product")),
    )


def _line_net(item: Entry, currency: str) -> Money:
    if item.get("amount_total") is not None:  # a checkout's line: its total holds the tax
        tax = amount(item.get("amount_tax"), currency)
        return amount(item.get("amount_total"), currency) - tax
    discounts = total_of(item.get("discount_amounts"), "amount", currency)
    inside = [e for e in entries(item.get("tax_amounts")) if payloads.truth(e.get("inclusive"))]
    inside += [e for e in entries(item.get("taxes")) if e.get("tax_behavior") == "inclusive"]
    return amount(item.get("amount"), currency) - discounts - total_of(inside, "amount", currency)


def nothing_bought(found: Message, note: str) -> Reading:
    """A message about a purchase that earns nothing (yet)."""
    currency = found.currency
    zero = Money.zero(currency) if currency else None
    return Reading(
        ReportKind.IGNORE, ident(found.body), currency=currency, commissionable=zero, note=note
    )


def payment_reading(found: Message) -> Reading:
    """An invoice's payment: tells under which payment intent the invoice's refunds will come."""
    body = found.body
    payment = mapping(body.get("payment"))
    links = distinct(
        ident(value)
        for value in (body.get("invoice"), payment.get("payment_intent"), payment.get("charge"))
    )
    reading = nothing_bought(found, "Tells which payment belongs to which invoice.")
    return replace(reading, links=links if len(links) > 1 else ())
