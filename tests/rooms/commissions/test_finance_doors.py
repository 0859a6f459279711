"""Commissions as finance reads and stops them."""

import pytest

from portal.commissions import jobs
from portal.kernel import clock
from portal.kernel.money import Money
from portal.kernel.pages import PageRequest
from portal.limits import commands as limits
from portal.limits.rules import Limits
from portal.proposals import commands as proposals
from portal.reports import finance_commission_queries as queries
from portal.storage.unit_of_work import unit_of_work
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
    page.fills("Code of the reason", "CONS_FRAUD").fills("Reason", "It was")
    page.presses("Take back for good", status=200).sees("Void", "It was", "Brand, expense +$8.00")


def test_another_brand_is_told_404_and_a_manager_403(world, shop):
    world.rae.opens(url(world), status=404)
    world.rae.opens(url(world).replace("glow", "rival"), status=404)
    world.mona.opens(url(world), status=403)
    world.mona.browser.posts(f"{url(world)}/hold", {"reason": "x"}, status=403)


# ---- codes, review, several at once
def test_R62_taking_back_needs_a_code_and_a_note(world, shop):
    page = world.finn.opens(url(world)).fills("Reason", "We look.").presses("Put on hold")
    page.fills("Reason", "It was ours.").presses("Take back for good", status=422)
    page.sees("Choose the reason code.")
    page.fills("Code of the reason", "TEST_ORDER").fills("Reason", "It was ours.")
    page.presses("Take back for good", status=200).sees("a test order", "It was ours.")


def test_several_are_held_and_released_each_by_itself(world, shop):
    shop.sells("40.00 USD", "ADA15", number="1002")
    rows = queries.listing(world.glow.id, PageRequest()).rows
    ids = [row.commission.public_id for row in rows]
    page = world.finn.opens(f"{COMMISSIONS}?view=pending")
    many = f"{COMMISSIONS}/many"
    page.posts(many, {"ids": ids, "act": "hold", "reason": ""}).sees("Nothing was done.")
    page.posts(many, {"ids": ids, "act": "hold", "reason": "We look at it."}).sees("2 done.")
    page.posts(many, {"ids": ids[:1], "act": "hold", "reason": "Again."}).sees(
        "0 done.", "nothing to hold"
    )
    page.opens(f"{COMMISSIONS}?view=on_hold").sees("Release what is ticked")
    page.posts(many, {"ids": ids, "act": "release", "view": "on_hold"}).sees("2 done.")
    page.posts(many, {"act": "release"}).sees("Tick at least one")


def test_R60_the_queue_of_what_waits_for_a_person(world, shop):
    mona, rosa = world.mona.user_id, world.rosa.user_id
    with unit_of_work():
        above = Limits(120, Money.of("50.00 USD"), Money.of("5.00 USD"))
        policy = limits.propose(world.glow.id, above, by=mona)
        proposals.confirm(policy.id, by=rosa)
    clock.pass_days(31)
    jobs.mature_due()
    page = world.finn.opens(f"{COMMISSIONS}?view=review").sees("Ada Example", "To review 1")
    page.opens(url(world)).sees("Waits for your review").presses("Approve and release", status=200)
    page.sees("Payable").opens(f"{COMMISSIONS}?view=review").sees("No commission matches")


def test_another_brands_commissions_are_left_alone(world, shop):
    ids = [row.commission.public_id for row in queries.listing(world.glow.id, PageRequest()).rows]
    world.rae.opens("/finance/rival/commissions").posts(
        "/finance/rival/commissions/many", {"ids": ids, "act": "hold", "reason": "Mine now."}
    )
    world.finn.opens(COMMISSIONS).sees("Pending").does_not_see("On hold 1")
