"""Shopify messages of our own making: each holds one trap."""

import contextlib
import json

import pytest

from portal.integrations.shopify.reading import read
from portal.kernel.errors import InvalidInput
from portal.sales.rules import DisputeState, Precision, RefundFamily, ReportKind


def understood(body, topic=None):
    return read(json.dumps(body).encode(), topic)


def line(number=1, price="40.00", quantity=2, **more):
    return {"id": number, "title": "Roast", "price": price, "quantity": quantity,
            "discount_allocations": [], **more}  # fmt: skip


def order(**more):
    return {
        "id": 9001, "name": "#9001", "currency": "USD", "financial_status": "paid", "test": False,
        "created_at": "2026-03-01T10:00:00-05:00", "updated_at": "2026-03-01T10:00:05-05:00",
        "total_price": "93.00", "total_tax": "8.00", "line_items": [line()], **more,
    }  # fmt: skip


def money(shop, presentment, currency="USD"):
    return {
        "shop_money": {"amount": shop, "currency_code": currency},
        "presentment_money": {"amount": presentment, "currency_code": "EUR"},
    }


def test_price_times_quantity_less_allocated_discounts():
    discounted = line(discount_allocations=[{"amount": "5.00"}, {"amount": "3.01"}])
    found = understood(order(line_items=[discounted], discount_codes=[{"code": "ADA15"}]))
    assert (found.kind, found.external_id) == (ReportKind.SALE, "9001")
    assert str(found.commissionable) == "71.99 USD"
    assert found.codes == ("ADA15",)
    assert found.order.placed_at.isoformat() == "2026-03-01T15:00:00+00:00"


def test_the_shops_money_counts_not_what_the_customer_saw():
    shown = line(price="37.00", price_set=money("40.00", "37.00"))
    found = understood(order(line_items=[shown], total_price_set=money("93.00", "86.00")))
    assert str(found.commissionable) == "80.00 USD"


@pytest.mark.parametrize(("currency", "price", "base"), [
    ("JPY", "1200", "2400 JPY"), ("KWD", "1.234", "2.468 KWD"), ("usd", 40, "80.00 USD"),
    ("EUR", 0.1, "0.20 EUR"),
])  # fmt: skip
def test_r1_any_exponent_and_any_json_type(currency, price, base):
    found = understood(order(currency=currency, line_items=[line(price=price)]))
    assert str(found.commissionable) == base


def test_ids_may_be_texts_or_numbers_beyond_53_bits():
    found = understood(order(id="820982911946154508", line_items=[line(number="12")]))
    assert found.external_id == "820982911946154508"
    big = understood(order(id=820982911946154508))
    assert big.external_id == "820982911946154508"


def test_r3_tax_inside_the_price_is_taken_out_line_by_line():
    inclusive = line(price="60.00", tax_lines=[{"price": "20.00"}])
    found = understood(order(taxes_included=True, line_items=[inclusive]))
    assert str(found.commissionable) == "100.00 USD"


def test_r3_without_tax_lines_the_orders_tax_is_shared():
    lines = [line(1, "33.33", 1), line(2, "66.67", 1)]
    found = understood(order(taxes_included=True, total_tax="16.67", line_items=lines))
    assert str(found.commissionable) == "83.33 USD"


def test_tax_outside_the_price_is_not_touched():
    found = understood(order(line_items=[line(tax_lines=[{"price": "8.00"}])]))
    assert str(found.commissionable) == "80.00 USD"


def test_r4_old_orders_share_the_whole_discount_over_their_lines():
    lines = [
        {"id": number, "price": price, "quantity": 1, "total_discount": "0.00"}
        for number, price in ((1, "33.33"), (2, "33.33"), (3, "33.34"))
    ]
    found = understood(order(line_items=lines, total_discounts="10.00"))
    assert str(found.commissionable) == "90.00 USD"
    assert [str(one.net) for one in found.order.lines] == ["30.00 USD", "30.00 USD", "30.00 USD"]


def test_a_discount_on_shipping_is_none_on_goods():
    free = [{"code": "FREESHIP", "type": "shipping", "amount": "5.00"}]
    bare = {"id": 1, "price": "40.00", "quantity": 2, "total_discount": "0.00"}
    found = understood(order(line_items=[bare], total_discounts="5.00", discount_codes=free))
    assert str(found.commissionable) == "80.00 USD"


