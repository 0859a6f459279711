"""What an operator may read of a message: figures and ids, nobody's name."""

import json

import pytest

from portal.integrations.redaction import CHARACTERS, HIDDEN, redacted, redacted_headers


def shown(value) -> object:
    return json.loads(redacted(json.dumps(value).encode()))


@pytest.mark.parametrize(
    "key",
    ["email", "contact_email", "phone", "customer", "billing_address", "shipping_address", "billing",
     "first_name", "browser_ip", "client_details", "user_agent", "cart_token", "client_secret", "note",
     "customer_note", "order_status_url", "receipt_url", "payment_method_details_card", "last4",
     "customer_details", "user_name", "landing_site", "customer_ip_address"],
)  # fmt: skip
def test_whatever_tells_of_a_person_or_opens_something_is_hidden(key):
    assert shown({key: "something"}) == {key: HIDDEN}
    assert shown({key: {"inner": "something"}}) == {key: HIDDEN}


@pytest.mark.parametrize(
    "pair",
    [{"key": "_billing_phone_2", "value": "0171 1234567"},
     {"name": "Delivery address", "value": "Lindenstr. 5"},
     {"key": "vat_number", "display_key": "VAT", "display_value": "DE1", "value": "DE1"}],
)  # fmt: skip
def test_a_pairs_value_is_as_personal_as_its_name(pair):
    told = shown({"meta_data": [pair]})["meta_data"][0]
    assert {told[key] for key in ("value", "display_value") if key in told} == {HIDDEN}


def test_who_it_is_shipped_to_is_hidden():
    assert shown({"shipping": {"name": "Berta Buyer", "postcode": "10115"}}) == {"shipping": HIDDEN}
    assert shown({"shipping_details": {"name": "Berta Buyer"}}) == {"shipping_details": HIDDEN}


def test_halves_of_characters_and_deep_nesting_can_be_shown():
    assert redacted(b'{"title": "\\ud800"}').encode()
    assert "nested too deep" in redacted(b"[" * 600 + b"]" * 600)


def test_what_is_empty_stays_so():
    assert shown({"email": None, "phone": "", "customer": {}}) == {
        "email": None,
        "phone": "",
        "customer": {},
    }


def test_what_the_money_needs_stays():
    order = {
        "id": 9001, "name": "#9001", "currency": "USD", "total_price": "93.00", "test": False,
        "line_items": [{"title": "Serum", "name": "Serum, 30 ml", "price": "40.00", "quantity": 2}],
        "discount_codes": [{"code": "ADA15", "amount": "12.00"}],
        "note_attributes": [{"name": "vclid", "value": "abc"}], "financial_status": "paid",
    }  # fmt: skip
    assert shown(order) == order


def test_addresses_and_numbers_are_hidden_wherever_they_stand():
    text = {
        "description": "Mail ada@example.com or call +49 (30) 123 45 67 today",
        "at": "2026-03-02T10:00:00+01:00",
    }
    assert shown(text) == {"description": f"Mail {HIDDEN} or call {HIDDEN} today", "at": text["at"]}


def test_nested_lists_are_read_too():
    value = {"data": [{"object": {"customer_email": "a@b.co", "amount": 5}}, ["x@y.co"]]}
    assert shown(value) == {"data": [{"object": {"customer_email": HIDDEN, "amount": 5}}, [HIDDEN]]}


@pytest.mark.parametrize(
    "body", [b"", b"email=ada%40example.com", b"\xff\xfe", b"{broken ada@example.com"]
)
def test_what_is_no_json_is_not_shown(body):
    assert redacted(body) == f"{len(body)} bytes that are not JSON. They are kept, and not shown."


def test_a_long_body_is_cut():
    assert redacted(json.dumps(["x"] * 9000).encode()).endswith("… and more")
    assert len(redacted(json.dumps(["x"] * 9000).encode())) < CHARACTERS + 20


def test_signatures_among_headers_are_hidden():
    headers = {
        "X-Shopify-Hmac-Sha256": "abc",
        "Stripe-Signature": "t=1",
        "X-Shopify-Topic": "orders/paid",
    }
    assert redacted_headers(headers) == {
        "Stripe-Signature": HIDDEN, "X-Shopify-Hmac-Sha256": HIDDEN, "X-Shopify-Topic": "orders/paid",
    }  # fmt: skip
