"""A Shopify order, as the REST admin and the orders/* webhooks tell it."""

from datetime import datetime

from portal.integrations import payloads
from portal.integrations.payloads import Entry, entries, first_text, ident, mapping, text, truth
from portal.integrations.shopify import beside, refunds
from portal.integrations.shopify.amounts import per_unit_times, shop_currency, shop_money, total_of
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.sales.rules import BuyerClues, LineReport, OrderReport

PAID = frozenset({"paid", "partially_refunded", "refunded"})
VOID = "voided"
CURRENCY_FIELDS = ("total_price", "subtotal_price", "current_total_price", "total_discounts")


def order_report(order: Entry) -> OrderReport:
    """The order with its lines, discounts, codes and refunds.

    Raises InvalidInput when it has no id, no currency, or a figure that is none.
    """
    external_id, currency = ident(order.get("id")), _currency(order)
    if not external_id:
        raise InvalidInput("id", "The Shopify order has no id.")
    lines = _lines(order, currency)
    return OrderReport(
        external_id=external_id,
        number=first_text(order.get("name"), order.get("order_number"), order.get("number")),
        currency=currency,
        placed_at=payloads.instant(order.get("processed_at"), order.get("created_at")),
        updated_at=payloads.instant(order.get("updated_at"), order.get("created_at")),
        lines=lines,
        codes=codes(order),
        is_paid=_status(order) in PAID,
        total=shop_money(order, "total_price", currency),
        tax=shop_money(order, "total_tax", currency),
        shipping=beside.shipping_of(order, currency),
        discount=shop_money(order, "total_discounts", currency),
        click_id=payloads.click_in_pairs(
            order.get("note_attributes"), "name", (payloads.CLICK_PARAMETER,)
        )
        or payloads.click_in_url(order.get("landing_site")),
        customer_id=ident(order.get("customer")),
        customer_email=_email(order),
        is_test=truth(order.get("test")),
        is_cancelled=is_cancelled(order),
        refunds=refunds.of_order(order, lines, currency),
        fulfilled_at=_sent_at(order, "created_at"),
        delivered_at=_sent_at(order, "updated_at", "delivered"),
        tags=_tags(order),
        beside=beside.of_order(order, currency),
        clues=BuyerClues(
            surname=text(mapping(order.get("billing_address")).get("last_name")),
            ip=text(order.get("browser_ip")),
        ),
    )


def _tags(order: Entry) -> tuple[str, ...]:
    """The shop's words on the order, and where it was made when not in the web shop: rates may
    ask for "wholesale", "pos" or "shopify_draft_order" (R11)."""
    told = order.get("tags")
    written = told if isinstance(told, list) else text(told).split(",")
    made = text(order.get("source_name")).casefold()
    words = [text(one).strip() for one in written] + [made if made != "web" else ""]
    return payloads.distinct(words)


def _sent_at(order: Entry, moment: str, shipment: str = "") -> datetime | None:
    """When the last of the goods was sent, or had the shipment status asked for; None while
    anything still waits."""
    if text(order.get("fulfillment_status")).casefold() != "fulfilled":
        return None
    parcels = [one for one in entries(order.get("fulfillments"))
               if text(one.get("status")).casefold() != "cancelled"]  # fmt: skip
    if any(text(one.get("shipment_status")).casefold() != shipment for one in parcels if shipment):
        return None
    told = [payloads.instant(one.get(moment), one.get("created_at")) for one in parcels]
    return max((at for at in told if at is not None), default=None)


def is_cancelled(order: Entry) -> bool:
    """Cancelled by somebody, or its authorisation was voided before any money moved.

    The topic is not asked: it is not signed, so an old body could be sent again under another.
    """
    return bool(order.get("cancelled_at")) or _status(order) == VOID


