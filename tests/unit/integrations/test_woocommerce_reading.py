"""WooCommerce messages of our own making: each holds one trap."""

import contextlib
import json

import pytest

from portal.integrations.woocommerce.reading import is_ping, read
from portal.kernel.errors import InvalidInput
from portal.sales.rules import Precision, RefundFamily, ReportKind


def understood(body, topic=None):
    return read(json.dumps(body).encode(), topic)


def line(total="72.00", **more):
    return {"id": 1, "name": "Roast", "quantity": 2, "subtotal": "80.00", "total": total, **more}


def order(**more):
    return {
        "id": 501, "number": "501", "status": "processing", "currency": "USD",
        "date_created_gmt": "2026-03-01T15:00:00", "date_modified_gmt": "2026-03-01T15:00:05",
        "date_paid_gmt": "2026-03-01T15:00:04", "total": "85.00", "total_tax": "8.00",
        "cart_tax": "0.00", "shipping_total": "5.00", "discount_total": "8.00", "customer_id": 0,
        "billing": {"email": "sam@example.com"}, "line_items": [line()], "refunds": [],
        "coupon_lines": [{"code": "ada15"}], "meta_data": [], **more,
    }  # fmt: skip


def test_line_totals_are_net_of_coupons_and_tax():
    found = understood(order(prices_include_tax=True))
    assert (found.kind, str(found.commissionable)) == (ReportKind.SALE, "72.00 USD")
    assert found.codes == ("ada15",)
    assert found.order.placed_at.isoformat() == "2026-03-01T15:00:00+00:00"
    assert (found.order.customer_id, found.order.customer_email) == ("", "sam@example.com")


def test_r10_store_credit_booked_as_a_coupon_is_a_way_to_pay():
    credit = {"code": "gift-1", "discount": "8.00", "discount_type": "smart_coupon"}
    assert str(understood(order(coupon_lines=[credit])).commissionable) == "80.00 USD"
    inside = [{"key": "coupon_data", "value": {"discount_type": "store_credit"}}]
    stored = {"code": "gift-1", "discount": "3.00", "meta_data": inside}
    assert str(understood(order(coupon_lines=[stored])).commissionable) == "75.00 USD"


def test_quantities_may_be_parts_and_numbers_any_type():
    found = understood(order(id="501", line_items=[line(total=72, quantity=1.5, sku=12)]))
    assert (found.order.lines[0].quantity, found.order.lines[0].sku) == ("1.5", "12")


def test_r1_yen():
    assert (
        str(understood(order(currency="JPY", line_items=[line("1500")])).commissionable)
        == "1500 JPY"
    )


def test_a_line_without_a_total_is_price_times_quantity():
    assert (
        str(understood(order(line_items=[line(total="", price=36)])).commissionable) == "72.00 USD"
    )


def test_fees_and_shipping_are_no_part():
    found = understood(order(fee_lines=[{"total": "12.00"}], shipping_lines=[{"total": "5.00"}]))
    assert str(found.commissionable) == "72.00 USD"


@pytest.mark.parametrize(("more", "kind", "base"), [
    ({"status": "completed"}, ReportKind.SALE, 7200),
    ({"status": "wc-completed"}, ReportKind.SALE, 7200),
    ({"status": "shipped"}, ReportKind.SALE, 7200),
    ({"status": "shipped", "date_paid_gmt": None}, ReportKind.SALE_UNPAID, 7200),
    ({"status": "pending", "date_paid_gmt": None}, ReportKind.SALE_UNPAID, 7200),
    ({"status": "on-hold"}, ReportKind.SALE_UNPAID, 7200),
    ({"payment_method": "cod", "date_paid_gmt": None}, ReportKind.SALE_UNPAID, 7200),
    ({"payment_method": "cod"}, ReportKind.SALE, 7200),
    ({"date_paid_gmt": None}, ReportKind.SALE, 7200),
    ({"status": "cancelled"}, ReportKind.CANCEL, 0),
    ({"status": "trash"}, ReportKind.CANCEL, 0),
    ({"status": "checkout-draft"}, ReportKind.IGNORE, 0),
])  # fmt: skip
def test_kinds(more, kind, base):
    found = understood(order(**more))
    assert (found.kind, found.commissionable.minor) == (kind, base)


