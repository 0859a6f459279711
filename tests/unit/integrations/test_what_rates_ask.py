"""What of a payload rates may ask for: categories, tags, where an order was made (R11, R14)."""

from datetime import UTC, datetime

import pytest

from portal.api.order_shapes import ConversionTold
from portal.api.orders import order_report
from portal.integrations.shopify import orders as shopify
from portal.integrations.woocommerce import orders as woocommerce

SHOPIFY = {
    "id": 1, "currency": "USD", "financial_status": "paid", "tags": "wholesale, vip ,",
    "source_name": "shopify_draft_order",
    "line_items": [{"id": 1, "name": "Mug", "price": "10.00", "product_type": "Equipment"}],
}  # fmt: skip
WOOCOMMERCE = {
    "id": 1, "currency": "USD", "status": "processing", "created_via": "admin",
    "line_items": [{"id": 1, "name": "Mug", "total": "10.00", "categories": [{"name": "Equipment"}]}],
}  # fmt: skip


def test_R11_shopify_tells_tags_and_where_an_order_was_made():
    report = shopify.order_report(SHOPIFY)
    assert report.tags == ("wholesale", "vip", "shopify_draft_order")
    assert report.lines[0].category == "Equipment"
    assert shopify.order_report(SHOPIFY | {"tags": "", "source_name": "web"}).tags == ()


def test_R11_woocommerce_tells_what_was_not_made_at_the_checkout():
    report = woocommerce.order_report(WOOCOMMERCE)
    assert (report.tags, report.lines[0].category) == (("admin",), "Equipment")
    assert woocommerce.order_report(WOOCOMMERCE | {"created_via": "checkout"}).tags == ()


@pytest.mark.parametrize("action", ["sale", "lead", "sign_up"])
def test_a_program_tells_categories_tags_and_actions(action):
    amount = {"amount_minor": 1000, "currency": "USD"}
    line = {"title": "Mug", "amount": amount, "category": "Equipment", "tags": ["sale", " sale "]}
    told = ConversionTold.model_validate(
        {"order_id": "1", "subtotal": amount, "lines": [line], "tags": ["vip"], "action": action}
    )
    report = order_report(told, datetime(2026, 3, 1, tzinfo=UTC))
    assert (report.tags, report.action) == (("vip",), action)
    assert (report.lines[0].category, report.lines[0].tags) == ("Equipment", ("sale",))
