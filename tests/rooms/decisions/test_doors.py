"""The doors of decisions about orders: a manager decides, finance agrees; strangers see nothing."""

import pytest

from portal.attribution import rule_commands
from portal.decisions import queries
from portal.kernel.money import Money
from portal.sales import queries as sales
from portal.storage.unit_of_work import unit_of_work
from tests.support.queries import keeps_budget
from tests.support.shop import Shop, settle


@pytest.fixture
def page(world, shop, ada, ben):
    shop.sells("80.00 USD", "ADA15", number="55")
    twice = Shop(world.glow).sells("80.00 USD", "ADA15", number="55")
    return f"/brand/glow/orders/{sales.by_id(twice).public_id}"


def test_the_number_waits_beside_orders_and_leads_to_the_decision(world, page):
    mona = world.mona.opens("/brand/glow/orders?view=undecided")
    mona.sees("Needs decision", "seems to have arrived from another shop")
    assert mona.page.select_one('[aria-label="Portal"] a[href$="/orders"]').get_text().strip(
    ).endswith("1")  # fmt: skip
    mona.follows("55").sees("Ada Example", "ADA15 was typed", "$8.00", "The other report")
    mona.opens(page).follows("Decide").sees("Credit it")


def test_credited_from_the_page(world, page):
    mona = world.mona.opens(f"{page}/decide").chooses("Ada Example").fills("Why", "Two orders.")
    mona.presses("Credit it").sees("Credited.", "$8.00", "Decided by Mona Example", "Two orders.")
    mona.opens(f"{page}/decide").sees("Take it back").presses("Take it back")
    mona.sees("Taken back", "Needs decision")


def test_somebody_else_is_added_by_code(world, page):
    mona = world.mona.opens(f"{page}/decide?who=BEN15").sees("Ben Example", "No part in it")
    mona.chooses("Ben Example").presses("Credit it", status=422)
    mona.sees("Say why", "Ben Example").fills("Why", "His post.").presses("Credit it")
    mona.sees("Credited.", "Ben Example")
    settle()


def test_of_two_who_look_at_once_the_second_looks_again(world, page):
    late = world.owen.opens(f"{page}/decide?who=BEN15").chooses("Ben Example")
    mona = world.mona.opens(f"{page}/decide").chooses("Ada Example").fills("Why", "Two orders.")
    mona.presses("Credit it").sees("Credited.")
    late.fills("Why", "His post.").presses("Credit it", status=409).sees("decided about meanwhile")
    world.mona.opens(page).does_not_see("Ben Example")


def test_an_unknown_code_says_so(world, page):
    world.mona.opens(f"{page}/decide?who=NOBODY", status=422).sees("No ambassador of yours")
    world.mona.opens(f"{page}/decide?who=%00BEN15").sees("Ben Example")


def test_declined_with_a_reason_that_the_creator_reads(world, page):
    mona = world.mona.opens(f"{page}/decide").presses("Decline", status=422)
    mona.sees("Choose the reason").fills("Reason for declining", "duplicate")
    mona.fills("Note to the creators optional", "See the first one.").presses("Decline")
    mona.sees("Declined. Whoever had a part in it reads why.")
    settle()
    me = world.signed_in("ada@example.com").opens("/creator/sale-check")
    me.fills("Order number", "55").fills("Day of the order", "2026-03-02")
    me.presses("Look it up").sees("The brand declined it", "See the first one.")


def test_above_the_limit_finance_agrees(world, page):
    world.faye.opens("/finance/glow/orders").sees("Nothing to agree to")
    mona_id, brand_id = world.mona.user_id, world.glow.id
    with unit_of_work():
        rule_commands.set_rules(
            brand_id, ask_above=None, finance_above=Money.of("5.00 USD"), asks_likeness=False,
            by=mona_id,
        )  # fmt: skip
    mona = world.mona.opens(f"{page}/decide").sees("finance must agree").chooses("Ada Example")
    mona.fills("Why", "Hers.").presses("Credit it").sees("Finance must agree to this amount")
    world.finn.opens("/finance/glow/orders").sees("$8.00", "Hers.").follows("55")
    world.finn.browser.does_not_see("Agree to $8.00")
    (waits,) = queries.waiting_for_finance(world.glow.id)
    door = f"/finance/glow/orders/{waits.proposal.public_id}"
    world.finn.browser.posts(f"{door}/agree", status=403)
    world.faye.opens(door).presses("Do not agree", status=422).sees("Say why")
    world.faye.browser.fills("Why not", "Twice.").presses("Do not agree").sees("Refused.")
    mona.opens(f"{page}/decide").sees("Finance did not agree", "Twice.").chooses("Ada Example")
    mona.fills("Why", "Look again.").presses("Credit it")
    world.faye.opens(door).presses("Agree to $8.00").sees("Agreed.", "Nothing to agree to")


def test_the_owner_says_which_orders_wait(world, page):
    owen = world.owen.opens("/brand/glow/orders").follows("Orders you decide")
    owen.fills("Orders that count for more than", "x").presses("Save", status=422)
    owen.sees("Write an amount").fills("Orders that count for more than", "200")
    owen.presses("Save").sees("In force for orders that come in from now on.")
    owen.opens("/brand/glow/orders/rules")
    assert owen.field("Orders that count for more than")["value"] == "200.00"


def test_strangers_and_wrong_hats(world, page):
    world.rae.opens(f"{page}/decide", status=404)
    world.rosa.opens(f"{page}/decide", status=403)
    world.mona.opens("/brand/glow/orders/rules", status=403)
    world.rosa.opens("/brand/glow/orders?view=undecided").sees("55")
    world.mona.browser.posts(f"{page}/undo", status=409)


def test_the_page_keeps_its_budget(world, page):
    world.mona.opens("/brand/glow/orders")
    keeps_budget(world.mona.browser, f"{page}/decide", most=40)
    keeps_budget(world.mona.browser, "/brand/glow/orders?view=undecided", most=12)
