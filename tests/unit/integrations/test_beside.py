"""What shops tell beside the goods (R2, R10, R67): tips, gift wrap, credit, shipping alone."""

import csv
import io

from portal.integrations.csv_orders import rows
from portal.integrations.shopify import orders as shopify
from portal.integrations.shopify import refunds as shopify_refunds
from portal.integrations.stripe import purchases as stripe
from portal.integrations.woocommerce import orders as woo
from portal.integrations.woocommerce import refunds as woo_refunds


def told(report):
    return {name: str(amount) for name, amount in report.beside}


def shopify_order(**more):
    return {
        "id": 1, "currency": "USD", "total_price": "120.00", "total_tax": "8.00",
        "financial_status": "paid", "shipping_lines": [{"price": "10.00"}],
        "line_items": [{"id": 11, "title": "Mug", "price": "90.00", "quantity": 1}], **more,
    }  # fmt: skip


def test_shopify_tells_tips_wrap_and_gift_cards():
    goods = shopify_order()["line_items"]
    wrap = {"id": 12, "title": "Gift wrap", "price": "4.00", "quantity": 2}
    order = shopify_order(
        line_items=[*goods, wrap], total_tip_received="3.00",
        payment_gateway_names=["gift_card"],
    )  # fmt: skip
    report = shopify.order_report(order)
    assert str(report.base) == "90.00 USD"
    assert told(report) == {"tip": "3.00 USD", "gift_wrap": "8.00 USD", "credit": "120.00 USD"}
    paid = [
        {"kind": "sale", "status": "success", "gateway": "gift_card", "amount": "30.00"},
        {"kind": "sale", "status": "success", "gateway": "shopify_payments", "amount": "90.00"},
        {"kind": "sale", "status": "failure", "gateway": "gift_card", "amount": "9.00"},
    ]
    assert told(shopify.order_report(shopify_order(transactions=paid))) == {"credit": "30.00 USD"}
    unknown = shopify_order(payment_gateway_names=["gift_card", "shopify_payments"])
    assert told(shopify.order_report(unknown)) == {}


def test_shopify_shipping_without_its_tax():
    shipping = [{"price": "12.00", "tax_lines": [{"price": "2.00"}]}]
    order = shopify_order(taxes_included=True, shipping_lines=shipping)
    assert told(shopify.order_report(order)) == {
        "shipping": "10.00 USD", "tax_beside": "2.00 USD",
    }  # fmt: skip


def test_shopify_gift_wrap_without_its_tax():
    wrap = {"id": 12, "title": "Gift wrap", "price": "6.00", "quantity": 2,
            "tax_lines": [{"price": "2.00"}]}  # fmt: skip
    order = shopify_order(taxes_included=True)
    order["line_items"].append(wrap)
    assert told(shopify.order_report(order)) == {
        "gift_wrap": "10.00 USD", "tax_beside": "2.00 USD",
    }  # fmt: skip


def test_shopify_shipping_counts_as_far_as_it_was_paid_for():
    off = [{"amount": "6.00"}]
    shipping = [{"price": "12.00", "tax_lines": [{"price": "1.00"}], "discount_allocations": off}]
    order = shopify_order(taxes_included=True, shipping_lines=shipping)
    assert told(shopify.order_report(order)) == {"shipping": "5.00 USD", "tax_beside": "1.00 USD"}
    whole = {"shop_money": {"amount": "12.00", "currency_code": "USD"}}
    bare = shopify_order(shipping_lines=shipping, total_shipping_price_set=whole)
    assert str(shopify.order_report(bare).shipping) == "6.00 USD"
    free = [{"price": "12.00", "discount_allocations": [{"amount": "12.00"}]}]
    assert not shopify.order_report(shopify_order(shipping_lines=free)).shipping


def test_shopify_refunds_tell_shipping_and_tax():
    refund = {
        "id": 5, "order_id": 1, "currency": "USD",
        "refund_line_items": [{"line_item_id": 11, "quantity": 1, "subtotal": "45.00",
                               "total_tax": "4.00"}],
        "order_adjustments": [{"kind": "shipping_refund", "amount": "-10.00",
                               "tax_amount": "-1.00"}],
        "transactions": [{"kind": "refund", "status": "success", "amount": "60.00",
                          "currency": "USD"}],
    }  # fmt: skip
    assert shopify_refunds.refund_report(refund).beside == (("shipping", "10.00"), ("tax", "5.00"))


