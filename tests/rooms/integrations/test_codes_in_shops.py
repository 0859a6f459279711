"""Codes in real shops' interfaces: put in, changed, taken out; taken, refused, unreachable, slow."""

from datetime import timedelta

import pytest

from portal.demo.stripe_simulator import running
from portal.integrations import code_commands, code_queries, shop_commands, shop_queries
from portal.integrations.models import AccessState, CodeSync, SyncState
from portal.integrations.shop_apis import ShopApis
from portal.integrations.stripe.shop import StripeShop
from portal.jobs import worker
from portal.jobs.registry import registry
from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.sales import commands as sales
from portal.sales.models import Connection, Order, Source
from portal.schedule import job_functions
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import commands as tracking
from portal.tracking import queries as codes
from portal.tracking.code_commands import change_validity
from portal.tracking.validity_rules import Validity
from tests.support import shopify_shop, standing_in, woocommerce_shop
from tests.support.hooks import Poster
from tests.support.people import a_program, an_ambassador

RESTRICTED = "rk_test_portal_tests"
WITH_ADDRESS = ["shopify", "woocommerce"]  # Stripe has one for all, and takes any test key there


class StripeAccount:
    """The simulator, seen as the two shops are."""

    def __init__(self, base_url):
        self.base_url = base_url
        self.api = StripeShop(RESTRICTED, base_url)

    def listed(self):
        return list(self.api._client.v1.promotion_codes.list({"limit": 100}).data)

    def codes(self):
        return {one.code for one in self.listed() if one.active}

    def by_hand(self, code):
        coupon = self.api._client.v1.coupons.create({"percent_off": 50, "duration": "once"}).id
        asked = {"promotion": {"type": "coupon", "coupon": coupon}, "code": code}
        self.api._client.v1.promotion_codes.create(asked)


@pytest.fixture(params=["shopify", "woocommerce", "stripe"])
def source(request):
    return Source(request.param)


@pytest.fixture
def shop(app, source):
    if source is Source.STRIPE:
        with running() as base_url:
            yield StripeAccount(base_url)
        return
    made = (
        shopify_shop.ShopifyShop()
        if source is Source.SHOPIFY
        else woocommerce_shop.WooCommerceShop()
    )
    with standing_in.serving(made):
        yield made


@pytest.fixture(autouse=True)
def wiring(app, shop):
    """The app's own wiring, with Stripe at the simulator."""
    settings, adapters = app.config["PORTAL"], app.extensions["portal.adapters"]
    base = shop.base_url if isinstance(shop, StripeAccount) else "http://127.0.0.1:9"
    changed = type(adapters)(adapters.rails, adapters.mailer, ShopApis(base, allows_loopback=True))
    before = registry.functions
    registry.functions = job_functions(settings, changed)
    yield
    registry.functions = before


def opened(world, source, shop, **changes):
    """The brand's connection with a key to the shop."""
    brand_id = world.glow.id
    keys = {
        Source.SHOPIFY: {"key": "", "secret": shopify_shop.TOKEN},
        Source.WOOCOMMERCE: {"key": woocommerce_shop.KEY, "secret": woocommerce_shop.SECRET},
        Source.STRIPE: {"key": "", "secret": RESTRICTED},
    }[source]
    with unit_of_work():
        made = shop_commands.connect(brand_id, source, "glow.example", by=None)
        shop_commands.set_secret(made.id, "whsec_0123456789", by=None)
        values = {"address": shop.base_url, **keys, **changes}
        shop_commands.set_access(made.id, **values, allows_http=True, by=None)
    worker.drain()
    db.session.remove()
    return made


def upper(found):
    return {code.upper() for code in found}


def sync_of(code):
    db.session.remove()
    (found,) = code_queries.of_code(code.id)
    return found


def code_of(ambassador):
    return codes.codes_of_ambassador(ambassador.id)[0]


