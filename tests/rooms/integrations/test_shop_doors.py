"""Connecting a shop from its page alone: the steps, the secret, the wizard, every clear sentence."""

import pytest

from portal.jobs import worker
from portal.sales import queries as sales
from portal.storage.model import db
from tests.rooms.integrations.test_hook_doors import ORDER
from tests.support.hooks import Poster
from tests.support.queries import keeps_budget

SHOPS = "/brand/glow/shops"


def connect(world, source="shopify", name="glow.example"):
    page = world.mona.opens(f"{SHOPS}/connect/{source}")
    return page.fills("Name of the shop", name).presses("Continue")


def connection(world):
    db.session.remove()
    return sales.connections_of(world.glow.id)[-1]


def poster(world, secret):
    shop = connection(world)
    return Poster(world.app, shop.source.value, shop.public_id, secret)


def page(world):
    return world.mona.opens(f"{SHOPS}/{connection(world).public_id}")


def html(world):
    return str(page(world).page)


def sends(world, secret, topic, event_id, message=ORDER):
    """What the hook answers."""
    return poster(world, secret).posts(message, topic, event_id=event_id).status_code


def test_no_shop_yet(world):
    world.mona.opens(SHOPS).sees(
        "No shop is connected yet", "Shopify", "WooCommerce", "Stripe", "CSV file"
    )


def test_steps_with_the_address_to_copy(world):
    connect(world).sees("Paste the signing secret first.", "Order creation", "Address for webhooks")
    assert f"/hooks/shopify/{connection(world).public_id}" in html(world)


@pytest.mark.parametrize(
    ("typed", "said"),
    [("sk_live_123456789", "API key of Stripe"), ("shpat_123456789", "shop’s own interface"),
     ("short", "8 to 200 characters")],
)  # fmt: skip
def test_a_key_is_no_signing_secret(world, typed, said):
    connect(world).fills("Signing secret", typed).presses("Save secret", status=422).sees(said)


def test_green_when_the_first_order_arrives(world):
    connect(world).fills("Signing secret", "shopify-secret-1").presses("Save secret").sees(
        "Nothing has arrived yet."
    )
    assert sends(world, "shopify-secret-1", "orders/create", "w1") == 200
    page(world).sees("An event arrived and is being read.")
    worker.drain()
    page(world).sees("Connected. Orders arrive.", "Connected")
    assert "every 3s" not in html(world)


def test_a_mistyped_secret_is_named(world):
    connect(world).fills("Signing secret", "mistyped-secret-9xyz").presses("Save secret")
    assert sends(world, "the-real-one", "orders/create", "w1") == 401
    said = page(world)
    said.sees("An event arrived, but its signature does not match.", "ends in 9xyz")
    assert "mistyped-secret" not in str(said.page)
    said.sees("It replaces the one that ends in 9xyz")
    said.fills("Signing secret", "the-real-one").presses("Replace the secret")
    assert connection(world).secrets == ("the-real-one",), "what never fitted is not good any more"
    assert sends(world, "the-real-one", "orders/create", "w1") == 200
    worker.drain()
    page(world).sees("Connected. Orders arrive.")


def is_green(world):
    return "Connected. Orders arrive." in html(world)


def test_a_strangers_posts_do_not_turn_a_connected_shop_red_for_long(world):
    connect(world).fills("Signing secret", "shopify-secret-1").presses("Save secret")
    sends(world, "shopify-secret-1", "orders/create", "w1")
    worker.drain()
    hook = poster(world, "").url
    assert world.app.test_client().post(hook, json=ORDER).status_code == 401
    assert is_green(world), "anybody can send what nobody signed"
    assert sends(world, "a-strangers-guess", "orders/create", "w2") == 401
    assert not is_green(world)
    again = poster(world, "shopify-secret-1").posts(ORDER, "orders/create", event_id="w1")
    assert again.get_json() == {"received": True, "duplicate": True}
    assert is_green(world), "a duplicate is signed too"


def test_what_is_signed_and_no_event_is_shown_at_a_connected_shop_too(world):
    connect(world).fills("Signing secret", "shopify-secret-1").presses("Save secret")
    sends(world, "shopify-secret-1", "orders/create", "w1")
    worker.drain()
    for _retry in range(3):
        assert sends(world, "shopify-secret-1", "orders/create", "w2", b"a=1&b=2") == 400
    page(world).sees("A message arrived that is no event.", "signed with the right secret")
    feed = world.mona.opens(f"{SHOPS}/events?status=refused")
    feed.sees("Refused", "The message is not valid JSON.")
    page(world).follows("Look at this message").sees("bytes that are not JSON", "orders/create")
    assert sends(world, "shopify-secret-1", "orders/updated", "w3") == 200
    worker.drain()
    assert is_green(world)


