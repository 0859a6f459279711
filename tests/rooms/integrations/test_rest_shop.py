"""Any shop by REST API: connected from its page, its calls in the feed, what is wrong said."""

import json
from datetime import timedelta

import pytest

from portal.api import commands as api
from portal.api.models import ApiKey
from portal.integrations import queries as inbox
from portal.integrations.models import InboundEvent, InboundState
from portal.kernel import clock
from portal.sales import queries as sales
from portal.sales.models import Order
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.callers import Caller, a_caller, told
from tests.support.people import a_program, an_ambassador
from tests.support.queries import keeps_budget
from tests.support.shop import clicked

SHOPS = "/brand/glow/shops"


@pytest.fixture
def shop(world):
    """The page of a REST shop that was just named."""
    page = world.mona.opens(f"{SHOPS}/connect/api")
    return page.fills("Name of the shop", "Atelier").presses("Continue")


def connection(world):
    db.session.remove()
    return sales.connections_of(world.glow.id)[-1]


def page(world):
    return world.mona.opens(f"{SHOPS}/{connection(world).public_id}")


def a_key(world):
    """A key made on the shop's page."""
    made = page(world).presses("Create the key", status=201)
    return Caller(world.app, made.page.select_one("#secret")["value"])


def is_green(world):
    return "Connected." in str(page(world).page)


def test_connected_from_its_page_alone(world, shop):
    shop.sees("Create an API key first.", "Glow has no code yet")
    ada = an_ambassador(a_program(world.glow), "Ada", code="ADA15")
    click_id = clicked(ada)
    shop = page(world).sees("ADA15", str(click_id), "8000 is $80.00", "/api/v1/conversions")
    made = shop.presses("Create the key", status=201).sees("This is the only time it is shown.")
    line = made.page.select_one("#test-order").get_text()
    token = made.page.select_one("#secret")["value"]
    assert token in line
    body = json.loads(line.partition("-d '")[2].rstrip("'"))
    assert body == {
        "order_id": "test-1001", "subtotal": {"amount_minor": 8000, "currency": "USD"},
        "codes": ["ADA15"], "click_id": str(click_id), "is_test": True,
    }  # fmt: skip
    page(world).sees("Nothing has arrived yet.", "Create another key")
    Caller(world.app, token).posts("/conversions", body)
    page(world).sees("Connected. The test order arrived.")
    world.mona.opens(SHOPS).sees("Atelier", "REST API", "Connected")


def test_what_it_tells_is_its_own_and_stands_in_the_feed(world, shop):
    caller = a_key(world)
    made = caller.posts("/conversions", told(customer={"email": "eve@example.com"}))
    caller.posts("/refunds", {"order_id": "1001", "refund_id": "r1",
                              "amount": {"amount_minor": 3000, "currency": "USD"}})  # fmt: skip
    order = db.session.query(Order).one()
    assert (order.public_id, order.connection_id) == (made["id"], connection(world).id)
    feed = world.mona.opens(f"{SHOPS}/events?shop={connection(world).public_id}")
    feed.sees("conversion", "refund", "Processed", "Atelier")
    event = feed.follows("conversion").sees("Atelier, vouch_", "Order 1001")
    assert "eve@" not in str(event.page)
    event.presses("Read it again")
    world.settle()
    event = db.session.query(InboundEvent).filter_by(topic="conversion").one()
    assert event.state is InboundState.REPLAYED
    assert db.session.query(Order).one().taken_back_minor == 3000


def test_what_was_said_first_and_read_again_later_does_not_win(world, shop):
    caller = a_key(world)
    caller.posts("/conversions", told())
    clock.pass_time(timedelta(minutes=1))
    caller.posts("/conversions", told(amount_minor=5000), expect=200)
    first = db.session.query(InboundEvent).order_by(InboundEvent.id).first().public_id
    world.mona.opens(f"{SHOPS}/events/{first}").presses("Read it again")
    world.settle()
    assert db.session.query(Order).one().base_minor == 5000


def test_a_refund_that_waits_is_told_so_in_the_feed(world, shop):
    amount = {"amount_minor": 100, "currency": "USD"}
    a_key(world).posts("/refunds", {"order_id": "9", "refund_id": "r", "amount": amount})
    world.mona.opens(f"{SHOPS}/events").sees("The order is not known yet")


def test_the_last_refused_call_is_shown_with_what_is_wrong(world, shop):
    caller = a_key(world)
    caller.posts("/conversions", told(vclid="123"), expect=422)
    said = page(world).sees("The last call told of a conversion and was refused.")
    said.sees("vclid: There is no such field. It is called click_id here.")
    said.follows("Look at this message").sees("Refused", "click_id", "1001")
    assert inbox.violations() == [], "its sender knows; nobody here has to look after it"
    caller.posts("/conversions", told(click_id="123"))
    world.settle()
    assert is_green(world)


