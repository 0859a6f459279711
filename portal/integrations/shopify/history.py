"""An order as Shopify's GraphQL answers it, told as the orders/updated webhook would have.

One reader understands both: what the webhook names in REST's words is named so here.
"""

import json
from typing import Any

from portal.integrations.payloads import Entry, entries, mapping, text
from portal.integrations.shop_api import READ, Told

TOPIC = "orders/updated"
STATUS = {
    "PAID": "paid", "PARTIALLY_REFUNDED": "partially_refunded", "REFUNDED": "refunded",
    "PENDING": "pending", "AUTHORIZED": "authorized", "PARTIALLY_PAID": "partially_paid",
    "VOIDED": "voided", "EXPIRED": "expired",
}  # fmt: skip


def told(node: Entry) -> Told:
    """The message."""
    order_id, moment = text(node.get("legacyResourceId")), text(node.get("updatedAt"))
    body = json.dumps(order(node), sort_keys=True).encode()
    return Told(f"{READ}{order_id}:{moment}", TOPIC, body)


def order(node: Entry) -> dict[str, Any]:
    """The order in the webhook's shape."""
    visit = mapping(mapping(node.get("customerJourneySummary")).get("lastVisit"))
    customer = text(mapping(node.get("customer")).get("legacyResourceId"))
    return {
        "id": _number(node.get("legacyResourceId")),
        "name": node.get("name"),
        "test": node.get("test"),
        "email": node.get("email") or "",
        "created_at": node.get("createdAt"),
        "processed_at": node.get("processedAt"),
        "updated_at": node.get("updatedAt"),
        "cancelled_at": node.get("cancelledAt"),
        "financial_status": STATUS.get(text(node.get("displayFinancialStatus")), "pending"),
        "taxes_included": node.get("taxesIncluded"),
        "currency": node.get("currencyCode"),
        "discount_codes": [{"code": code} for code in node.get("discountCodes") or []],
        "note_attributes": [
            {"name": pair.get("key"), "value": pair.get("value")}
            for pair in entries(node.get("customAttributes"))
        ],
        "landing_site": visit.get("landingPage"),
        "customer": {"id": _number(customer)} if customer else None,
        "total_price_set": _money(node.get("totalPriceSet")),
        "total_tax_set": _money(node.get("totalTaxSet")),
        "total_discounts_set": _money(node.get("totalDiscountsSet")),
        "total_shipping_price_set": _money(node.get("totalShippingPriceSet")),
        "shipping_lines": [{"tax_lines": _taxes(line)} for line in _nodes(node, "shippingLines")],
        "line_items": [_line(line) for line in _nodes(node, "lineItems")],
        "refunds": [_refund(one, node) for one in entries(node.get("refunds"))],
    }


def _line(line: Entry) -> dict[str, Any]:
    product = text(mapping(line.get("product")).get("legacyResourceId"))
    return {
        "id": _tail(line.get("id")),
        "name": line.get("name"),
        "quantity": line.get("quantity"),
        "sku": line.get("sku") or "",
        "gift_card": line.get("isGiftCard"),
        "product_id": _number(product),
        "price_set": _money(line.get("originalUnitPriceSet")),
        "discount_allocations": [
            {"amount_set": _money(one.get("allocatedAmountSet"))}
            for one in entries(line.get("discountAllocations"))
        ],
        "tax_lines": _taxes(line),
    }


def _refund(refund: Entry, order_node: Entry) -> dict[str, Any]:
    return {
        "id": _number(refund.get("legacyResourceId")),
        "order_id": _number(order_node.get("legacyResourceId")),
        "created_at": refund.get("createdAt"),
        "refund_line_items": [
            {
                "line_item_id": _tail(mapping(line.get("lineItem")).get("id")),
                "line_item": {"gift_card": mapping(line.get("lineItem")).get("isGiftCard")},
                "quantity": line.get("quantity"),
                "subtotal_set": _money(line.get("subtotalSet")),
                "total_tax_set": _money(line.get("totalTaxSet")),
            }
            for line in _nodes(refund, "refundLineItems")
        ],
        "refund_shipping_lines": [
            {"subtotal_amount_set": _money(line.get("subtotalAmountSet"))}
            for line in _nodes(refund, "refundShippingLines")
        ],
        "order_adjustments": [
            {
                "kind": "refund_discrepancy",
                "amount_set": _money(one.get("amountSet")),
                "tax_amount_set": _money(one.get("taxAmountSet")),
            }
            for one in _nodes(refund, "orderAdjustments")
        ],
        "transactions": [
            {
                "kind": text(one.get("kind")).lower(),
                "status": text(one.get("status")).lower(),
                "amount_set": _money(one.get("amountSet")),
                "currency": order_node.get("currencyCode"),
            }
            for one in _nodes(refund, "transactions")
        ],
    }


def _nodes(holder: Entry, field: str) -> list[Entry]:
    return entries(mapping(holder.get(field)).get("nodes"))


def _taxes(holder: Entry) -> list[dict[str, Any]]:
    return [{"price_set": _money(tax.get("priceSet"))} for tax in entries(holder.get("taxLines"))]


def _money(bag: Any) -> dict[str, Any]:
    inside = mapping(mapping(bag).get("shopMoney"))
    return {
        "shop_money": {
            "amount": inside.get("amount"),
            "currency_code": inside.get("currencyCode"),
        }
    }


def _tail(gid: Any) -> int | str:
    """gid://shopify/LineItem/123 → 123, as REST names it."""
    return _number(text(gid, 200).rpartition("/")[2])


def _number(value: Any) -> int | str:
    written = text(value)
    return int(written) if written.isdecimal() else written
