"""A WooCommerce refund object. It names neither currency nor, always, its order's id."""

from decimal import Decimal

from portal.integrations import payloads
from portal.integrations.payloads import ASSUMED_CURRENCY, Entry, entries, ident, text
from portal.integrations.readings import LINES_WORTH_NOTHING, NO_LINES
from portal.integrations.woocommerce.orders import fee_part
from portal.kernel.errors import InvalidInput
from portal.sales.rules import Precision, RefundFamily, RefundReport


def refund_report(refund: Entry) -> RefundReport:
    """Raises InvalidInput when it has no id, names no order, or holds a figure that is none."""
    external_id, order_id = ident(refund.get("id")), _order_id(refund)
    if not external_id or not order_id:
        raise InvalidInput("id", "The WooCommerce refund lacks its id or its order's id.")
    named = payloads.currency_of(refund.get("currency"))
    currency = named or ASSUMED_CURRENCY
    lines = entries(refund.get("line_items"))
    worths = [abs(payloads.number(line.get("total"))) for line in lines]
    base, review, precision = sum(worths, Decimal(0)), "", Precision.LINES_IN_ORDER
    given = abs(payloads.number(refund.get("amount", refund.get("total"))))
    if not lines:
        base, precision = max(given - _beside_goods(refund), Decimal(0)), Precision.LINES
        review = NO_LINES if base else ""
    elif not base and given:
        review = LINES_WORTH_NOTHING
    return RefundReport(
        external_id=external_id,
        order_references=(order_id,),
        amount=payloads.major(base, currency),
        occurred_at=payloads.instant(refund.get("date_created_gmt"), refund.get("date_created")),
        lines=tuple(
            (_refunded_line(line), payloads.major(worth, currency))
            for line, worth in zip(lines, worths, strict=True)
        ),
        family=RefundFamily.OWN if lines else RefundFamily.GOODS,
        precision=precision,
        stated="" if named else str(base),
        review=review,
        pieces=tuple(payloads.whole(line.get("quantity")) for line in lines),
        beside=_parts(refund),
    )


def _parts(refund: Entry) -> tuple[tuple[str, str], ...]:
    """What was given back of shipping, tax, tips and gift wrap (R67), in major units."""
    told = dict.fromkeys(("shipping", "tax", "tip", "gift_wrap"), Decimal(0))
    for field in ("line_items", "shipping_lines", "fee_lines"):
        for line in entries(refund.get(field)):
            told["tax"] += abs(payloads.number(line.get("total_tax")))
            part = "shipping" if field == "shipping_lines" else ""
            part = fee_part(line) if field == "fee_lines" else part
            if part:
                told[part] += abs(payloads.number(line.get("total")))
    return tuple((name, str(amount)) for name, amount in told.items() if amount)


def _beside_goods(refund: Entry) -> Decimal:
    """What of an amount is shipping, fees or tax (R67)."""
    besides = entries(refund.get("shipping_lines")) + entries(refund.get("fee_lines"))
    amounts = [entry.get(field) for entry in besides for field in ("total", "total_tax")]
    return sum((abs(payloads.number(amount)) for amount in amounts), Decimal(0))


def _order_id(refund: Entry) -> str:
    """`parent_id`, or the last part of the link up: …/orders/723."""
    links = refund.get("_links")
    up = entries(links.get("up")) if isinstance(links, dict) else []
    linked = text(up[0].get("href"), 500).rstrip("/").rpartition("/")[2] if up else ""
    named = (ident(refund.get("order_id")), ident(refund.get("parent_id")), linked)
    return next((found for found in named if found and found != "0"), "")


def _refunded_line(line: Entry) -> str:
    for pair in entries(line.get("meta_data")):
        if pair.get("key") == "_refunded_item_id":
            return ident(pair.get("value"))
    return ident(line.get("id"))
