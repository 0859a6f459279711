"""Signatures: over the raw bytes, by a live secret, in time."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from portal.integrations.shopify import signature as shopify
from portal.integrations.signatures import BadSignature, StaleSignature
from portal.integrations.stripe import signature as stripe
from portal.integrations.woocommerce import signature as woocommerce

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BODY = '{"id": 1, "name": "Zoë"}'.encode()


def base64_of(secret, body=BODY):
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def stripe_of(secret, body=BODY, at=NOW):
    moment = str(int(at.timestamp()))
    value = hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={value},v0=abc"


SHOPS = [(shopify, "X-Shopify-Hmac-Sha256"), (woocommerce, "X-WC-Webhook-Signature")]


@pytest.mark.parametrize(("shop", "header"), SHOPS)
def test_the_right_secret_opens_in_any_capitals(shop, header):
    shop.verify(BODY, {header.lower(): base64_of("old")}, ["new", "old"], NOW)


@pytest.mark.parametrize(("shop", "header"), SHOPS)
@pytest.mark.parametrize(
    "given", ["", "zzz", "é", base64_of("wrong"), base64_of("new", BODY + b" "), base64_of("")]
)
def test_anything_else_does_not(shop, header, given):
    with pytest.raises(BadSignature):
        shop.verify(BODY, {header: given}, ["new", ""], NOW)


def test_no_secret_at_all_opens_nothing():
    with pytest.raises(BadSignature):
        shopify.verify(BODY, {"X-Shopify-Hmac-Sha256": base64_of("")}, [], NOW)
    with pytest.raises(BadSignature):
        stripe.verify(BODY, {"Stripe-Signature": stripe_of("")}, [""], NOW)


def test_stripe_accepts_either_live_secret():
    for secret in ("new", "old"):
        stripe.verify(BODY, {"Stripe-Signature": stripe_of(secret)}, ["new", "old"], NOW)


def test_p10_five_minutes_both_ways_and_not_a_second_more():
    for seconds in (-300, 300):
        signed = stripe_of("new", at=NOW + timedelta(seconds=seconds))
        stripe.verify(BODY, {"Stripe-Signature": signed}, ["new"], NOW)
    for seconds in (-301, 301, 3600, -86400):
        signed = stripe_of("new", at=NOW + timedelta(seconds=seconds))
        with pytest.raises(StaleSignature):
            stripe.verify(BODY, {"Stripe-Signature": signed}, ["new"], NOW)


def test_a_forged_time_is_a_bad_signature_not_a_stale_one():
    forged = stripe_of("new", at=NOW - timedelta(days=1)).replace(
        f"t={int((NOW - timedelta(days=1)).timestamp())}", f"t={int(NOW.timestamp())}"
    )
    with pytest.raises(BadSignature) as refused:
        stripe.verify(BODY, {"Stripe-Signature": forged}, ["new"], NOW)
    assert not isinstance(refused.value, StaleSignature)


@pytest.mark.parametrize("given", ["", "t=1", "v1=abc", "t=x,v1=abc", "t=1,t=2,v1=abc", "t=-5,v1=a", "t=²,v1=a",
                                   "t=99999999999999999999,v1=a", "nonsense", "t=1,v1=é"])  # fmt: skip
def test_a_broken_header_is_refused(given):
    with pytest.raises(BadSignature):
        stripe.verify(BODY, {"Stripe-Signature": given}, ["new"], NOW)


def test_several_v1_are_tried():
    good = stripe_of("new")
    both = good.replace("v1=", "v1=0000,v1=")
    stripe.verify(BODY, {"Stripe-Signature": both}, ["new"], NOW)
