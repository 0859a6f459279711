"""P9: what webhooks lost is found by reading the shop again, reported, and ends in the same books."""

import random
from datetime import timedelta

import pytest

from portal.integrations import jobs, reading_commands, reading_queries, shop_commands
from portal.integrations.models import InboundEvent, Reconciliation, ReconciliationState
from portal.integrations.shop_apis import ShopApis
from portal.jobs import worker
from portal.kernel import clock
from portal.kernel.pages import PageRequest
from portal.sales.models import Connection, Order, Refund, Source
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support import shopify_shop, standing_in, woocommerce_shop
from tests.support.hooks import Poster
from tests.support.shopify_shop import Sold, refund_of, webhook_of

SHOPS = ShopApis(allows_loopback=True)
SECRET = "a-signing-secret"
ORDERS, SEED = 120, 20260302


def connect(brand, source, address, key, token):
    with unit_of_work():
        made = shop_commands.connect(brand.id, source, "glow.example", by=None)
        shop_commands.set_secret(made.id, SECRET, by=None)
        shop_commands.set_access(made.id, address, key, token, allows_http=True, by=None)
    worker.drain()
    db.session.remove()
    return made.id, made.public_id


def books(connection_id):
    """What every order came to, and what was taken back of it."""
    db.session.remove()
    rows = db.session.query(Order).filter(Order.connection_id == connection_id)
    return {
        one.external_id: (one.base_minor, one.taken_back_minor, one.is_cancelled) for one in rows
    }


def last_reading(brand):
    db.session.remove()
    return reading_queries.listing(brand.id, PageRequest()).rows[0][0]


def minor(amount: str) -> int:
    return int(amount.replace(".", ""))


class Shopify:
    """A Shopify shop whose webhooks lose one in ten."""

    source, address_key, token = Source.SHOPIFY, "", shopify_shop.TOKEN

    def __init__(self):
        self.stand_in = shopify_shop.ShopifyShop()

    def trades(self, chance: random.Random) -> list[tuple[str, dict]]:
        """A month's beginning of orders, refunds and cancellations: every webhook it would send."""
        told, now = [], clock.now() - timedelta(days=2)
        for number in range(5001, 5001 + ORDERS):
            order = Sold(number, f"{chance.randint(10, 90)}.{chance.randint(10, 99)}", now)
            now += timedelta(minutes=7)
            self.stand_in.orders[number] = order
            told.append(("orders/create", webhook_of(order)))
            if chance.random() < 0.3:
                order.updated_at = now
                order.refunds.append((number * 100, f"{chance.randint(1, 9)}.50"))
                told.append(("refunds/create", refund_of(order, *order.refunds[-1])))
                told.append(("orders/updated", webhook_of(order)))
            elif chance.random() < 0.1:
                order.updated_at, order.is_cancelled = now, True
                told.append(("orders/cancelled", webhook_of(order)))
        return told

    def true_books(self):
        return {
            str(one.number): (
                minor(one.price), sum(minor(amount) for _, amount in one.refunds), one.is_cancelled
            )
            for one in self.stand_in.orders.values()
        }  # fmt: skip


class WooCommerce:
    """A WooCommerce shop whose webhooks lose one in ten; refunds come inside their orders."""

    source, address_key, token = Source.WOOCOMMERCE, woocommerce_shop.KEY, woocommerce_shop.SECRET

    def __init__(self):
        self.stand_in = woocommerce_shop.WooCommerceShop()

    def trades(self, chance: random.Random) -> list[tuple[str, dict]]:
        told, now = [], clock.now() - timedelta(days=2)
        for number in range(700, 700 + ORDERS):
            total = f"{chance.randint(10, 90)}.{chance.randint(10, 99)}"
            told.append(("order.created", dict(self.stand_in.sells(number, total, now))))
            now += timedelta(minutes=7)
            if chance.random() < 0.3:
                amount = f"{chance.randint(1, 9)}.50"
                order = self.stand_in.gives_back(number, number * 100, amount, now)
                told.append(("order.updated", dict(order)))
        return told

    def true_books(self):
        return {
            str(number): (
                minor(order["total"]),
                sum(minor(one["total"].lstrip("-")) for one in order["refunds"]),
                False,
            )
            for number, order in self.stand_in.orders.items()
        }


@pytest.fixture(params=[Shopify, WooCommerce], ids=["shopify", "woocommerce"])
def shop(request):
    made = request.param()
    with standing_in.serving(made.stand_in):
        yield made


def test_P9_one_in_ten_webhooks_lost_and_all_found(world, shop):
    brand = world.glow
    connection_id, door = connect(
        brand, shop.source, shop.stand_in.base_url, shop.address_key, shop.token
    )
    chance = random.Random(SEED)
    post = Poster(world.app, shop.source.value, door, SECRET)
    told = shop.trades(chance)
    lost = 0
    for place, (topic, message) in enumerate(told):
        if chance.random() < 0.1:
            lost += 1
            continue
        assert post.posts(message, topic, event_id=f"w{place}").status_code == 200
    worker.drain()
    before, truth = books(connection_id), shop.true_books()
    assert lost
    assert before != truth
    jobs.reconcile(connection_id, SHOPS)
    assert books(connection_id) == truth
    reading = last_reading(brand)
    differing = {number for number in truth if before.get(number) != truth[number]}
    assert reading.state is ReconciliationState.DONE
    assert {one["external_id"] for one in reading.missing if one["what"] == "Order"} == (
        truth.keys() - before.keys()
    )
    assert reading.missed >= len(differing)
    _a_second_reading_finds_nothing(brand, connection_id)
    page = world.mona.opens(f"/brand/glow/shops/readings/{reading.public_id}")
    page.sees("Missed by webhooks", "No webhook had told of it.")


