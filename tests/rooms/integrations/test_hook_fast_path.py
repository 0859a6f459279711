"""What is answered in front of Flask: the same bytes as the view's, and nothing the view refuses."""

import json

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from portal.integrations.doors import BODY_BYTES
from portal.integrations.fast_path import DoorMemory
from portal.integrations.models import InboundEvent, InboundState
from portal.sales import commands as sales
from portal.sales.models import Source
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work
from tests.support.hooks import Poster

SHOPS = [Source.SHOPIFY, Source.WOOCOMMERCE, Source.STRIPE]


def order(number):
    return {"id": number, "type": "order", "name": f"#{number}", "currency": "USD"}


@pytest.fixture
def path(app):
    """The part in front of Flask that looks after /hooks/; it stands behind the one of links."""
    return app.wsgi_app._inner


@pytest.fixture
def view(app, path, monkeypatch):
    """Counts what reaches Flask."""
    reached, inner = [], path._inner

    def counting(environ, start_response):
        reached.append(environ["PATH_INFO"])
        return inner(environ, start_response)

    monkeypatch.setattr(path, "_inner", counting)
    return reached


def connected(world, source):
    brand_id = world.glow.id
    with unit_of_work():
        connection = sales.connect(brand_id, source)
    return connection, Poster(world.app, source.value, connection.public_id, connection.secret)


def count():
    end_read()
    taken_in = InboundEvent.state != InboundState.REFUSED
    return db.session.scalar(select(func.count(InboundEvent.id)).where(taken_in))


@pytest.mark.parametrize("source", SHOPS)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_it_answers_as_the_view_does_to_the_byte(world, path, view, monkeypatch, source, scheme):
    _, shop = connected(world, source)
    shop.url = f"{scheme}://localhost{shop.url}"
    fast = shop.posts(order(1), "orders/paid", event_id="1")
    assert view == []
    monkeypatch.setattr(path, "_is_taken_in", lambda _: False)
    slow = shop.posts(order(2), "orders/paid", event_id="2")
    assert len(view) == 1
    assert (fast.status, fast.data) == (slow.status, slow.data)
    assert sorted(fast.headers) == sorted(slow.headers)
    assert count() == 2


def test_both_keep_the_same_of_a_message(world, path, monkeypatch):
    _, shop = connected(world, Source.SHOPIFY)
    more = {"X-Shopify-Shop-Domain": "glow.myshopify.com", "X-Shopify-API-Version": "2026-01"}
    shop.posts(order(1), "orders/paid", event_id="1", headers=more)
    monkeypatch.setattr(path, "_is_taken_in", lambda _: False)
    shop.posts(order(2), "orders/paid", event_id="2", headers=more)
    assert count() == 2
    one, other = db.session.scalars(select(InboundEvent).order_by(InboundEvent.id)).all()
    assert {**one.headers, "X-Shopify-Webhook-Id": "2"} == other.headers
    assert (one.topic, one.provider, one.door, one.connection_id, one.brand_id) == (
        other.topic, other.provider, other.door, other.connection_id, other.brand_id,
    )  # fmt: skip
    assert json.loads(one.body) == order(1)


def spoiled(shop, message, **more):
    body = json.dumps(message).encode()
    return shop.client.post(
        shop.url, data=body, headers={**shop._headers(body, "t", "1", 0), **more}
    )


@pytest.mark.parametrize("spoil", [
    lambda shop: spoiled(shop, order(1), **{"X-Shopify-Hmac-Sha256": "bm8="}),
    lambda shop: shop.posts(b"not json", "t", event_id="1"),
    lambda shop: shop.posts([order(1)], "t", event_id="1"),
    lambda shop: shop.posts(b'{"a":"' + b"x" * BODY_BYTES + b'"}', "t", event_id="1"),
    lambda shop: shop.client.get(shop.url),
    lambda shop: shop.client.post(f"{shop.url}/more", data=b"{}"),
    lambda shop: shop.client.post("/hooks/shopify/nobody", data=b"{}"),
    lambda shop: shop.client.post("/hooks/nobody/nobody", data=b"{}"),
])  # fmt: skip
def test_whatever_is_wrong_is_the_views_to_say_and_leaves_nothing(world, view, spoil):
    _, shop = connected(world, Source.SHOPIFY)
    answer = spoil(shop)
    assert 400 <= answer.status_code < 500
    assert len(view) == 1
    assert count() == 0


@pytest.mark.parametrize("length", ["", "-1", "1e3", "\u0663", "9" * 5000])
def test_an_odd_length_is_the_views_to_judge(world, view, length):
    _, shop = connected(world, Source.SHOPIFY)
    odd = {"CONTENT_LENGTH": length}
    assert shop.client.post(shop.url, data=b"{}", environ_overrides=odd).status_code < 500
    assert (len(view), count()) == (1, 0)


def test_a_duplicate_is_told_by_the_view(world, view):
    _, shop = connected(world, Source.SHOPIFY)
    shop.posts(order(1), "t", event_id="1")
    assert view == []
    assert shop.posts(order(1), "t", event_id="1").json == {"received": True, "duplicate": True}
    assert (len(view), count()) == (1, 1)


def test_while_a_secret_is_rotated_the_view_watches_which_is_used(world, view):
    connection, shop = connected(world, Source.SHOPIFY)
    with unit_of_work():
        sales.rotate_secret(connection.id)
    assert shop.posts(order(1), "t", event_id="1").status_code == 200
    assert len(view) == 1


def test_the_platforms_own_door_stays_with_the_view(app, view):
    stripe = Poster(app, "stripe", "platform", app.config["PORTAL"].stripe_webhook_secret)
    stripe.posts({"id": "evt_1", "type": "account.updated"})
    assert len(view) == 1


def test_what_is_remembered_of_a_door_lasts_a_moment_only(world, app, monkeypatch):
    connection, _ = connected(world, Source.SHOPIFY)
    passed = [100_000]
    monkeypatch.setattr(
        "portal.integrations.fast_path.time.monotonic_ns", lambda: passed[0] * 1_000_000
    )
    memory = DoorMemory(app)
    first = memory.get("shopify", connection.public_id)
    assert first.secrets == (connection.secret,)
    with unit_of_work():
        sales.set_active(connection.id, is_active=False)
    passed[0] += 500
    assert memory.get("shopify", connection.public_id) is first
    passed[0] += 500
    assert memory.get("shopify", connection.public_id) is None


def test_without_its_database_it_never_says_received(world, path, monkeypatch):
    _, shop = connected(world, Source.SHOPIFY)

    def gone(_messages):
        raise OperationalError("INSERT", {}, Exception("the database is gone"))

    monkeypatch.setattr(path._inbox, "_do", gone)
    assert shop.posts(order(1), "t", event_id="1").status_code == 503
    monkeypatch.undo()
    assert shop.posts(order(1), "t", event_id="1").json["duplicate"] is False
    assert count() == 1