def test_r10_a_gift_card_bought_and_a_tip_earn_nothing():
    lines = [line(1), line(2, "25.00", 1, gift_card=True), line(3, "9.00", 1, tip={"amount": "9"})]
    found = understood(order(line_items=lines))
    assert str(found.commissionable) == "80.00 USD"
    assert [one.is_gift_card for one in found.order.lines] == [False, True]


@pytest.mark.parametrize(("more", "kind", "base"), [
    ({"financial_status": "pending"}, ReportKind.SALE_UNPAID, 8000),
    ({"financial_status": "authorized"}, ReportKind.SALE_UNPAID, 8000),
    ({"financial_status": "partially_paid"}, ReportKind.SALE_UNPAID, 8000),
    ({"financial_status": None}, ReportKind.SALE_UNPAID, 8000),
    ({"financial_status": "voided"}, ReportKind.CANCEL, 0),
    ({"cancelled_at": "2026-03-02T00:00:00Z"}, ReportKind.CANCEL, 0),
    ({"test": True}, ReportKind.IGNORE, 0),
    ({"test": "true"}, ReportKind.IGNORE, 0),
])  # fmt: skip
def test_kinds(more, kind, base):
    found = understood(order(**more))
    assert (found.kind, found.commissionable.minor) == (kind, base)


def test_the_topic_alone_cannot_cancel_an_order():
    """It is not signed: an old body could be sent again under another topic."""
    assert understood(order(), "orders/cancelled").kind is ReportKind.SALE


def test_a_deleted_order():
    found = understood({"id": 9001}, "orders/delete")
    assert (found.kind, found.external_id, found.order) == (ReportKind.CANCEL, "9001", None)


@pytest.mark.parametrize("more", [
    {"note_attributes": [{"name": "gift", "value": "no"}, {"name": "vclid", "value": 4211}]},
    {"note_attributes": {"vclid": "4211"}},
    {"landing_site": "/products/roast?utm_source=ada&vclid=4211#top"},
    {"landing_site": "https://shop.example/?vclid=4211"},
])  # fmt: skip
def test_the_click_id_comes_back(more):
    assert understood(order(**more)).order.click_id == "4211"


def test_no_click_id_is_none():
    assert (
        understood(order(landing_site="http://[broken", note_attributes=None)).order.click_id
        is None
    )


def test_a_sale_with_refunds_inside():
    refunds = [
        {
            "id": 1,
            "refund_line_items": [
                {"line_item_id": 1, "quantity": 1, "subtotal": 39.99, "total_tax": 4.0}
            ],
        }
    ]
    found = understood(order(financial_status="partially_refunded", refunds=refunds))
    assert found.kind is ReportKind.SALE_AND_REFUND
    assert str(found.clawback) == "39.99 USD"
    assert found.order.refunds[0].precision is Precision.LINES_IN_ORDER


@pytest.mark.parametrize("subtotal", ["60.00", "50.00"])
def test_a_refund_in_a_tax_inclusive_shop_gives_back_its_part_without_tax(subtotal):
    inclusive = line(price="60.00", tax_lines=[{"price": "20.00"}])
    item = {"line_item_id": 1, "quantity": 1, "subtotal": subtotal, "total_tax": "10.00"}
    found = understood(
        order(
            taxes_included=True,
            line_items=[inclusive],
            refunds=[{"id": 1, "refund_line_items": [item]}],
        )
    )
    assert str(found.clawback) == "50.00 USD"


def refund(**more):
    return {"id": 77, "order_id": 9001, "created_at": "2026-03-05T10:00:00Z",
            "refund_line_items": [], "transactions": [], **more}  # fmt: skip


def test_a_refund_by_itself_knows_its_order():
    item = {"line_item_id": 1, "subtotal": "20.00", "subtotal_set": money("20.00", "18.00")}
    found = understood(refund(refund_line_items=[item]))
    assert found.kind is ReportKind.REFUND
    assert (found.external_id, str(found.clawback)) == ("77", "20.00 USD")
    assert found.refunds[0].order_references == ("9001",)