def _a_second_reading_finds_nothing(brand, connection_id):
    kept = db.session.query(InboundEvent).count()
    jobs.reconcile(connection_id, SHOPS)
    second = last_reading(brand)
    assert (second.missed, second.missing) == (0, [])
    assert db.session.query(InboundEvent).count() == kept


def test_what_we_read_ourselves_proves_no_signature(world):
    shop = shopify_shop.ShopifyShop()
    with standing_in.serving(shop):
        connection_id, door = connect(
            world.glow, Source.SHOPIFY, shop.base_url, "", shopify_shop.TOKEN
        )
        order = shop.orders[1] = Sold(1, "10.00", clock.now() - timedelta(hours=2))
        post = Poster(world.app, "shopify", door, "another-secret")
        assert post.posts(webhook_of(order), "orders/create", event_id="w1").status_code == 401
        jobs.reconcile(connection_id, SHOPS)
    assert len(books(connection_id)) == 1
    world.mona.opens(f"/brand/glow/shops/{door}").sees("its signature does not match")


def test_a_shop_that_fails_half_way_is_read_again_from_the_same_moment(world):
    shop = shopify_shop.ShopifyShop()
    with standing_in.serving(shop):
        connection_id, _ = connect(
            world.glow, Source.SHOPIFY, shop.base_url, "", shopify_shop.TOKEN
        )
        for number in range(40):
            shop.orders[number] = Sold(number, "10.00", clock.now() - timedelta(hours=2))
        shop.faults = [429]
        jobs.reconcile(connection_id, SHOPS)
        failed = last_reading(world.glow)
        assert failed.state is ReconciliationState.FAILED
        assert "slow down" in failed.problem
        jobs.reconcile(connection_id, SHOPS)
        assert len(books(connection_id)) == 40
        assert last_reading(world.glow).missed == 40


def test_an_order_changed_while_its_shop_is_read_hides_no_other(world):
    class Busy(woocommerce_shop.WooCommerceShop):
        """An order of the first page changes as soon as that page was answered."""

        def answer(self, asked):
            found = super().answer(asked)
            if asked.query.get("page") == "1":
                now = f"{clock.now():%Y-%m-%dT%H:%M:%S}"
                self.orders[1] = {**self.orders[1], "date_modified_gmt": now}
            return found

    shop = Busy()
    with standing_in.serving(shop):
        connection_id, _ = connect(
            world.glow, Source.WOOCOMMERCE, shop.base_url, woocommerce_shop.KEY,
            woocommerce_shop.SECRET,
        )  # fmt: skip
        for number in range(1, 61):
            shop.sells(number, "10.00", clock.now() - timedelta(hours=2))
        jobs.reconcile(connection_id, SHOPS)
    assert books(connection_id).keys() == {str(number) for number in range(1, 61)}


def test_a_short_reading_asked_for_leaves_no_gap_before_it(world):
    shop = shopify_shop.ShopifyShop()
    with standing_in.serving(shop):
        connection_id, _ = connect(
            world.glow, Source.SHOPIFY, shop.base_url, "", shopify_shop.TOKEN
        )
        jobs.reconcile(connection_id, SHOPS)
        shop.orders[1] = Sold(1, "10.00", clock.now() + timedelta(days=1))
        clock.pass_days(4)
        jobs.reconcile(connection_id, SHOPS, days=1)
        assert books(connection_id) == {}
        jobs.reconcile(connection_id, SHOPS)
        assert list(books(connection_id)) == ["1"]


def test_a_reading_that_was_interrupted_does_not_run_for_ever(world):
    shop = shopify_shop.ShopifyShop()
    with standing_in.serving(shop):
        connection_id, _ = connect(
            world.glow, Source.SHOPIFY, shop.base_url, "", shopify_shop.TOKEN
        )
        with unit_of_work():
            cut_off = reading_commands.start(connection_id).id
        jobs.reconcile(connection_id, SHOPS)
    db.session.remove()
    found = db.session.get(Reconciliation, cut_off)
    assert (found.state, found.problem) == (ReconciliationState.FAILED, "It was interrupted.")


def test_a_person_asks_and_the_schedule_asks(world):
    shop = shopify_shop.ShopifyShop()
    with standing_in.serving(shop):
        connection_id, public_id = connect(
            world.glow, Source.SHOPIFY, shop.base_url, "", shopify_shop.TOKEN
        )
        shop.orders[1] = Sold(1, "10.00", clock.now() - timedelta(days=20))
        page = world.mona.opens("/brand/glow/shops/readings")
        page.fills("Shop", public_id).fills("How far back", "29").presses("Read again")
        worker.drain()
        assert list(books(connection_id)) == ["1"]
        clock.pass_days(1)
        jobs.reconcile_due()
        worker.drain()
        world.mona.opens("/brand/glow/shops/readings").sees("Done")
        assert db.session.query(Connection).count() == 1
        assert db.session.query(Refund).count() == 0


def test_without_a_key_there_is_nothing_to_read(world):
    brand = world.glow
    with unit_of_work():
        made = shop_commands.connect(brand.id, Source.SHOPIFY, "glow.example", by=None)
    jobs.reconcile(made.id, SHOPS)
    page = world.mona.opens("/brand/glow/shops/readings")
    page.sees("No shop was read again yet").does_not_see("Read one again now")