def test_a_key_too_long_to_be_one_is_refused(world):
    connect(world, "woocommerce")
    said = page(world).fills("Consumer key", "ck_" + "x" * 300).fills("Consumer secret", "cs_1234")
    said.fills("Address of the shop", "https://shop.example").presses(
        "Save key and try it", status=422
    ).sees("200 characters")
    page(world).does_not_see("Forget this key")


def test_a_wrong_topic_and_a_test_order_are_named(world):
    connect(world).fills("Signing secret", "shopify-secret-1").presses("Save secret")
    shop = poster(world, "shopify-secret-1")
    shop.posts({"id": 5, "title": "Tea"}, "products/update", event_id="w1")
    worker.drain()
    page(world).sees("An event arrived, but it is about products/update.", "Order creation")
    shop.posts({**ORDER, "test": True}, "orders/create", event_id="w2")
    worker.drain()
    page(world).sees("Connected. The test order arrived.")


def test_a_ping_of_woocommerce(world):
    connect(world, "woocommerce").presses("Make a secret for me").sees("shown this once")
    shop = connection(world)
    world.app.test_client().post(f"/hooks/woocommerce/{shop.public_id}", data=b"webhook_id=7")
    page(world).sees("The shop can reach us. Now place a test order.")
    assert shop.secret not in html(world)


def test_two_secrets_are_good_while_rotating(world):
    connect(world).fills("Signing secret", "first-secret-aaaa").presses("Save secret")
    assert sends(world, "first-secret-aaaa", "orders/create", "w0") == 200
    page(world).fills("Signing secret", "second-secret-bbbb").presses("Rotate to this secret")
    assert sends(world, "first-secret-aaaa", "orders/create", "w1") == 200
    page(world).sees("Two secrets are good now", "ends in aaaa").presses("End the rotation")
    assert sends(world, "first-secret-aaaa", "orders/updated", "w2") == 401
    assert sends(world, "second-secret-bbbb", "orders/paid", "w3") == 200


def test_the_same_secret_twice_is_refused(world):
    connect(world).fills("Signing secret", "first-secret-aaaa").presses("Save secret")
    page(world).fills("Signing secret", "first-secret-aaaa").presses(
        "Replace the secret", status=422
    ).sees("already in use")


def test_a_mistyped_second_secret_costs_the_good_one_nothing(world):
    connect(world).fills("Signing secret", "first-secret-aaaa").presses("Save secret")
    assert sends(world, "first-secret-aaaa", "orders/create", "w1") == 200
    page(world).fills("Signing secret", "mistyped-secret-xxxx").presses("Rotate to this secret")
    assert sends(world, "first-secret-aaaa", "orders/create", "w2") == 200
    page(world).fills("Signing secret", "second-secret-bbbb").presses("Replace the secret")
    assert connection(world).secrets == ("second-secret-bbbb", "first-secret-aaaa")
    assert sends(world, "second-secret-bbbb", "orders/create", "w3") == 200
    page(world).sees("Rotate to this secret")


def test_off_and_on_again(world):
    connect(world).fills("Signing secret", "first-secret-aaaa").presses("Save secret")
    page(world).presses("Switch this shop off").sees("This shop is switched off.")
    assert sends(world, "first-secret-aaaa", "orders/create", "w1") == 410
    page(world).presses("Switch this shop on").sees("Nothing has arrived yet.")


def test_who_may(world):
    connect(world)
    shop = connection(world).public_id
    world.rosa.opens(f"{SHOPS}/{shop}").sees("A manager pastes it here.")
    world.rosa.opens(f"{SHOPS}/connect/shopify", status=403)
    world.rae.opens(f"{SHOPS}/{shop}", status=404)
    world.mona.opens(f"{SHOPS}/connect/ebay", status=404)


def test_every_page_of_shops_asks_little(world):
    for name in ("one.example", "two.example", "three.example"):
        connect(world, name=name)
    for page in ("", "/codes", "/events", "/readings", "/files"):
        keeps_budget(world.mona.browser, f"{SHOPS}{page}", most=12)
