"""A Shopify refund, alone (refunds/create) or inside its order.

The base's part of a refund is the subtotal of its lines, without tax. Money that moved without
lines is an amount only: counted, and shown to a person.
"""

from dataclasses import replace

from portal.integrations import payloads
from portal.integrations.payloads import ASSUMED_CURRENCY, Entry, entries, ident, mapping, text
from portal.integrations.readings import LINES_WORTH_NOTHING, NO_LINES
from portal.integrations.shopify import beside
from portal.integrations.shopify.amounts import shop_currency, shop_money, total_of
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.sales.rules import LineReport, Precision, RefundFamily, RefundReport

THOUSAND = 1000  # quantities are compared in thousandths


def of_order(
    order: Entry, lines: tuple[LineReport, ...], currency: str
) -> tuple[RefundReport, ...]:
    """The refunds an order carries, read beside its own lines."""
    reference = ident(order.get("id"))
    goods = {line.external_id: line for line in lines}
    inclusive = payloads.truth(order.get("taxes_included"))
    return tuple(
        _report(refund, reference, currency, goods if inclusive else {}, Precision.LINES_IN_ORDER)
        for refund in entries(order.get("refunds"))
        if ident(refund.get("id"))
    )


def refund_report(refund: Entry) -> RefundReport:
    """A refund by itself. Raises InvalidInput when it has no id or names no order."""
    order_id = ident(refund.get("order_id"))
    if not ident(refund.get("id")) or not order_id:
        raise InvalidInput("id", "The Shopify refund lacks its id or its order's id.")
    currency = currency_of(refund)
    report = _report(refund, order_id, currency or ASSUMED_CURRENCY, {}, Precision.LINES)
    return report if currency else replace(report, stated=payloads.in_major(report.amount))


def currency_of(refund: Entry) -> str | None:
    """The shop's currency as far as the refund tells it; transactions may say nothing (null)."""
    lines = entries(refund.get("refund_line_items"))
    in_lines = (shop_currency(line, "subtotal", "total_tax") for line in lines)
    in_totals = shop_currency(refund, "total_duties", "total_additional_fees")
    in_adjustments = (
        shop_currency(entry, "amount") for entry in entries(refund.get("order_adjustments"))
    )
    in_transactions = (entry.get("currency") for entry in entries(refund.get("transactions")))
    return payloads.currency_of(*in_lines, in_totals, *in_adjustments, *in_transactions)


def _report(
    refund: Entry,
    order_id: str,
    currency: str,
    goods: dict[str, LineReport],
    precision: Precision,
) -> RefundReport:
    items = [
        item
        for item in entries(refund.get("refund_line_items"))
        if not payloads.truth(_sold(item).get("gift_card")) and not beside.is_beside(_sold(item))
    ]
    lines = tuple((_line_id(item), _worth(item, currency, goods)) for item in items)
    amount, review = Money.total((worth for _, worth in lines), currency), ""
    family = RefundFamily.OWN
    if not entries(refund.get("refund_line_items")):
        amount, precision = _amount_only(refund, currency), Precision.TOTAL
        family = RefundFamily.GOODS
        review = NO_LINES if amount else ""
    elif not amount and _moved(refund, currency):
        review = LINES_WORTH_NOTHING
    return RefundReport(
        external_id=ident(refund.get("id")),
        order_references=(order_id,),
        amount=amount,
        occurred_at=payloads.instant(refund.get("processed_at"), refund.get("created_at")),
        lines=lines,
        family=family,
        precision=precision,
        review=review,
        pieces=tuple(payloads.whole(item.get("quantity")) for item in items),
        beside=_beside(refund, currency),
    )


def _beside(refund: Entry, currency: str) -> tuple[tuple[str, str], ...]:
    """What was given back of shipping, tax, tips and gift wrap (R67), in major units."""
    adjustments = entries(refund.get("order_adjustments"))
    on_shipping = [one for one in adjustments if text(one.get("kind")) == "shipping_refund"]
    shipping = abs(total_of(on_shipping, "amount", currency))
    tax = abs(total_of(on_shipping, "tax_amount", currency))
    for line in entries(refund.get("refund_shipping_lines")) if not on_shipping else []:
        shipping = shipping + shop_money(line, "subtotal_amount", currency)
    items = entries(refund.get("refund_line_items"))
    tax = tax + total_of(items, "total_tax", currency)
    tips = total_of([one for one in items if beside.is_tip(_sold(one))], "subtotal", currency)
    wrap = total_of([one for one in items if beside.is_wrap(_sold(one))], "subtotal", currency)
    told = (("shipping", shipping), ("tax", tax), ("tip", tips), ("gift_wrap", wrap))
    return tuple((name, payloads.in_major(amount)) for name, amount in told if amount.minor > 0)


def _worth(item: Entry, currency: str, goods: dict[str, LineReport]) -> Money:
    """The base's part of one refunded line. Only in shops whose prices include tax does
    `subtotal` hold it too: then the one of both readings that fits the line is taken."""
    subtotal = shop_money(item, "subtotal", currency)
    tax, line = shop_money(item, "total_tax", currency), goods.get(_line_id(item))
    quantity = payloads.number(item.get("quantity", 1))
    whole = payloads.number(line.quantity) if line else 0
    if not line or not tax or not whole:
        return subtotal
    share = line.net.scaled(int(quantity * THOUSAND), int(whole * THOUSAND))
    return min((subtotal, subtotal - tax), key=lambda worth: abs(worth - share).minor)


def _sold(item: Entry) -> Entry:
    return mapping(item.get("line_item"))


def _line_id(item: Entry) -> str:
    return ident(item.get("line_item_id")) or ident(item.get("line_item"))


def _moved(refund: Entry, currency: str) -> Money:
    paid_out = [
        entry
        for entry in entries(refund.get("transactions"))
        if text(entry.get("kind")).casefold() == "refund"
        and text(entry.get("status")).casefold() not in ("failure", "error")
    ]
    return total_of(paid_out, "amount", currency)


def _amount_only(refund: Entry, currency: str) -> Money:
    """Goodwill without lines, of goods with their tax: Shopify books it as a negative discrepancy;
    shipping is not ours."""
    adjustments = entries(refund.get("order_adjustments"))
    goodwill = [e for e in adjustments if text(e.get("kind")) != "shipping_refund"]
    if goodwill:
        return max(-total_of(goodwill, "amount", currency), Money.zero(currency))
    shipping = [e for e in adjustments if text(e.get("kind")) == "shipping_refund"]
    given = abs(total_of(shipping, "amount", currency) + total_of(shipping, "tax_amount", currency))
    for line in entries(refund.get("refund_shipping_lines")) if not shipping else []:
        given = given + shop_money(line, "subtotal_amount", currency)
    return max(_moved(refund, currency) - given, Money.zero(currency))
