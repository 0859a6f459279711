"""Orders as the brand reads them: whole, found, and nobody else's."""

import pytest
from sqlalchemy import select

from portal.sales.models import Order
from portal.storage.model import db
from tests.support.people import a_program, an_ambassador
from tests.support.shop import Shop, settle

ORDERS = "/brand/glow/orders"


@pytest.fixture
def shop(world):
    ambassador = an_ambassador(a_program(world.glow), "Ada", code="ADA15")
    assert ambassador.is_active
    return Shop(world.glow)


def one(world):
    newest = select(Order.public_id).where(Order.brand_id == world.glow.id)
    return db.session.scalar(newest.order_by(Order.placed_at.desc(), Order.id.desc()))


def test_an_empty_list_says_how_orders_come(world):
    world.mona.opens(ORDERS).sees("No orders yet", "about a minute after checkout")


def test_a_credited_order_names_her_and_what_it_earned(world, shop):
    shop.sells("80.00 USD", "ADA15", number="1001")
    settle()
    world.mona.opens(ORDERS).sees("#1001", "ADA15", "Ada Example", "$80.00", "$8.00", "Credited")
    world.mona.opens(f"{ORDERS}/{one(world)}").sees(
        "the code was typed at checkout", "$8.00", "Commissionable"
    )


def test_an_order_that_earned_nobody_says_why(world, shop):
    shop.sells("80.00 USD", number="1002")
    settle()
    world.mona.opens(f"{ORDERS}?view=not_credited").sees("#1002")
    world.mona.opens(f"{ORDERS}/{one(world)}").sees(
        "No code was used and no link was clicked", "earned nobody"
    )


def test_a_refund_shows_on_the_order_and_in_its_view(world, shop):
    shop.sells("80.00 USD", "ADA15", number="1003")
    shop.refunds("1003", "40.00 USD")
    settle()
    world.mona.opens(f"{ORDERS}?view=refunded").sees("#1003", "$4.00")
    world.mona.opens(f"{ORDERS}/{one(world)}").sees("Given back", "−$40.00", "−$4.00")


def test_no_page_shows_more_given_back_than_the_order_counted(world, shop):
    shop.sells("80.00 USD", "ADA15", number="1004")
    shop.refunds("1004", "30.00 USD")
    shop.refunds("1004", "900.00 USD")
    settle()
    page = world.mona.opens(f"{ORDERS}/{one(world)}")
    page.sees("−$30.00", "−$50.00", "The shop told of $900.00.", "−$80.00", "Taken back in all")
    page.does_not_see("−$900.00")


def test_found_by_number_and_by_code(world, shop):
    shop.sells("80.00 USD", "ADA15", number="1001")
    shop.sells("50.00 USD", number="1002")
    settle()
    world.mona.opens(f"{ORDERS}?q=1002").sees("#1002").does_not_see("#1001")
    world.mona.opens(f"{ORDERS}?q=ada15").sees("#1001").does_not_see("#1002")
    world.mona.opens(f"{ORDERS}?q=9999").sees("No order matches")


def test_another_brand_is_told_404_and_finance_without_a_brand_role_403(world, shop):
    shop.sells("80.00 USD", "ADA15")
    settle()
    url = f"{ORDERS}/{one(world)}"
    world.rae.opens(url, status=404)
    world.rae.opens(f"/brand/rival/orders/{one(world)}", status=404)
    world.finn.opens(url, status=403)
