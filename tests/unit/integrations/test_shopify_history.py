"""An order read again by GraphQL means to the cent what its webhook meant: real payloads, both ways.

The payloads belong to others: see `test_real_payloads`.
"""

import json

import pytest

from portal.integrations.shopify import history, reading
from tests.rooms.integrations.test_real_payloads import FOLDER

STATUS = {ours: theirs for theirs, ours in history.STATUS.items()}
FILES = sorted((FOLDER / "shopify").glob("*.json")) if FOLDER.is_dir() else []
WITHOUT = [
    pytest.param(None, marks=pytest.mark.skip(reason="no real payloads beside the checkout"))
]


def bag(holder, name, currency):
    """What GraphQL calls a MoneyBag, of a field that REST writes with or without its set."""
    inside = (holder.get(f"{name}_set") or {}).get("shop_money") or {}
    amount = inside.get("amount", holder.get(name))
    return {"shopMoney": {"amount": amount, "currencyCode": inside.get("currency_code", currency)}}


def taxes(holder, currency):
    return [{"priceSet": bag(tax, "price", currency)} for tax in holder.get("tax_lines", [])]


def gid(number):
    return f"gid://shopify/LineItem/{number}"


def node_of(order):
    """The order as the Admin API answers it."""
    currency = order["currency"]
    return {
        "legacyResourceId": str(order["id"]), "name": order.get("name"),
        "test": order.get("test"), "email": order.get("email"),
        "createdAt": order.get("created_at"), "processedAt": order.get("processed_at"),
        "updatedAt": order.get("updated_at"), "cancelledAt": order.get("cancelled_at"),
        "displayFinancialStatus": STATUS[order["financial_status"]],
        "taxesIncluded": order.get("taxes_included"), "currencyCode": currency,
        "discountCodes": [one["code"] for one in order.get("discount_codes", [])],
        "customAttributes": [{"key": one["name"], "value": one["value"]}
                             for one in order.get("note_attributes", [])],
        "customerJourneySummary": {"lastVisit": {"landingPage": order.get("landing_site")}},
        "customer": None,
        "totalPriceSet": bag(order, "total_price", currency),
        "totalTaxSet": bag(order, "total_tax", currency),
        "totalDiscountsSet": bag(order, "total_discounts", currency),
        "totalShippingPriceSet": bag(order, "total_shipping_price", currency),
        "shippingLines": {"nodes": [{"taxLines": taxes(one, currency)}
                                    for one in order.get("shipping_lines", [])]},
        "lineItems": {"nodes": [line_of(one, currency) for one in order["line_items"]]},
        "refunds": [refund_of(one, currency) for one in order.get("refunds", [])],
    }  # fmt: skip


def line_of(line, currency):
    return {
        "id": gid(line["id"]), "name": line.get("name"), "quantity": line["quantity"],
        "sku": line.get("sku"), "isGiftCard": line.get("gift_card", False), "product": None,
        "originalUnitPriceSet": bag(line, "price", currency), "taxLines": taxes(line, currency),
        "discountAllocations": [{"allocatedAmountSet": bag(one, "amount", currency)}
                                for one in line.get("discount_allocations", [])],
    }  # fmt: skip


def refund_of(refund, currency):
    return {
        "legacyResourceId": str(refund["id"]), "createdAt": refund.get("created_at"),
        "refundLineItems": {"nodes": [
            {"quantity": one["quantity"], "subtotalSet": bag(one, "subtotal", currency),
             "totalTaxSet": bag(one, "total_tax", currency),
             "lineItem": {"id": gid(one["line_item_id"]),
                          "isGiftCard": one.get("line_item", {}).get("gift_card", False)}}
            for one in refund.get("refund_line_items", [])]},
        "refundShippingLines": {"nodes": []},
        "orderAdjustments": {"nodes": []},
        "transactions": {"nodes": []},
    }  # fmt: skip


def cases():
    found = []
    for file in FILES:
        order = json.loads(file.read_bytes())
        is_order = isinstance(order, dict) and "financial_status" in order and "line_items" in order
        # GraphQL always allocates a discount to its lines; orders from before that cannot be asked.
        modern = is_order and all("discount_allocations" in one for one in order["line_items"])
        if modern and order["financial_status"] in STATUS:
            found.append(pytest.param(order, id=file.stem))
    return found or WITHOUT


@pytest.mark.parametrize("order", cases())
def test_both_ways_mean_the_same(order):
    by_webhook = reading.read(json.dumps(order).encode(), "orders/updated")
    told = history.told(node_of(order))
    by_reading = reading.read(told.body, told.topic)
    assert (by_reading.kind, by_reading.external_id) == (by_webhook.kind, by_webhook.external_id)
    assert by_reading.commissionable == by_webhook.commissionable
    assert by_reading.clawback == by_webhook.clawback
    assert by_reading.codes == by_webhook.codes
    ours, theirs = by_reading.order, by_webhook.order
    for field in ("total", "tax", "shipping", "discount", "is_paid", "is_test", "is_cancelled",
                  "placed_at", "updated_at", "click_id", "number", "refunds"):  # fmt: skip
        assert getattr(ours, field) == getattr(theirs, field), field
    assert [(one.external_id, one.net, one.is_gift_card) for one in ours.lines] == [
        (one.external_id, one.net, one.is_gift_card) for one in theirs.lines
    ]
