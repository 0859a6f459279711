"""API keys as a manager makes, rotates and revokes them."""

import re

import pytest

from portal.api import commands, queries
from portal.storage.unit_of_work import unit_of_work
from tests.support.callers import Caller

HOME = "/brand/glow/settings/api"


@pytest.fixture
def key(world):
    brand_id = world.glow.id
    with unit_of_work():
        return commands.create_key(brand_id, "Checkout", ["orders:write"], by=None)[0]


def secret_on(page):
    return re.search(r"vouch_[0-9A-Za-z]{40}", str(page.page))[0]


def test_a_manager_creates_a_key_and_sees_it_once(world):
    page = world.mona.opens(HOME).sees("No API key yet")
    page.fills("Name", "Checkout").chooses("Report conversions and refunds")
    page.presses("Create key", status=201).sees("Copy your new key", "This is the only time")
    secret = secret_on(page)
    assert Caller(world.app, secret).gets("/me")["scopes"] == ["orders:write"]
    page.follows("I have copied it").sees("Checkout", "Active", "Never")
    assert secret not in str(page.page)
    assert f"{secret[:10]}…{secret[-4:]}" in page.text
    page.follows("Checkout").sees("Mona Example", "Report conversions and refunds")


@pytest.mark.parametrize("fill", ["", "x" * 61])
def test_a_key_needs_a_name_and_a_right(world, fill):
    page = world.mona.opens(HOME).fills("Name", fill).presses("Create key", status=422)
    page.sees("Choose what the key may do.")
    assert queries.keys_of(world.glow.id) == []


def test_a_key_is_rotated_with_an_overlap(world, key):
    page = world.mona.opens(f"{HOME}/{key.public_id}").chooses("After 7 days")
    page.presses("Create the new key", status=201).sees("The old key", "stops on", "both work")
    page.opens(HOME).sees("Stops 9 Mar", "Active")
    page.opens(f"{HOME}/{key.public_id}").does_not_see("Create the new key")


def test_revoking_asks_first_and_says_what_stops(world, key):
    page = world.mona.opens(f"{HOME}/{key.public_id}").follows("Revoke this key")
    page.sees("This cannot be undone", "Report conversions and refunds")
    page.presses("Revoke “Checkout”").sees("no longer works", "Revoked 2 Mar")
    page.opens(f"{HOME}/{key.public_id}/revoke").sees("There is nothing to revoke")
    page.posts(f"{HOME}/{key.public_id}/revoke", status=409)
    page.posts(f"{HOME}/{key.public_id}/rotate", {"overlap_hours": "24"}, status=409)


@pytest.mark.parametrize("who", ["rosa", "finn"])
def test_who_is_no_manager_is_told_403(world, key, who):
    getattr(world, who).opens(HOME, status=403)
    getattr(world, who).opens(f"{HOME}/{key.public_id}", status=403)


def test_another_brand_is_told_404(world, key):
    world.rae.opens(HOME, status=404)
    for path in ("", "/revoke"):
        world.rae.opens(f"/brand/rival/settings/api/{key.public_id}{path}", status=404)
    for act in ("rotate", "revoke"):
        url = f"/brand/rival/settings/api/{key.public_id}/{act}"
        world.rae.browser.posts(url, {"overlap_hours": "0"}, status=404)
    assert queries.one_of_brand(world.glow.id, key.public_id).revoked_at is None