def test_no_json_and_another_type_are_kept_too(world, shop):
    caller = a_key(world)
    answer = caller.answer("POST", "/conversions", data=b"{", content_type="application/json")
    assert answer.status_code == 400
    page(world).sees("The body is not JSON.")
    answer = caller.answer("POST", "/conversions", data=b"a=1", content_type="text/plain")
    assert answer.status_code == 415
    page(world).sees("Send the body as application/json.")
    big = b" " * 1_000_001
    answer = caller.answer("POST", "/conversions", data=big, content_type="application/json")
    assert answer.status_code == 413
    page(world).sees("larger than 1 MB")


def test_a_flood_of_refusals_keeps_a_hundred(world, shop):
    caller = a_key(world)
    for number in range(103):
        caller.posts("/conversions", told(str(number), is_paid="yes"), expect=422)
    assert db.session.query(InboundEvent).count() == 100


def test_a_mistyped_key_is_named(world, shop):
    caller = a_key(world)
    Caller(world.app, "vouch_" + "x" * 40).posts("/conversions", told(), expect=401)
    page(world).sees("Nothing has arrived yet.", "nobody can say whose")
    Caller(world.app, caller.token[:-3] + "zzz").posts("/conversions", told(), expect=401)
    page(world).sees("A call arrived, but its key opens nothing.", "was not copied whole")
    caller.posts("/conversions", told())
    assert is_green(world)


def test_a_revoked_key_is_named(world, shop):
    caller = a_key(world)
    caller.posts("/conversions", told())
    key_id = db.session.query(ApiKey).one().id
    with unit_of_work():
        api.revoke_key(key_id, by=None)
    caller.posts("/conversions", told(), expect=401)
    page(world).sees("A call arrived, but its key opens nothing.", "it was revoked")


def test_a_key_without_the_right_is_named(world):
    a_caller(world, world.glow, "orders:read", name="Reader").posts(
        "/conversions", told(), expect=403
    )
    page(world).sees("The key “Reader” lacks the scope orders:write.", "nothing was recorded")


def test_switched_off_refuses_and_keeps_and_is_read_again(world, shop):
    caller = a_key(world)
    page(world).presses("Switch this shop off").sees("409")
    caller.posts("/conversions", told(), expect=409)
    page(world).presses("Switch this shop on")
    event = page(world).follows("Look at this message").sees("switched this shop off")
    event.presses("Read it again")
    world.settle()
    assert db.session.query(Order).one().external_id == "1001"
    assert is_green(world)


def test_two_shops_of_one_brand_keep_their_orders_apart(world, shop):
    first = a_key(world)
    world.mona.opens(f"{SHOPS}/connect/api").fills("Name of the shop", "Second").presses("Continue")
    second = a_key(world)
    first.posts("/conversions", told())
    second.posts("/conversions", told(amount_minor=100))
    a_caller(world, world.glow).posts("/conversions", told(amount_minor=7))
    assert sorted(order.base_minor for order in db.session.query(Order)) == [7, 100, 8000]


def test_a_shops_key_reads_nothing_of_another_shop(world, shop):
    first = a_key(world)
    world.mona.opens(f"{SHOPS}/connect/api").fills("Name of the shop", "Second").presses("Continue")
    second = a_key(world)
    amount = told()["subtotal"]
    for one in (first, second):
        one.posts("/refunds", {"order_id": "1001", "refund_id": "r", "amount": amount})
    theirs = first.posts("/conversions", told())["id"]
    mine = second.posts("/conversions", told())["id"]
    assert [one["id"] for one in second.gets("/conversions", order_id="1001")["data"]] == [mine]
    assert [one["conversion"] for one in second.gets("/refunds")["data"]] == [mine]
    assert second.gets("/refunds", conversion=theirs)["data"] == []
    second.gets(f"/conversions/{theirs}", expect=404)
    assert len(a_caller(world, world.glow).gets("/conversions")["data"]) == 2


def test_two_shops_of_one_brand_may_use_the_same_idempotency_key(world, shop):
    first = a_key(world)
    world.mona.opens(f"{SHOPS}/connect/api").fills("Name of the shop", "Second").presses("Continue")
    second, third = a_key(world), a_caller(world, world.glow)
    made = {one.posts("/conversions", told(), key="1001")["id"] for one in (first, second, third)}
    assert len(made) == 3, "the shops number their orders alike, and all three are recorded"
    second.posts("/conversions", told("1002"), key="1002")
    first.posts("/conversions", told("1002", amount_minor=5), key="1002")
    assert first.posts("/conversions", told(), key="1001")["id"] in made
    assert db.session.query(Order).count() == 5


def test_who_may(world, shop):
    here = f"/brand/glow/settings/api/shop/{connection(world).public_id}"
    page(world)
    world.rosa.opens(f"{SHOPS}/{connection(world).public_id}").sees("A manager creates it here.")
    assert world.rosa.browser.client.post(here).status_code in (400, 403)
    world.rae.opens(f"{SHOPS}/{connection(world).public_id}", status=404)


def test_its_page_asks_little(world, shop):
    keeps_budget(world.mona.browser, f"{SHOPS}/{connection(world).public_id}", most=14)