def test_a_code_goes_in_changes_and_comes_out(world, source, shop):
    program = a_program(world.glow)
    ada = code_of(an_ambassador(program, "Ada"))
    opened(world, source, shop)
    assert upper(shop.codes()) == {"ADA15"}, "what worked before the key came is put in"
    eva = code_of(an_ambassador(program, "Eva"))
    worker.drain()
    assert upper(shop.codes()) == {"ADA15", "EVA15"}
    assert sync_of(eva).state is SyncState.IN_SHOP
    with unit_of_work():
        tracking.pause_code(ada.id, "leaked", by=None)
    worker.drain()
    assert (upper(shop.codes()), sync_of(ada).state) == ({"EVA15"}, SyncState.ENDED)
    with unit_of_work():
        tracking.resume_code(ada.id, by=None)
    worker.drain()
    assert (upper(shop.codes()), sync_of(ada).state) == ({"ADA15", "EVA15"}, SyncState.IN_SHOP)
    with unit_of_work():
        tracking.retire_code(ada.id, "gone", by=None)
    worker.drain()
    assert upper(shop.codes()) == {"EVA15"}


def bounds(source, shop):
    """Each working code's limit and end, as the shop holds them; nothing where there is none."""
    if source is Source.STRIPE:
        return [(one.max_redemptions, one.expires_at) for one in shop.listed() if one.active]
    if source is Source.WOOCOMMERCE:
        rows = shop.coupons.values()
        return [(one["usage_limit"] or None, one["date_expires"] or None) for one in rows]
    return [(one["limit"], one["ends"]) for one in shop.discounts.values()]


def test_a_codes_end_and_limit_follow_it_and_can_be_lifted(world, source, shop):
    ada = code_of(an_ambassador(a_program(world.glow), "Ada"))
    opened(world, source, shop)
    ends = clock.now().replace(microsecond=0) + timedelta(days=20)
    written = {
        Source.SHOPIFY: ends.isoformat(), Source.STRIPE: int(ends.timestamp()),
        Source.WOOCOMMERCE: f"{ends:%Y-%m-%dT%H:%M:%SZ}",
    }  # fmt: skip
    assert bounds(source, shop) == [(None, None)]
    for validity, held in (
        (Validity(None, ends, 30), (30, written[source])),
        (Validity(), (None, None)),
    ):
        with unit_of_work():
            change_validity(ada.id, validity, by=None)
        worker.drain()
        assert bounds(source, shop) == [held]
        assert sync_of(ada).state is SyncState.IN_SHOP


def test_what_changed_while_the_shop_was_off_is_told_when_it_is_on(world, source, shop):
    program = a_program(world.glow)
    ada = code_of(an_ambassador(program, "Ada"))
    made = opened(world, source, shop)
    with unit_of_work():
        shop_commands.set_active(made.id, False, by=None)
        tracking.retire_code(ada.id, "gone", by=None)
    an_ambassador(program, "Eva")
    worker.drain()
    assert upper(shop.codes()) == {"ADA15"}
    with unit_of_work():
        shop_commands.set_active(made.id, True, by=None)
    worker.drain()
    assert (upper(shop.codes()), sync_of(ada).state) == ({"EVA15"}, SyncState.ENDED)


@pytest.mark.parametrize("is_answered", [True, False], ids=["answered", "answer-lost"])
def test_a_slow_push_that_a_newer_wish_overtook_has_not_the_last_word(
    world, source, shop, is_answered
):
    ada = code_of(an_ambassador(a_program(world.glow), "Ada"))
    opened(world, source, shop)
    with unit_of_work():
        code_commands.retry(sync_of(ada).id, by=None)
    before = sync_of(ada)
    sync_id, wanted = before.id, before.wanted
    slow = code_queries.push(sync_id, wanted)
    with unit_of_work():
        tracking.pause_code(ada.id, "leaked", by=None)
    worker.drain()
    assert (upper(shop.codes()), sync_of(ada).state) == (set(), SyncState.ENDED)
    reference = registry.functions["integrations.push_code"].keywords["shops"].of(slow.reach).put(
        slow.wanted, slow.reference, "slow"
    )  # fmt: skip
    assert upper(shop.codes()) == {"ADA15"}, "the slow call came to the shop last"
    with unit_of_work():
        if is_answered:
            code_commands.settled(sync_id, wanted, reference, is_working=True)
        else:
            code_commands.not_reached(sync_id, wanted, "no answer")
    worker.drain()
    assert (upper(shop.codes()), sync_of(ada).state) == (set(), SyncState.ENDED)