def test_a_refunded_order_without_a_list_gave_everything_back():
    found = understood(order(status="refunded"))
    assert (found.kind, str(found.clawback)) == (ReportKind.SALE_AND_REFUND, "72.00 USD")


def test_refund_totals_inside_the_order():
    refunds = [{"id": 7, "total": "-10.00"}, {"id": 8, "total": "-5.50"}]
    found = understood(order(refunds=refunds))
    assert (found.kind, str(found.clawback)) == (ReportKind.SALE_AND_REFUND, "15.50 USD")
    assert {one.precision for one in found.order.refunds} == {Precision.TOTAL}


def test_refund_totals_hold_the_tax_which_is_no_part():
    refunds = [{"id": 7, "total": "-40.00"}]
    found = understood(order(cart_tax="8.00", refunds=refunds))
    assert str(found.clawback) == "36.00 USD"


def test_R58_the_payment_has_a_time_of_its_own():
    found = understood(order(date_modified_gmt="2026-03-09T10:00:00"))
    assert str(found.order.paid_at) == "2026-03-01 15:00:04+00:00"


def test_the_click_id_comes_back():
    pairs = [{"key": "other", "value": [1]}, {"key": "_vclid", "value": "4211"}]
    assert understood(order(meta_data=pairs)).order.click_id == "4211"


def refund(**more):
    return {
        "id": 7, "date_created_gmt": "2026-03-05T10:00:00", "amount": "21.60", "reason": "",
        "refunded_by": 1, "line_items": [], "_links": {"up": [{"href": "https://s.example/wp-json/wc/v3/orders/501"}]},
        **more,
    }  # fmt: skip


def test_a_refund_by_lines_is_without_tax():
    item = {
        "id": 90,
        "total": "-20.00",
        "total_tax": "-1.60",
        "meta_data": [{"key": "_refunded_item_id", "value": "1"}],
    }
    found = understood(refund(line_items=[item]))
    report = found.refunds[0]
    assert (str(found.clawback), report.order_references) == ("20.00 USD", ("501",))
    assert report.lines[0][0] == "1"
    assert (report.stated, report.precision) == ("20.00", Precision.LINES_IN_ORDER)


def test_a_refund_of_an_amount_is_shown():
    found = understood(refund())
    assert (str(found.clawback), bool(found.refunds[0].review)) == ("21.60 USD", True)
    assert found.refunds[0].family is RefundFamily.GOODS  # their tax in it, told apart later


def test_r67_a_refund_of_shipping_changes_nothing():
    found = understood(
        refund(amount="5.40", shipping_lines=[{"total": "-5.00", "total_tax": "-0.40"}])
    )
    assert (found.clawback.minor, found.refunds[0].review) == (0, "")


def test_a_deleted_order_and_an_action():
    assert understood({"id": 501}, "order.deleted").kind is ReportKind.CANCEL
    assert (
        understood({"action": "woocommerce_order_refunded", "arg": 501}).kind is ReportKind.REFETCH
    )


def test_other_topics_are_ignored():
    assert understood({"id": 3, "email": "a@b.c"}, "customer.created").kind is ReportKind.IGNORE
    subscription = order(billing_period="month")
    assert understood(subscription, "subscription.created").kind is ReportKind.IGNORE


def test_the_ping_of_a_new_webhook():
    assert is_ping(b"webhook_id=12")
    assert not is_ping(b"webhook_id=12&x=1")


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b"3", b"{}", b'[{"id": 1}]', json.dumps({"hello": 1}).encode(),
    json.dumps(order(id=None)).encode(), json.dumps(order(currency="dollars")).encode(),
    json.dumps(order(line_items=[line(total="x")])).encode(),
    json.dumps(refund(_links={}, id=7) | {"refunded_by": 1}).encode(),
])  # fmt: skip
def test_what_cannot_be_read_says_so_in_one_sentence(body):
    with pytest.raises(InvalidInput) as refused:
        read(body, None)
    assert refused.value.message.endswith(".")


@pytest.mark.parametrize("odd", [[], {}, "x", 7, True, None, [1], [[]], {"a": []}])
@pytest.mark.parametrize("field", [*order(), "_links"])
def test_a_field_of_the_wrong_shape_never_crashes(field, odd):
    for body in (order(**{field: odd}), refund(**{field: odd})):
        with contextlib.suppress(InvalidInput):
            understood(body)
