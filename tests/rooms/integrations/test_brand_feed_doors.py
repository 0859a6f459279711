"""What a brand sees of its shops' messages: whole, redacted, replayable, and not for ever."""

import json
from datetime import timedelta

import pytest

from portal.integrations import jobs
from portal.integrations.models import InboundEvent
from portal.jobs import worker
from portal.kernel import clock
from portal.sales import commands as sales
from portal.sales.models import Order, Source
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.rooms.integrations.test_hook_doors import ORDER, REFUND
from tests.support.hooks import Poster
from tests.support.queries import keeps_budget

FEED = "/brand/glow/shops/events"
BUYER = {
    "email": "berta@buyer.example",
    "customer": {"id": 3, "first_name": "Berta", "last_name": "Buyer", "phone": "+4915112345678"},
    "shipping_address": {"address1": "Lindenstr. 5", "city": "Berlin"},
    "note": "Ring at Buyer's",
}


@pytest.fixture
def shop(world):
    brand_id = world.glow.id
    with unit_of_work():
        connection = sales.connect(brand_id, Source.SHOPIFY, name="glow.example")
    return Poster(world.app, "shopify", connection.public_id, connection.secret)


def newest() -> InboundEvent:
    db.session.remove()
    return db.session.query(InboundEvent).order_by(InboundEvent.id.desc()).first()


def test_nothing_yet(world):
    world.mona.opens(FEED).sees("Nothing has come in yet")


def test_nothing_yet_at_a_connected_shop(world, shop):
    world.mona.opens(FEED).sees("No message yet", "Your shops").does_not_see("Connect a shop")
    here = shop.url.rpartition("/")[2]
    world.mona.opens(f"{FEED}?shop={here}").sees("No message from", "To this shop")


def test_a_message_with_its_meaning_and_nobody_in_it(world, shop):
    shop.posts({**ORDER, **BUYER}, "orders/create", event_id="w1")
    worker.drain()
    page = world.mona.opens(FEED)
    page.sees("orders/create", "glow.example", "Processed", "9001").follows("orders/create")
    page.sees("Sale", "Order #9001", "2 Mar", "ADA15")
    for personal in ("berta", "Berta", "Buyer", "+49151", "Lindenstr", "Ring at"):
        assert personal not in str(page.page), personal


def test_a_filter_and_other_brands(world, shop):
    shop.posts(ORDER, "orders/create", event_id="w1")
    shop.posts({"id": 4, "title": "Tea"}, "products/update", event_id="w2")
    worker.drain()
    page = world.mona.opens(f"{FEED}?status=ignored")
    page.sees("products/update").does_not_see("orders/create")
    world.mona.opens(f"{FEED}?status=failed").sees("No message matches")
    event = newest().public_id
    world.rae.opens("/brand/rival/shops/events").sees("Nothing has come in yet")
    world.rae.opens(f"/brand/rival/shops/events/{event}", status=404)
    world.rae.opens(f"{FEED}/{event}", status=404)


def test_a_failed_message_is_read_again_by_a_manager(world, shop):
    shop.posts({**REFUND, "order_id": None, "id": None}, "refunds/create", event_id="w1")
    worker.drain()
    event = newest()
    page = world.mona.opens(f"{FEED}/{event.public_id}").sees("It could not be used.")
    page.presses("Read it again").sees("It is read again now.")
    world.rosa.opens(f"{FEED}/{event.public_id}").does_not_see("Read it again")
    worker.drain()
    assert newest().replays == 1


def test_a_page_of_fifty_and_the_next(world, shop):
    for number in range(60):
        shop.posts({"id": number, "title": "Tea"}, "products/update", event_id=f"w{number}")
    page = world.mona.opens(FEED).sees("First 50 of 60")
    page.follows("Next").sees("10 more of 60")
    keeps_budget(world.mona.browser, FEED, most=12)


def test_raw_bodies_end_and_a_duplicate_is_still_known(world, shop):
    shop.posts({**ORDER, **BUYER}, "orders/create", event_id="w1")
    worker.drain()
    with unit_of_work():
        db.session.query(InboundEvent).one().received_at = clock.wall() - timedelta(days=91)
    jobs.forget_bodies(keep_days=0)
    assert newest().body
    jobs.forget_bodies(keep_days=90)
    gone = newest()
    assert (gone.body, gone.headers, gone.kind) == (b"", {}, "sale")
    assert gone.content_sha256
    assert "berta" not in json.dumps(gone.note)
    page = world.mona.opens(f"{FEED}/{gone.public_id}")
    page.sees("Forgotten on", "Order #9001").does_not_see("Read it again")
    page.posts(f"{FEED}/{gone.public_id}/replay", status=409).sees("Its body was forgotten")
    again = shop.posts({**ORDER, **BUYER}, "orders/create", event_id="w9")
    assert again.get_json() == {"received": True, "duplicate": True}
    assert db.session.query(Order).count() == 1