def test_shopify_refunds_tell_gift_wrap_and_tips():
    sold = {12: {"title": "Gift wrap"}, 13: {"title": "Tip", "tip": {"amount": "3.00"}}}
    refund = {
        "id": 5, "order_id": 1, "currency": "USD",
        "refund_line_items": [
            {"line_item_id": 12, "quantity": 2, "subtotal": "8.00", "line_item": sold[12]},
            {"line_item_id": 13, "quantity": 1, "subtotal": "3.00", "line_item": sold[13]},
            {"line_item_id": 11, "quantity": 1, "subtotal": "45.00", "line_item": {"title": "Mug"}},
        ],
    }  # fmt: skip
    found = shopify_refunds.refund_report(refund)
    assert (str(found.amount), dict(found.beside)) == (
        "45.00 USD", {"tip": "3.00", "gift_wrap": "8.00"},
    )  # fmt: skip


def woo_order(**more):
    return {
        "id": 7, "currency": "EUR", "status": "processing", "total": "110.00",
        "shipping_total": "5.00", "total_tax": "10.00",
        "line_items": [{"id": 1, "name": "Mug", "quantity": 1, "subtotal": "90.00",
                        "total": "90.00"}], **more,
    }  # fmt: skip


def test_woocommerce_tells_the_tax_of_shipping():
    assert told(woo.order_report(woo_order(cart_tax="9.00"))) == {"tax_beside": "1.00 EUR"}
    assert told(woo.order_report(woo_order(cart_tax="10.00"))) == {}


def test_woocommerce_tells_fees_and_credit():
    fees = [{"name": "Tip for the team", "total": "3.00"}, {"name": "Gift wrap", "total": "2.00"},
            {"name": "Handling", "total": "1.00"}]  # fmt: skip
    report = woo.order_report(woo_order(fee_lines=fees, gift_cards=[{"amount": "20.00"}]))
    assert told(report) == {"tip": "3.00 EUR", "gift_wrap": "2.00 EUR", "credit": "20.00 EUR"}
    assert told(woo.order_report(woo_order(payment_method="wallet"))) == {"credit": "110.00 EUR"}


def test_woocommerce_credit_is_a_part_of_what_the_order_came_to():
    paid = {"code": "gift-1", "discount": "60.00", "discount_type": "smart_coupon"}
    mug = {"id": 1, "name": "Mug", "quantity": 1, "subtotal": "90.00", "total": "30.00"}
    order = woo_order(total="45.00", line_items=[mug], coupon_lines=[paid])
    report = woo.order_report(order)
    assert (str(report.base), str(report.total)) == ("90.00 EUR", "105.00 EUR")
    assert told(report) == {"credit": "60.00 EUR"}
    card = woo_order(total="85.00", gift_cards=[{"amount": "20.00"}])
    assert str(woo.order_report(card).total) == "105.00 EUR"
    within = woo_order(total="105.00", gift_cards=[{"amount": "20.00"}])
    assert str(woo.order_report(within).total) == "105.00 EUR"


def test_woocommerce_refunds_tell_parts_without_a_currency():
    refund = {"id": 8, "parent_id": 7, "amount": "8.00", "line_items": [],
              "shipping_lines": [{"total": "-5.00", "total_tax": "-1.00"}],
              "fee_lines": [{"name": "Gift wrap", "total": "-2.00"}]}  # fmt: skip
    assert dict(woo_refunds.refund_report(refund).beside) == {
        "shipping": "5.00", "tax": "1.00", "gift_wrap": "2.00",
    }  # fmt: skip


def test_stripe_tells_shipping_alone_and_the_balance_used():
    cost = {"shipping_cost": {"amount_total": 1190, "amount_tax": 190}}
    assert [(name, str(one)) for name, one in stripe._shipping_alone(cost, "EUR")] == [
        ("shipping", "10.00 EUR")
    ]
    used = stripe._balance_used({"starting_balance": -5000, "ending_balance": -2000}, "EUR")
    assert [(name, str(one)) for name, one in used] == [("credit", "30.00 EUR")]
    assert stripe._balance_used({"starting_balance": 500, "ending_balance": 0}, "EUR") == ()


def test_files_have_columns_for_it():
    head = "type,order_id,refund_id,occurred_at,currency,amount,shipping,tip,gift_wrap,store_credit"
    lines = [
        "order,1001,,2026-03-02T09:00:00Z,USD,110.00,10.00,3.00,2.00,50.00",
        "refund,1001,r1,2026-03-03T09:00:00Z,USD,13.00,10.00,3.00,,",
        "order,1002,,2026-03-02T09:00:00Z,USD,4.00,,3.00,2.00,",
    ]
    order, refund, wrong = rows.rows(io.StringIO("\n".join([head, *lines])))
    assert next(csv.reader([head]))
    assert (str(order.report.base), told(order.report)) == (
        "95.00 USD", {"tip": "3.00 USD", "gift_wrap": "2.00 USD", "credit": "50.00 USD"},
    )  # fmt: skip
    assert (str(refund.report.amount), dict(refund.report.beside)) == (
        "0.00 USD", {"shipping": "10.00", "tip": "3.00"},
    )  # fmt: skip
    assert wrong.reason == "Tip and gift wrap come to more than the amount."
