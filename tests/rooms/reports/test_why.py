"""The brand's and finance's view of a decision: words, assists, flags, who decided by hand."""

import pytest

from portal.attribution import commands
from portal.commissions import commands as earnings
from portal.commissions import queries as commissions
from portal.kernel import clock
from portal.sales import queries as sales
from portal.sales.rules import BuyerClues
from portal.storage.unit_of_work import unit_of_work
from tests.support.people import a_program, an_ambassador
from tests.support.shop import clicked


@pytest.fixture
def members(world):
    program = a_program(world.glow)
    return an_ambassador(program, "Ada"), an_ambassador(program, "Ben")


def page(order_id):
    return f"/brand/glow/orders/{sales.by_id(order_id).public_id}"


def test_an_order_that_nobody_got(world, shop, members):
    order_id = shop.sells("80.00 USD", "ADAI5")
    world.mona.opens(page(order_id)).sees(
        "A word much like a code was typed; it is not one.", "The creator reads:", "She may appeal."
    )


def test_assists_and_flags(world, shop, members):
    click_id = clicked(members[1])
    clock.pass_days(1)
    order_id = shop.sells(
        "80.00 USD", "ADA15", click_id=str(click_id), clues=BuyerClues(surname="Example")
    )
    world.mona.opens(page(order_id)).sees(
        "Had a part in it too, which pays nothing: Ben Example.",
        "Buyer and creator share the surname",
    )
    ada = world.signed_in("ada@example.com")
    found = commissions.of_order(order_id)
    assert "surname" not in ada.opens(f"/creator/earnings/{found.public_id}").text


def test_a_decision_by_hand_names_who_made_it(world, shop, members):
    by, order_id = world.mona.user_id, shop.sells("80.00 USD", "ADA15")
    with unit_of_work():
        found = commands.reassign(order_id, members[1].id, by=by, reason="It was her video.")
        earnings.earn(found.id)
    world.mona.opens(page(order_id)).sees("Decided by Mona Example.", "It was her video.")
    commission = commissions.of_order(order_id)
    world.finn.opens(f"/finance/glow/commissions/{commission.public_id}").sees(
        "A person decided", "Decided by Mona Example"
    )