def test_a_code_already_taken_is_said_and_tried_again(world, source, shop):
    shop.by_hand("ADA15")
    ada = code_of(an_ambassador(a_program(world.glow), "Ada"))
    opened(world, source, shop)
    refused = sync_of(ada)
    assert refused.state is SyncState.REFUSED
    assert "ADA15 exists in" in refused.problem
    assert "another discount" in refused.problem
    page = world.mona.opens("/brand/glow/shops/codes?status=refused")
    page.sees("ADA15", "another discount").presses("Try again").sees("tried again now")
    worker.drain()
    assert sync_of(ada).state is SyncState.REFUSED


def test_the_same_push_twice_makes_one_discount(world, source, shop):
    ada = code_of(an_ambassador(a_program(world.glow), "Ada"))
    opened(world, source, shop)
    with unit_of_work():
        sync = db.session.get(CodeSync, sync_of(ada).id)
        sync.reference = ""  # the answer got lost before it was written down
        code_commands.retry(sync.id, by=None)
    worker.drain()
    assert sync_of(ada).state is SyncState.IN_SHOP
    assert upper(shop.codes()) == {"ADA15"}


@pytest.mark.parametrize("source", WITH_ADDRESS, indirect=True)
def test_a_wrong_key_is_said(world, source, shop):
    made = opened(world, source, shop, secret="wrong-key-0000")
    access = shop_queries.access_of(made.id)
    assert access.state is AccessState.REFUSED
    assert "does not accept this" in access.problem
    page = world.mona.opens(f"/brand/glow/shops/{made.public_id}")
    page.sees("Refused", "does not accept this")
    assert "wrong-key" not in str(page.page)


@pytest.mark.parametrize("source", WITH_ADDRESS, indirect=True)
def test_a_shop_that_cannot_be_reached_is_tried_again_later(world, source, shop):
    ada = code_of(an_ambassador(a_program(world.glow), "Ada"))
    opened(world, source, shop)
    shop.faults = [503]
    with unit_of_work():
        tracking.pause_code(ada.id, "leaked", by=None)
    worker.drain()
    waits = sync_of(ada)
    assert waits.state is SyncState.UNREACHABLE
    assert waits.next_try_at == clock.now() + timedelta(seconds=30)
    assert upper(shop.codes()) == {"ADA15"}
    clock.pass_days(1)
    worker.drain()
    assert (upper(shop.codes()), sync_of(ada).state) == (set(), SyncState.ENDED)


@pytest.mark.parametrize("source", WITH_ADDRESS, indirect=True)
def test_a_removed_address_is_said(world, source, shop):
    made = opened(world, source, shop, address="http://glow-shop.invalid")
    access = shop_queries.access_of(made.id)
    assert access.state is AccessState.UNREACHABLE
    assert access.problem == "glow-shop.invalid could not be found."


@pytest.mark.parametrize("source", WITH_ADDRESS, indirect=True)
def test_an_answer_lost_on_the_way_makes_no_second_discount(world, source, shop):
    opened(world, source, shop)
    ada = code_of(an_ambassador(a_program(world.glow), "Ada"))
    shop.faults = ["drop"]
    worker.drain()
    assert sync_of(ada).state is SyncState.UNREACHABLE
    clock.pass_days(1)
    worker.drain()
    assert sync_of(ada).state is SyncState.IN_SHOP
    assert upper(shop.codes()) == {"ADA15"}


@pytest.mark.parametrize("source", [Source.SHOPIFY], indirect=True)
def test_shopify_throttles_by_cost_and_names_a_missing_scope(world, source, shop):
    made = opened(world, source, shop)
    ada = code_of(an_ambassador(a_program(world.glow), "Ada"))
    shop.is_throttled = 1
    worker.drain()
    assert sync_of(ada).state is SyncState.UNREACHABLE
    assert "slow down" in sync_of(ada).problem
    shop.scopes.remove("write_discounts")
    with unit_of_work():
        code_commands.retry(sync_of(ada).id, by=None)
        shop_commands.set_access(
            made.id, shop.base_url, "", shopify_shop.TOKEN, allows_http=True, by=None
        )
    worker.drain()
    assert "write_discounts" in shop_queries.access_of(made.id).problem
    assert "write_discounts" in sync_of(ada).problem