def test_goodwill_without_lines_is_counted_and_shown():
    adjusted = {
        "kind": "refund_discrepancy",
        "amount": "-15.00",
        "amount_set": money("-15.00", "-13.00"),
    }
    found = understood(refund(order_adjustments=[adjusted]))
    assert (str(found.clawback), bool(found.refunds[0].review)) == ("15.00 USD", True)
    assert found.refunds[0].family is RefundFamily.GOODS  # their tax in it, told apart later


def test_r67_shipping_given_back_changes_nothing():
    shipping = {"kind": "shipping_refund", "amount": "-5.00", "tax_amount": "-0.40"}
    paid = {"kind": "refund", "status": "success", "amount": "5.40", "currency": "USD"}
    found = understood(refund(order_adjustments=[shipping], transactions=[paid]))
    assert (found.clawback.minor, found.refunds[0].review) == (0, "")


def test_a_failed_transaction_moved_nothing():
    paid = {"kind": "refund", "status": "failure", "amount": "5.40", "currency": "USD"}
    assert understood(refund(transactions=[paid])).clawback.minor == 0


def test_a_refund_without_a_currency_keeps_what_was_written():
    item = {"line_item_id": 1, "subtotal": "20.00"}
    found = understood(refund(refund_line_items=[item]))
    assert found.refunds[0].stated == "20.00"


def test_several_refunds_as_the_admin_lists_them():
    item = {"line_item_id": 1, "subtotal": "20.00", "subtotal_set": money("20.00", "18.00")}
    both = [refund(refund_line_items=[item]), refund(id=78, refund_line_items=[item])]
    assert str(understood({"refunds": both}).clawback) == "40.00 USD"


def test_disputes_of_shopify_payments():
    body = {"id": 5, "order_id": 9001, "type": "chargeback", "amount": "93.00", "currency": "USD",
            "status": "lost", "finalized_on": "2026-04-01"}  # fmt: skip
    found = understood(body, "disputes/update")
    assert (found.kind, found.dispute.state) == (ReportKind.DISPUTE_LOST, DisputeState.LOST)
    assert str(found.clawback) == "93.00 USD"
    opened = understood(body | {"status": "needs_response"}, "disputes/create")
    assert (opened.kind, opened.clawback) == (ReportKind.DISPUTE_OPEN, None)


@pytest.mark.parametrize(("body", "topic"), [
    ({"id": 1, "line_items": [line()], "invoice_url": "https://x.example"}, None),
    ({"id": 1, "line_items": [line()], "abandoned_checkout_url": "https://x.example"}, None),
    ({"id": 1, "title": "Roast"}, "products/update"),
    ({"id": 1, "line_items": [line()], "currency": "USD"}, "draft_orders/create"),
    ({"id": 1, "shop_domain": "x.example"}, "app/uninstalled"),
])  # fmt: skip
def test_what_is_no_order_is_ignored(body, topic):
    assert understood(body, topic).kind is ReportKind.IGNORE


def test_an_edit_asks_for_the_order():
    found = understood({"order_edit": {"order_id": 9001}})
    assert (found.kind, found.external_id) == (ReportKind.REFETCH, "9001")


def test_the_admins_envelope_is_opened():
    assert understood({"order": order()}).kind is ReportKind.SALE


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b"null", b'"order"', b"{}", b"\xff\xfe", b"[" * 100_000, b'{"a": NaN}',
    json.dumps({"hello": 1}).encode(),
    json.dumps(order(id=None)).encode(),
    json.dumps(order(currency=None)).encode(),
    json.dumps(order(line_items=[line(price="forty")])).encode(),
    json.dumps(order(line_items=[line(price="1e99")])).encode(),
    json.dumps({"orders": [order(), order()]}).encode(),
    json.dumps(refund(order_id=None)).encode(),
])  # fmt: skip
def test_what_cannot_be_read_says_so_in_one_sentence(body):
    with pytest.raises(InvalidInput) as refused:
        read(body, None)
    assert refused.value.message.endswith(".")


@pytest.mark.parametrize("odd", [[], {}, "x", 7, True, None, [1], [[]], {"a": []}])
@pytest.mark.parametrize(
    "field", [*order(), "refunds", "discount_codes", "customer", "note_attributes"]
)
def test_a_field_of_the_wrong_shape_never_crashes(field, odd):
    with contextlib.suppress(InvalidInput):
        understood(order(**{field: odd}))
