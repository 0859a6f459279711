"""Who a key is, what it opens, how often, and what a repeated request gets."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.api import commands, jobs, queries, rules
from portal.api.doors import meter
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.sales.models import Order
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.callers import Caller, a_caller, told

DOORS = [("GET", "/me", "any"), ("GET", "/conversions", "orders:read"),
         ("POST", "/conversions", "orders:write"), ("GET", "/refunds", "orders:read"),
         ("POST", "/refunds", "orders:write"), ("GET", "/ambassadors", "ambassadors:read"),
         ("POST", "/ambassadors/amb_x/pause", "ambassadors:write"), ("GET", "/codes", "codes:read"),
         ("POST", "/codes", "codes:write"), ("POST", "/codes/code_x/retire", "codes:write"),
         ("GET", "/links", "links:read"), ("POST", "/links", "links:write"),
         ("GET", "/reports/clicks", "reports:read"),
         ("GET", "/reports/earnings", "reports:read")]  # fmt: skip


def test_a_key_says_whose_it_is(world):
    shop = a_caller(world, world.glow, "orders:read", name="Checkout")
    me = shop.gets("/me")
    assert (me["brand"], me["key_name"], me["scopes"]) == ("glow", "Checkout", ["orders:read"])


@pytest.mark.parametrize(("method", "path", "scope"), DOORS)
def test_without_a_key_every_door_is_shut(world, method, path, scope):
    nobody = Caller(world.app, "vouch_" + "a" * 40)
    answer = nobody.answer(method, path)
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("method", "path", "scope"), DOORS)
def test_a_key_without_the_scope_is_told_403(world, method, path, scope):
    if scope == rules.ANY:
        return
    others = [one for one in rules.SCOPES if one != scope]
    answer = a_caller(world, world.glow, *others).answer(method, path)
    assert answer.status_code == 403
    assert scope in answer.get_json()["detail"]


def test_a_signed_in_manager_opens_none_of_these_doors(world):
    assert world.mona.browser.client.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("header", ["", "Bearer", "Basic eDp5", "Bearer vouch_", "Bearer \u00e9"])
def test_an_odd_authorization_is_no_key(world, header):
    answer = world.app.test_client().get("/api/v1/me", headers={"Authorization": header})
    assert answer.status_code == 401


def test_only_the_hash_is_stored(world):
    brand_id = world.glow.id
    with unit_of_work():
        key, token = commands.create_key(brand_id, "Shop", ["orders:read"], by=None)
    assert token not in str(vars(key))
    assert key.masked == f"{token[:10]}…{token[-4:]}"


def test_a_rotated_key_goes_on_for_its_overlap(world):
    brand_id = world.glow.id
    with unit_of_work():
        key, token = commands.create_key(brand_id, "Shop", ["orders:read"], by=None)
    with unit_of_work():
        _, fresh = commands.rotate_key(key.id, 24, by=None)
    old, new = Caller(world.app, token), Caller(world.app, fresh)
    assert old.gets("/me")["scopes"] == new.gets("/me")["scopes"]
    clock.pass_time(timedelta(hours=24))
    old.gets("/me", expect=401)
    new.gets("/me")
    with unit_of_work(), pytest.raises(Conflict):
        commands.rotate_key(key.id, 24, by=None)
    with unit_of_work(), pytest.raises(InvalidInput):
        commands.rotate_key(key.id, 5, by=None)


def test_a_revoked_key_is_refused_from_then_on(world):
    shop = a_caller(world, world.glow)
    shop.gets("/me")
    [key] = queries.keys_of(world.glow.id)
    with unit_of_work():
        commands.revoke_key(key.id, by=None)
    shop.gets("/me", expect=401)
    with unit_of_work(), pytest.raises(Conflict):
        commands.revoke_key(key.id, by=None)


def test_scopes_that_do_not_exist_are_refused(world):
    brand_id = world.glow.id
    for scopes in ([], ["everything"]):
        with unit_of_work(), pytest.raises(InvalidInput):
            commands.create_key(brand_id, "Shop", scopes, by=None)


def test_last_use_is_taken_in_by_the_worker(world):
    shop = a_caller(world, world.glow)
    shop.gets("/me")
    jobs.note_use(world.app.config["PORTAL"].data)
    db.session.expire_all()
    [key] = queries.keys_of(world.glow.id)
    assert key.last_used_at == clock.now()


def test_too_many_requests_are_told_how_long_to_wait(world):
    shop, other = a_caller(world, world.glow), a_caller(world, world.glow)
    settings = world.app.config["PORTAL"]
    world.app.config["PORTAL"] = replace(settings, api_per_minute=3)
    try:
        answers = [shop.answer("GET", "/me") for _ in range(5)]
        refused = answers[-1]
        assert refused.status_code == 429
        assert 0 < int(refused.headers["Retry-After"]) <= 60
        assert refused.mimetype == "application/problem+json"
        other.gets("/me")
    finally:
        world.app.config["PORTAL"] = settings
        meter.forget()


# ---- repeated requests
def test_a_repeated_request_gets_the_first_answer_and_has_one_effect(world):
    shop = a_caller(world, world.glow)
    first = shop.posts("/conversions", told(), key="k1")
    clock.pass_days(1)
    again = shop.answer("POST", "/conversions", json=told(), headers={"Idempotency-Key": "k1"})
    assert (again.status_code, again.get_json()) == (201, first)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert db.session.query(Order).count() == 1


def test_the_same_key_for_another_request_is_refused(world):
    shop = a_caller(world, world.glow)
    shop.posts("/conversions", told(), key="k1")
    shop.posts("/conversions", told("1002"), expect=409, key="k1")
    shop.posts("/refunds", {"order_id": "1001", "refund_id": "r", "amount": told()["subtotal"]},
               expect=409, key="k1")  # fmt: skip
    assert db.session.query(Order).count() == 1


def test_a_refused_request_is_not_kept(world):
    shop = a_caller(world, world.glow)
    shop.posts("/conversions", {"order_id": "1"}, expect=422, key="k1")
    shop.posts("/conversions", told(), key="k1")


def test_brands_do_not_share_idempotency_keys(world):
    first = a_caller(world, world.glow).posts("/conversions", told(), key="k1")
    assert a_caller(world, world.rival).posts("/conversions", told(), key="k1") != first


def test_a_rotated_key_repeats_its_predecessors_requests(world):
    first = a_caller(world, world.glow).posts("/conversions", told(), key="k1")
    assert a_caller(world, world.glow).posts("/conversions", told(), key="k1") == first


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256])
def test_an_idempotency_key_is_plain(world, key):
    answer = a_caller(world, world.glow).answer(
        "POST", "/conversions", json=told(), headers={"Idempotency-Key": key}
    )
    assert answer.status_code == 400


def test_answers_are_forgotten_after_thirty_days(world):
    shop = a_caller(world, world.glow)
    shop.posts("/conversions", told(), key="k1")
    clock.pass_days(31)
    jobs.forget_answers()
    assert shop.posts("/conversions", told(), key="k1", expect=200)["order_id"] == "1001"


# ---- problems
@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("GET", "/nothing", {}, 404),
        ("DELETE", "/conversions", {}, 405),
        ("GET", "/conversions/ord_nothing", {}, 404),
        ("GET", "/conversions/%00", {}, 404),
        ("GET", "/codes/%F0%9F%8D%95", {}, 404),
        ("GET", "/links/" + "a" * 5000, {}, 404),
        ("POST", "/conversions", {"data": "{", "content_type": "application/json"}, 400),
        ("POST", "/conversions", {"data": b"\xff\xfe", "content_type": "application/json"}, 400),
        ("POST", "/conversions", {"data": "[]", "content_type": "application/json"}, 422),
        ("POST", "/conversions", {"data": "a=1"}, 415),
        (
            "POST",
            "/conversions",
            {"data": "x" * 1_000_001, "content_type": "application/json"},
            413,
        ),
    ],
)
def test_every_refusal_is_a_problem(world, method, path, options, status):
    answer = a_caller(world, world.glow).answer(method, path, **options)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["status"] == status
    assert answer.get_json()["type"].startswith("http://localhost/api/docs#")
    assert "Set-Cookie" not in answer.headers
    if status == 405:
        assert "POST" in answer.headers["Allow"]