def codes(order: Entry) -> tuple[str, ...]:
    """The discount codes the customer used, in their order."""
    used = order.get("discount_codes")
    if isinstance(used, list):
        return payloads.distinct(
            text(entry.get("code") if isinstance(entry, dict) else entry) for entry in used
        )
    applied = entries(order.get("discount_applications"))
    return payloads.distinct(
        text(entry.get("code")) for entry in applied if entry.get("type") == "discount_code"
    )


def _status(order: Entry) -> str:
    return text(order.get("financial_status")).casefold()


def _currency(order: Entry) -> str:
    found = shop_currency(order, *CURRENCY_FIELDS) or payloads.currency_of(order.get("currency"))
    if not found:
        raise InvalidInput("currency", "The Shopify order names no currency.")
    return found


def _email(order: Entry) -> str:
    customer = mapping(order.get("customer"))
    return first_text(order.get("email"), order.get("contact_email"), customer.get("email"))


def _lines(order: Entry, currency: str) -> tuple[LineReport, ...]:
    items = [line for line in entries(order.get("line_items")) if not beside.is_beside(line)]
    grosses = [per_unit_times(line, line.get("quantity", 1), currency) for line in items]
    nets = [gross - discount_of(line, currency) for line, gross in zip(items, grosses, strict=True)]
    nets = _less_unallocated_discount(order, items, nets, currency)
    if truth(order.get("taxes_included")):
        nets = _less_tax(order, items, nets, currency)
    return tuple(
        _line(line, gross, net) for line, gross, net in zip(items, grosses, nets, strict=True)
    )


def _line(line: Entry, gross: Money, net: Money) -> LineReport:
    return LineReport(
        external_id=ident(line.get("id")),
        title=first_text(line.get("name"), line.get("title")),
        quantity=text(line.get("quantity", 1)) or "1",
        gross=gross,
        net=net,
        product_id=ident(line.get("product_id")),
        sku=text(line.get("sku")),
        is_gift_card=truth(line.get("gift_card")),
        category=first_text(line.get("product_type"), line.get("category")),
    )


def discount_of(line: Entry, currency: str) -> Money:
    """Every discount allocated to a line; old orders carry one `total_discount` instead."""
    allocations = entries(line.get("discount_allocations"))
    if allocations:
        return total_of(allocations, "amount", currency)
    return shop_money(line, "total_discount", currency)


def _less_unallocated_discount(
    order: Entry, items: list[Entry], nets: list[Money], currency: str
) -> list[Money]:
    """Orders from before allocations existed: share the order's discount by R4."""
    if not items or any("discount_allocations" in line for line in items):
        return nets
    given = Money.total((discount_of(line, currency) for line in items), currency)
    on_shipping = [
        entry
        for entry in entries(order.get("discount_codes"))
        if text(entry.get("type")).casefold() == "shipping"
    ]
    missing = shop_money(order, "total_discounts", currency) - given
    missing = missing - total_of(on_shipping, "amount", currency)
    if missing.minor <= 0:
        return nets
    shares = missing.split([max(net.minor, 0) for net in nets])
    return [net - share for net, share in zip(nets, shares, strict=True)]


def _less_tax(order: Entry, items: list[Entry], nets: list[Money], currency: str) -> list[Money]:
    """Prices with tax inside: take each line's own tax out, or its share of the order's (R3)."""
    if any("tax_lines" in line for line in items):
        return [net - tax_of(line, currency) for line, net in zip(items, nets, strict=True)]
    on_shipping = Money.total(
        (tax_of(line, currency) for line in entries(order.get("shipping_lines"))), currency
    )
    tax = shop_money(order, "total_tax", currency) - on_shipping
    if not items or tax.minor <= 0:
        return nets
    shares = tax.split([max(net.minor, 0) for net in nets])
    return [net - share for net, share in zip(nets, shares, strict=True)]


def tax_of(line: Entry, currency: str) -> Money:
    """The tax on one line of goods or shipping."""
    return total_of(entries(line.get("tax_lines")), "price", currency)