@pytest.mark.parametrize("source", [Source.WOOCOMMERCE], indirect=True)
def test_woocommerce_names_a_key_that_may_only_read(world, source, shop):
    opened(world, source, shop)
    ada = code_of(an_ambassador(a_program(world.glow), "Ada"))
    shop.is_read_only = True
    worker.drain()
    assert "may only read" in sync_of(ada).problem


@pytest.mark.parametrize("source", [Source.STRIPE], indirect=True)
@pytest.mark.parametrize("is_ours", [True, False], ids=["ours", "made-by-hand"])
def test_a_checkout_that_names_a_promotion_by_its_id_is_known_by_its_code(
    world, source, shop, is_ours
):
    """Stripe names `promo_…`, never the code: ours are known, others are asked for."""
    made = opened(world, source, shop)
    if is_ours:
        an_ambassador(a_program(world.glow), "Ada")
        worker.drain()
    else:
        shop.by_hand("ADA15")
    (promotion,) = shop.listed()
    session = {
        "id": "cs_1", "object": "checkout.session", "mode": "payment", "status": "complete",
        "payment_status": "paid", "currency": "usd", "amount_subtotal": 8000,
        "amount_total": 6800, "created": int(clock.now().timestamp()),
        "discounts": [{"coupon": None, "promotion_code": promotion.id}],
        "total_details": {"amount_discount": 1200, "amount_shipping": 0, "amount_tax": 0},
    }  # fmt: skip
    event = {
        "id": "evt_1", "object": "event", "type": "checkout.session.completed",
        "created": int(clock.now().timestamp()), "data": {"object": session},
    }  # fmt: skip
    secret = db.session.get(Connection, made.id).secret
    assert Poster(world.app, "stripe", made.public_id, secret).posts(event).status_code == 200
    worker.drain()
    db.session.remove()
    assert db.session.query(Order).one().codes == ["ADA15"]


@pytest.mark.parametrize("source", [Source.WOOCOMMERCE], indirect=True)
def test_a_key_forgotten_meanwhile_and_a_shop_that_has_none(world, source, shop):
    made = opened(world, source, shop)
    ada = code_of(an_ambassador(a_program(world.glow), "Ada"))
    worker.drain()
    sync_id = sync_of(ada).id
    page = world.mona.opens(f"/brand/glow/shops/{made.public_id}").sees("Key works", "ends in cdef")
    page.presses("Forget this key").sees("Codes already in the shop stay there.")
    with unit_of_work():
        code_commands.settled(sync_id, 1, "late", is_working=True)
        code_commands.refused(sync_id, 1, "late")
        code_commands.not_reached(sync_id, 1, "late")
        files = sales.csv_connection(world.glow.id)
        with pytest.raises(InvalidInput, match="no interface of its own"):
            shop_commands.set_access(files, "", "", "key", allows_http=True, by=None)
    assert upper(shop.codes()) == {"ADA15"}


def test_the_webhooks_are_made_with_the_key(world, source, shop):
    """Twice, since somebody will press it twice; then an order arrives signed as agreed."""
    made = opened(world, source, shop)
    page = world.mona.opens(f"/brand/glow/shops/{made.public_id}")
    for _ in range(2):
        page.presses("Make the webhooks for me").sees("asked to make its webhooks")
        worker.drain()
    hook = f"http://localhost/hooks/{source.value}/{made.public_id}"
    db.session.remove()
    secret = db.session.get(Connection, made.id).secret
    if source is Source.SHOPIFY:
        assert {uri for _, uri in shop.subscriptions} == {hook}
        assert len(shop.subscriptions) == 4
        page.opens(page.url).sees("API secret key")
        return
    if source is Source.WOOCOMMERCE:
        told = [
            (one["topic"], one["delivery_url"], one["secret"]) for one in shop.webhooks.values()
        ]
        assert told == [
            (f"order.{what}", hook, secret) for what in ("created", "updated", "deleted")
        ]
    else:
        (endpoint,) = shop.api._client.v1.webhook_endpoints.list().data
        assert endpoint.url == hook
        assert secret.startswith("whsec_")
    post = Poster(world.app, source.value, made.public_id, secret)
    assert post.posts({"id": "evt_9", "object": "event", "type": "x.y", "data": {"object": {}}},
                      "order.updated", event_id="w1").status_code == 200  # fmt: skip
