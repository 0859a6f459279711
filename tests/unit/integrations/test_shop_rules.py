"""What people paste about a shop, and what the wizard answers."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from portal.integrations.models import InboundState, SightingKind
from portal.integrations.readings import TEST
from portal.integrations.shop_api import WantedCode
from portal.integrations.shop_rules import (
    WANTED_TOPICS,
    checked_address,
    checked_secret,
    last_four,
)
from portal.integrations.shopify import documents
from portal.integrations.stripe import reading as stripe
from portal.integrations.stripe.shop import TYPES
from portal.integrations.wizard_rules import Seen, wizard_progress
from portal.integrations.woocommerce import client
from portal.kernel.errors import InvalidInput
from portal.sales.models import Connection, Source

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def shop(source=Source.SHOPIFY, secret="a-secret-1234", **more):
    return Connection(source=source, secret=secret, is_active=True, **more)


def seen(state=InboundState.PROCESSED, topic="orders/create", note="", at=NOON):
    return Seen(topic, state, "sale", note, at)


REST = shop(Source.API, secret="")


@pytest.mark.parametrize(
    ("source", "typed", "said"),
    [
        (Source.STRIPE, "sk_live_0123456789", "API key of Stripe"),
        (Source.STRIPE, "rk_test_0123456789", "API key of Stripe"),
        (Source.STRIPE, "shpss_0123456789", "begins with whsec_"),
        (Source.SHOPIFY, "shpat_0123456789", "own interface"),
        (Source.WOOCOMMERCE, "ck_0123456789", "own interface"),
        (Source.SHOPIFY, "short", "8 to 200"),
        (Source.SHOPIFY, "x" * 201, "8 to 200"),
    ],
)
def test_what_is_no_signing_secret_is_named(source, typed, said):
    with pytest.raises(InvalidInput, match=said):
        checked_secret(source, typed)


def test_white_space_of_copying_is_taken_off():
    assert checked_secret(Source.STRIPE, " whsec_0123\n456789 ") == "whsec_0123456789"


@pytest.mark.parametrize(
    ("source", "typed", "kept"),
    [
        (Source.SHOPIFY, "Glow.myshopify.com/", "https://glow.myshopify.com"),
        (Source.SHOPIFY, "https://glow.myshopify.com/admin", "https://glow.myshopify.com"),
        (Source.WOOCOMMERCE, "https://glow.example/shop/", "https://glow.example/shop"),
        (Source.STRIPE, "whatever", ""),
    ],
)
def test_an_address_as_it_is_kept(source, typed, kept):
    assert checked_address(source, typed) == kept


@pytest.mark.parametrize(
    ("source", "typed"),
    [
        (Source.SHOPIFY, "glow.example"), (Source.SHOPIFY, "evilmyshopify.com"),
        (Source.WOOCOMMERCE, ""), (Source.WOOCOMMERCE, "http://glow.example"),
        (Source.WOOCOMMERCE, "https://user@glow.example"), (Source.WOOCOMMERCE, "https://a:b:c"),
        (Source.WOOCOMMERCE, "ftp://glow.example"),
    ],
)  # fmt: skip
def test_what_is_no_address(source, typed):
    with pytest.raises(InvalidInput):
        checked_address(source, typed)


def test_only_the_end_of_a_secret_is_shown():
    assert (last_four("whsec_0123456789"), last_four("short")) == ("6789", "")


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ((shop(secret=""), [], {}), "Secret missing"),
        ((shop(), [], {}), "Waiting"),
        ((shop(), [], {SightingKind.PING: NOON}), "Waiting"),
        ((shop(), [], {SightingKind.BAD_SIGNATURE: NOON}), "Wrong secret"),
        ((shop(), [], {SightingKind.TOO_OLD: NOON}), "Too old"),
        ((shop(), [seen(InboundState.REFUSED)], {}, True), "Not readable"),
        ((shop(), [], {SightingKind.UNSIGNED: NOON}), "Not signed"),
        ((shop(), [seen()], {SightingKind.UNSIGNED: NOON}, True), "Connected"),
        ((REST, [], {}), "Key missing"),
        ((REST, [], {}, False, True), "Waiting"),
        ((REST, [], {SightingKind.BAD_SIGNATURE: NOON}, False, True), "Wrong key"),
        ((REST, [seen(at=NOON - MINUTE)], {SightingKind.BAD_SIGNATURE: NOON}, True), "Wrong key"),
        ((REST, [seen(at=NOON + MINUTE)], {SightingKind.BAD_SIGNATURE: NOON}, True), "Connected"),
        ((REST, [seen(InboundState.REFUSED, "refund", "No.")], {}, True, True), "Refused"),
        ((REST, [seen(InboundState.PROCESSED, "conversion", TEST)], {}), "Connected"),
        ((shop(), [seen(InboundState.RECEIVED)], {}), "Reading"),
        ((shop(), [seen(InboundState.FAILED)], {}), "Not readable"),
        ((shop(), [seen(InboundState.IGNORED, "products/update")], {}), "Other topic"),
        ((shop(), [seen(InboundState.IGNORED, note=TEST)], {}), "Connected"),
        ((shop(), [seen()], {}, True), "Connected"),
    ],
)
def test_what_the_wizard_says(facts, word):
    said = wizard_progress(*facts)
    assert (said.word, said.is_green) == (word, word == "Connected")


def test_a_bad_signature_counts_until_a_good_one_comes():
    later, bad = seen(at=NOON + timedelta(seconds=1)), {SightingKind.BAD_SIGNATURE: NOON}
    assert wizard_progress(shop(), [later], bad, True).is_green
    assert not wizard_progress(shop(), [seen(at=NOON - timedelta(seconds=1))], bad, True).is_green


def test_a_shop_switched_off_says_so():
    off = Connection(source=Source.SHOPIFY, secret="a-secret-1234", is_active=False)
    assert wizard_progress(off, [seen()], {}, True).word == "Off"


@pytest.mark.parametrize(
    ("discount_bp", "percent", "fraction"),
    [(1500, "15", "0.1500"), (1250, "12.5", "0.1250"), (10_000, "100", "1.0000"),
     (5, "0.05", "0.0005")],
)  # fmt: skip
def test_a_share_as_the_shops_write_it(discount_bp, percent, fraction):
    wanted = WantedCode("ADA15", discount_bp, "code_1")
    assert (wanted.percent, wanted.fraction) == (percent, fraction)


@pytest.mark.parametrize("topic", WANTED_TOPICS[Source.STRIPE])
def test_every_event_asked_of_stripe_is_understood(topic):
    kind = (
        "dispute"
        if "dispute" in topic
        else topic.rpartition(".")[0].replace("charge.refund", "refund")
    )
    thing = {
        "object": kind, "id": "x_1", "currency": "usd", "charge": "ch_1", "invoice": "in_1",
        "amount": 100, "amount_refunded": 100, "amount_total": 100, "total": 100, "amount_paid": 100,
        "payment": {"payment_intent": "pi_1"}, "payment_status": "unpaid", "status": "paid" if kind == "invoice" else "complete",
    }  # fmt: skip
    event = {"object": "event", "id": "evt_1", "type": topic, "data": {"object": thing}}
    reading = stripe.read(json.dumps(event).encode(), None)
    assert reading.order or reading.refunds or reading.dispute or reading.links


def test_shops_are_asked_for_what_their_pages_name():
    assert len(WANTED_TOPICS[Source.SHOPIFY]) == len(documents.TOPICS)
    assert [
        one.lower().replace("order ", "order.") for one in WANTED_TOPICS[Source.WOOCOMMERCE]
    ] == (list(client.TOPICS))
    assert tuple(TYPES) == stripe.TOPICS
