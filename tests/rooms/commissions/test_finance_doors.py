"""Commissions as finance reads and stops them."""

import pytest

from portal.kernel.pages import PageRequest
from portal.reports import finance_commission_queries as queries
from tests.support.people import a_program, an_ambassador
from tests.support.shop import Shop, settle

COMMISSIONS = "/finance/glow/commissions"


@pytest.fixture
def shop(world):
    assert an_ambassador(a_program(world.glow), "Ada", code="ADA15").is_active
    shop = Shop(world.glow)
    shop.sells("80.00 USD", "ADA15", number="1001")
    settle()
    return shop


def url(world):
    rows = queries.listing(world.glow.id, PageRequest()).rows
    return f"{COMMISSIONS}/{rows[0].commission.public_id}"


def test_an_empty_list_says_where_commissions_come_from(world):
    world.finn.opens(COMMISSIONS).sees("No commissions yet")


def test_the_list_and_the_sum_the_books_and_the_reason(world, shop):
    world.finn.opens(COMMISSIONS).sees("Ada Example", "$80.00", "$8.00", "Pending")
    page = world.finn.opens(url(world))
    page.sees(
        "order #1001", "$8.00", "Brand, expense", "−$8.00", "Creator, pending", "ADA15", "Automatic"
    )


def test_found_by_creator_and_by_order(world, shop):
    world.finn.opens(f"{COMMISSIONS}?q=ada").sees("Ada Example")
    world.finn.opens(f"{COMMISSIONS}?q=1001").sees("Ada Example")
    world.finn.opens(f"{COMMISSIONS}?q=nobody").sees("No commission matches")


def test_hold_needs_a_reason_and_release_lets_go(world, shop):
    page = world.finn.opens(url(world))
    page.presses("Put on hold", status=422).sees("Say why: the creator reads it.")
    page.fills("Reason", "We ask the shop").presses("Put on hold", status=200)
    page.sees("On hold", "We ask the shop").presses("Release", status=200).sees(
        "Released", "Pending"
    )


def test_a_second_hold_is_a_conflict_told_on_the_page(world, shop):
    first, second = world.signed_in(world.finn.email), world.signed_in(world.finn.email)
    first.opens(url(world))
    second.opens(url(world)).fills("Reason", "Mine").presses("Put on hold", status=200)
    first.fills("Reason", "Also mine").presses("Put on hold", status=409)


def test_held_money_can_be_taken_back_for_good(world, shop):
    page = world.finn.opens(url(world)).fills("Reason", "Fraud?").presses("Put on hold", status=200)
    page.fills("Reason", "It was").presses("Take back for good", status=200).sees(
        "Void", "It was", "Brand, expense +$8.00"
    )


def test_another_brand_is_told_404_and_a_manager_403(world, shop):
    world.rae.opens(url(world), status=404)
    world.rae.opens(url(world).replace("glow", "rival"), status=404)
    world.mona.opens(url(world), status=403)
    world.mona.browser.posts(f"{url(world)}/hold", {"reason": "x"}, status=403)
