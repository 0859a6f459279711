"""The doors for machines: who is let in, what is kept, what a second delivery does."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from portal.creators import queries as profiles
from portal.creators.models import DestinationState, Rail
from portal.destinations import commands as destinations
from portal.integrations import commands as inbox
from portal.integrations import queries
from portal.integrations.events import InboundReceived
from portal.integrations.models import InboundEvent, InboundState
from portal.integrations.subscribers import on_inbound_received
from portal.jobs import worker
from portal.jobs.registry import registry
from portal.kernel import clock
from portal.kernel.pages import PageRequest
from portal.sales import commands as sales
from portal.sales import queries as orders
from portal.sales.models import Order, Refund, Source
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support import people
from tests.support.hooks import Poster

ORDER = {
    "id": 9001, "name": "#9001", "currency": "USD", "financial_status": "paid",
    "created_at": "2026-03-01T10:00:00Z", "updated_at": "2026-03-01T10:00:05Z",
    "total_price": "93.00", "line_items": [{"id": 1, "price": "40.00", "quantity": 2}],
    "discount_codes": [{"code": "ADA15"}],
}  # fmt: skip
REFUND = {
    "id": 77, "order_id": 9001, "created_at": "2026-03-02T10:00:00Z", "transactions": [],
    "refund_line_items": [{"line_item_id": 1, "subtotal": "20.00", "subtotal_set": {
        "shop_money": {"amount": "20.00", "currency_code": "USD"}}}],
}  # fmt: skip


@pytest.fixture(autouse=True)
def wiring(app):
    before = registry.subscribers, registry.reactions, registry.functions, registry.schedule
    registry.configure({InboundReceived: [on_inbound_received]}, {}, {})
    yield
    registry.subscribers, registry.reactions, registry.functions, registry.schedule = before


def connected(world, source, **more):
    brand_id = world.glow.id
    with unit_of_work():
        connection = sales.connect(brand_id, source, **more)
    return connection, Poster(world.app, source.value, connection.public_id, connection.secret)


@pytest.fixture
def shop(world):
    return connected(world, Source.SHOPIFY)[1]


def stored():
    db.session.remove()
    return db.session.scalars(select(InboundEvent).order_by(InboundEvent.id)).all()


def count(model):
    db.session.remove()
    return db.session.scalar(select(func.count()).select_from(model))


def test_a_signed_order_is_kept_before_any_thinking_and_then_recorded(shop):
    answer = shop.posts(ORDER, "orders/paid", event_id="w-1")
    assert (answer.status_code, answer.json) == (200, {"received": True, "duplicate": False})
    event = stored()[0]
    assert (event.state, event.provider_event_id, event.topic) == (
        InboundState.RECEIVED,
        "w-1",
        "orders/paid",
    )
    assert json.loads(event.body) == ORDER
    assert "Hmac" not in str(event.headers)
    assert count(Order) == 0
    worker.drain()
    event = stored()[0]
    assert (event.state, event.kind, event.external_id) == (InboundState.PROCESSED, "sale", "9001")
    assert str(orders.standing(event.order_id).original) == "80.00 USD"
    assert orders.connections_of(event.brand_id)[0].last_event_at is not None


@pytest.mark.parametrize("again", [{"event_id": "w-1"}, {"event_id": "w-2"}, {}])
def test_p7_a_second_delivery_has_no_second_effect_even_under_a_fresh_id(shop, again):
    shop.posts(ORDER, "orders/paid", event_id="w-1")
    worker.drain()
    answer = shop.posts(ORDER, "orders/paid", **again)
    assert (answer.status_code, answer.json["duplicate"]) == (200, True)
    assert worker.drain() == 0
    assert (len(stored()), count(Order)) == (1, 1)


def test_p7_deduplication_never_expires(shop):
    shop.posts(ORDER, "orders/paid", event_id="w-1")
    clock.pass_days(400)
    assert shop.posts(ORDER, "orders/paid", event_id="w-9").json["duplicate"]


def test_one_act_of_a_merchant_may_send_two_topics_under_one_event_id(shop):
    shared = {"X-Shopify-Event-Id": "act-1", "X-Shopify-Webhook-Id": ""}
    shop.posts(ORDER, "orders/paid", headers=shared)
    assert shop.posts(ORDER, "orders/updated", headers=shared).json["duplicate"] is False


def test_a_refund_before_its_order_waits_and_is_applied_once(shop):
    shop.posts(REFUND, "refunds/create", event_id="w-1")
    worker.drain()
    assert "waits" in stored()[0].note
    shop.posts(ORDER, "orders/paid", event_id="w-2")
    shop.posts(REFUND, "refunds/create", event_id="w-3")
    worker.drain()
    order = db.session.scalars(select(Order)).one()
    assert str(orders.standing(order.id).remaining) == "60.00 USD"
    assert count(Refund) == 1


def flipped(body):
    return body[:10] + bytes([body[10] ^ 1]) + body[11:]


@pytest.mark.parametrize(("spoil", "status"), [
    (lambda body, headers: (flipped(body), headers), 401),
    (lambda body, headers: (json.dumps(json.loads(body), indent=1).encode(), headers), 401),
    (lambda body, headers: (body, {}), 401),
    (lambda body, headers: (body, {"X-Shopify-Hmac-Sha256": "bm8="}), 401),
])  # fmt: skip
def test_what_is_not_signed_by_the_shop_changes_nothing(shop, spoil, status):
    body = json.dumps(ORDER).encode()
    headers = shop._headers(body, "orders/paid", "w-1", 0)
    body, headers = spoil(body, headers)
    answer = shop.client.post(shop.url, data=body, headers=headers)
    assert answer.status_code == status
    assert answer.json["error"].endswith(".")
    assert stored() == []


def test_another_brands_secret_does_not_open_this_door(world, shop):
    rival_id = world.rival.id
    with unit_of_work():
        theirs = sales.connect(rival_id, Source.SHOPIFY)
    shop.secret = theirs.secret
    assert shop.posts(ORDER, "orders/paid").status_code == 401


@pytest.mark.parametrize(
    "message", [b"", b"{", b"[]", b"7", b"null", b"\xff\xfe", b"[" * 50_000, b'{"a": NaN}']
)
def test_p16_a_malformed_body_is_400_and_changes_nothing(shop, message):
    assert shop.posts(message, "orders/paid").status_code == 400
    assert shop.posts(message, "orders/paid").status_code == 400
    [kept] = stored()
    assert (kept.state, kept.order_id) == (InboundState.REFUSED, None)
    assert worker.drain() == 0


def test_p16_a_body_over_one_megabyte_is_413(shop):
    assert shop.posts(b'{"id": "' + b"x" * 1_000_000 + b'"}').status_code == 413
    assert stored() == []


@pytest.mark.parametrize(
    "url",
    [
        "/hooks/shopify/unknown",
        "/hooks/nobody/unknown",
        "/hooks/csv/unknown",
        "/hooks/stripe/platform",
    ],
)
def test_an_unknown_address_is_404(shop, url):
    shop.url = url
    assert shop.posts(ORDER).status_code == 404


def test_a_shop_of_another_kind_is_404(world, shop):
    shop.url = shop.url.replace("shopify", "woocommerce")
    assert shop.posts(ORDER).status_code == 404


def test_a_closed_connection_is_410(world):
    connection, shop = connected(world, Source.SHOPIFY)
    with unit_of_work():
        sales.set_active(connection.id, False)
    assert shop.posts(ORDER, "orders/paid").status_code == 410
    assert stored() == []


def test_a_door_is_only_for_posting(shop):
    assert shop.client.get(shop.url).status_code == 405


def test_both_secrets_are_good_during_rotation(world):
    connection, shop = connected(world, Source.SHOPIFY)
    with unit_of_work():
        sales.rotate_secret(connection.id)
    assert shop.posts(ORDER, "orders/paid", event_id="w-1").status_code == 200
    with unit_of_work():
        sales.end_rotation(connection.id)
    assert shop.posts(REFUND, "refunds/create", event_id="w-2").status_code == 401


def test_what_cannot_be_used_is_kept_with_its_error_and_can_be_replayed(shop):
    shop.posts(ORDER | {"currency": None}, "orders/paid", event_id="w-1")
    worker.drain()
    event = stored()[0]
    assert (event.state, event.last_error) == (
        InboundState.FAILED,
        "The Shopify order names no currency.",
    )
    assert event.last_error in queries.violations()[0]
    with unit_of_work():
        db.session.get(InboundEvent, event.id).body = json.dumps(ORDER).encode()
        inbox.replay(event.id, by=None)
    worker.drain()
    event = stored()[0]
    assert (event.state, event.attempts, event.last_error) == (InboundState.REPLAYED, 2, None)
    assert queries.violations() == []


def test_replaying_what_was_processed_changes_no_order(shop):
    shop.posts(ORDER, "orders/paid", event_id="w-1")
    worker.drain()
    with unit_of_work():
        inbox.replay(stored()[0].id, by=None)
    worker.drain()
    assert (count(Order), stored()[0].state) == (1, InboundState.REPLAYED)


def test_the_inbox_shows_the_newest_first(shop):
    shop.posts(ORDER, "orders/paid", event_id="w-1")
    shop.posts(REFUND, "refunds/create", event_id="w-2")
    page = queries.inbox(PageRequest(size=1))
    assert (page.total, page.rows[0].topic) == (2, "refunds/create")
    assert queries.inbox(PageRequest(page.next_cursor, 1)).rows[0].topic == "orders/paid"


# ---- WooCommerce
WOO = {"id": 501, "number": "501", "status": "processing", "currency": "USD", "total": "72.00",
       "date_created_gmt": "2026-03-01T15:00:00", "line_items": [{"id": 1, "total": "72.00"}]}  # fmt: skip


def test_woocommerce_order(world):
    _, shop = connected(world, Source.WOOCOMMERCE)
    assert shop.posts(WOO, "order.created", event_id="d-1").status_code == 200
    assert shop.posts(WOO, "order.created", event_id="d-2").json["duplicate"]
    worker.drain()
    assert count(Order) == 1


def test_the_ping_of_a_new_webhook_is_answered_and_forgotten(world):
    _, shop = connected(world, Source.WOOCOMMERCE)
    answer = shop.client.post(shop.url, data=b"webhook_id=12")
    assert answer.status_code == 200
    assert stored() == []


# ---- Stripe
def checkout(**more):
    body = {"id": "cs_1", "object": "checkout.session", "status": "complete", "payment_status": "paid",
            "currency": "usd", "amount_total": 8000, "payment_intent": "pi_1", **more}  # fmt: skip
    return {"id": "evt_1", "object": "event", "type": "checkout.session.completed", "created": 1_772_380_800,
            "data": {"object": body}}  # fmt: skip


@pytest.fixture
def stripe(world):
    return connected(world, Source.STRIPE, secret="whsec_shop")[1]


def test_a_stripe_checkout_and_its_refund(stripe):
    stripe.posts(checkout())
    charge = {"id": "ch_1", "object": "charge", "currency": "usd", "amount": 8000, "amount_refunded": 2000,
              "payment_intent": "pi_1"}  # fmt: skip
    event = {
        "id": "evt_2",
        "object": "event",
        "type": "charge.refunded",
        "created": 1_772_380_900,
        "data": {"object": charge},
    }
    assert stripe.posts(event).status_code == 200
    worker.drain()
    order = db.session.scalars(select(Order)).one()
    assert str(orders.standing(order.id).remaining) == "60.00 USD"


def test_p10_a_stale_or_postdated_stripe_message_is_400(stripe):
    for age_seconds in (301, -301, 86_400):
        assert stripe.posts(checkout(), age_seconds=age_seconds).status_code == 400
    assert stored() == []
    assert stripe.posts(checkout(), age_seconds=299).status_code == 200


def test_p10_the_age_is_by_the_wall_clock_not_by_time_travel(stripe):
    with clock.at("2031-01-01T00:00:00+00:00"):
        assert stripe.posts(checkout()).status_code == 200


def test_a_stripe_event_without_an_id_is_400(stripe):
    assert stripe.posts(checkout() | {"id": None}).status_code == 400


def test_a_brands_own_stripe_connection_cannot_declare_an_account_payable(stripe):
    account = {
        "id": "acct_1",
        "object": "account",
        "payouts_enabled": True,
        "capabilities": {"transfers": "active"},
    }
    stripe.posts(
        {
            "id": "evt_3",
            "object": "event",
            "type": "account.updated",
            "created": 1,
            "data": {"object": account},
        }
    )
    worker.drain()
    event = stored()[0]
    assert event.state is InboundState.IGNORED
    assert "platform" in event.note


def test_p7_five_deliveries_at_once_have_one_effect(world, shop):
    posters = [
        Poster(world.app, "shopify", shop.url.rpartition("/")[2], shop.secret) for _ in range(5)
    ]
    db.session.remove()
    with ThreadPoolExecutor(5) as threads:
        answers = list(
            threads.map(lambda one: one.posts(ORDER, "orders/paid", event_id="w-1"), posters)
        )
    assert [answer.status_code for answer in answers] == [200] * 5
    assert [answer.json["duplicate"] for answer in answers].count(False) == 1
    worker.drain()
    assert (len(stored()), count(Order)) == (1, 1)


# ---- the platform's own Stripe webhook
@pytest.fixture
def platform(app, world):
    before = app.config["PORTAL"]
    app.config["PORTAL"] = replace(before, stripe_webhook_secret="whsec_platform")
    yield Poster(app, "stripe", "platform", "whsec_platform")
    app.config["PORTAL"] = before


def happened(topic, body, event_id="evt_9", **more):
    return {
        "id": event_id,
        "object": "event",
        "type": topic,
        "created": 1_772_380_800,
        "data": {"object": body},
        **more,
    }


PAYABLE = {
    "id": "acct_ada",
    "object": "account",
    "payouts_enabled": True,
    "capabilities": {"transfers": "active"},
}


def test_an_account_becomes_payable_by_the_platforms_word(platform):
    creator = people.a_creator("Ada")
    with unit_of_work():
        destinations.set_destination(creator.id, Rail.STRIPE, "acct_ada", by=None)
    platform.posts(happened("account.updated", PAYABLE))
    worker.drain()
    assert stored()[0].state is InboundState.PROCESSED
    assert profiles.destination_of(creator.id).state is DestinationState.READY
    gone = {"id": "ca_1", "object": "application"}
    platform.posts(happened("account.application.deauthorized", gone, "evt_10", account="acct_ada"))
    worker.drain()
    assert profiles.destination_of(creator.id).state is DestinationState.DISCONNECTED


def test_what_the_platform_says_of_strangers_changes_nothing(platform):
    transfer = {
        "id": "tr_1",
        "object": "transfer",
        "amount": 100,
        "amount_reversed": 100,
        "currency": "usd",
    }
    platform.posts(happened("account.updated", PAYABLE))
    platform.posts(happened("transfer.reversed", transfer, "evt_10"))
    platform.posts(happened("checkout.session.completed", checkout()["data"]["object"], "evt_11"))
    worker.drain()
    assert {event.state for event in stored()} == {InboundState.IGNORED}
    assert all(event.note for event in stored())
    assert count(Order) == 0


def test_a_brands_secret_does_not_open_the_platforms_door(platform, stripe):
    platform.secret = stripe.secret
    assert platform.posts(happened("account.updated", PAYABLE)).status_code == 401
