"""The doors of appeals: a creator asks, the brand answers, finance agrees; strangers see nothing."""

import pytest

from portal.appeals import commands, queries
from portal.appeals.models import AppealStatus
from portal.commissions import commands as earnings
from portal.commissions import queries as commissions
from portal.kernel.money import Money
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import queries as tracking
from tests.support.appeals import about_sale
from tests.support.people import a_program, an_ambassador
from tests.support.queries import keeps_budget


@pytest.fixture
def ada(world):
    return an_ambassador(a_program(world.glow, terms={"rate_bp": 1000, "hold_days": 30}), "Ada")


@pytest.fixture
def me(world, ada):
    return world.signed_in("ada@example.com")


def asked(ada, shop):
    shop.sells("80.00 USD", number="1001")
    return about_sale(ada, "1001")


def test_from_the_form_to_the_decision(world, ada, shop, me):
    shop.sells("80.00 USD", number="1001")
    me.opens("/creator/appeals").sees("Nothing under appeal").follows("Missing a sale?")
    me.fills("Order number", "1001").fills("Day of the order", "2026-03-02")
    me.fills("What happened", "She typed my code.")
    me.fills("Link to something", "https://posts.example/1").presses("Send appeal")
    me.sees("Order ending 1001", "Open", "Glow answers by 5 Mar")
    mona = world.mona
    mona.opens("/brand/glow/appeals").sees("Order ending 1001", "A sale").follows("Ada Example")
    mona.browser.sees("What was checked about this order", "In full it is", "$8.00")
    mona.browser.presses("Take it").sees("It is yours", "Under review")
    mona.browser.chooses("In full").fills("Answer to the creator", "You are right.")
    mona.browser.presses("Save decision").sees(
        "Decided.", "Upheld", "In the books", "You are right."
    )
    me.opens("/creator/appeals").sees("$8.00", "Upheld").follows("Order ending 1001")
    me.sees("Given to you", "You are right.", "See it in your earnings")


def test_bad_input_says_what_is_missing_and_keeps_what_was_typed(world, ada, me):
    me.opens("/creator/appeals/new/order").presses("Send appeal", status=422)
    me.sees("Write the order’s number", "Write the day", "Write what happened")
    me.fills("Order number", "1").fills("Day of the order", "2026-03-02")
    me.fills("What happened", "Mine.").presses("Send appeal", status=422)
    me.sees("48 hours after it", "Mine.")


def test_a_decision_without_its_parts_is_refused_in_words(world, ada, shop):
    appeal = asked(ada, shop)
    page = f"/brand/glow/appeals/{appeal.public_id}"
    mona = world.mona.opens(page).chooses("In part").fills("Answer to the creator", "Half.")
    mona.presses("Save decision", status=422).sees("Write the amount, in USD.", "Half.")
    mona.opens(page).chooses("Keep what was decided").fills("Answer to the creator", "No.")
    mona.presses("Save decision", status=422).sees("Choose the reason.")


def test_questions_and_answers(world, ada, shop, me):
    appeal = asked(ada, shop)
    page = f"/brand/glow/appeals/{appeal.public_id}"
    world.mona.opens(page).fills("Your question", "Which phone?").presses("Send question")
    world.mona.browser.sees("Waiting for creator")
    me.opens(f"/creator/appeals/{appeal.public_id}").sees("They ask", "Which phone?")
    me.fills("Your message", "Mine.").presses("Send").sees("The brand reads it")
    world.mona.opens(page).sees("Mine.", "Under review")


def test_finance_agrees_to_what_is_above_the_limit(world, ada, shop):
    with unit_of_work():
        commands.set_rules(
            world.glow.id, open_days=60, answer_days=3, limit=Money.of("5.00 USD"), by=None
        )
    appeal = asked(ada, shop)
    mona = world.mona.opens(f"/brand/glow/appeals/{appeal.public_id}").chooses("In full")
    mona.fills("Answer to the creator", "Yes.").presses("Save decision")
    mona.sees("Finance must agree to this amount")
    world.finn.opens("/finance/glow/appeals").sees("$8.00").follows("Ada Example")
    world.finn.browser.does_not_see("Agree to $8.00", "It was mine.")
    page = f"/finance/glow/appeals/{appeal.public_id}"
    world.finn.browser.posts(f"{page}/agree", status=403)
    world.faye.opens(page).presses("Agree to $8.00").sees("Agreed.", "In the books")
    assert queries.appeal(appeal.id).status is AppealStatus.UPHELD


def test_her_commission_can_be_appealed_from_its_own_address(world, ada, shop, me):
    order_id = shop.sells("80.00 USD", *[one.code for one in codes(ada)])
    earned = commissions.of_order(order_id)
    page = f"/creator/appeals/new/commission/{earned.public_id}"
    me.opens(page).sees("Appeal", "You can ask until").fills("What happened", "Too little.")
    me.fills("How much is missing", "x").presses("Send appeal", status=422).sees("such as 25")
    me.fills("How much is missing", "2.50").presses("Send appeal").sees("Open")
    me.opens(page).sees("You have an open appeal about this.")
    with unit_of_work():
        earnings.hold(earned.id, "We look at it.", by=None)
    me.opens("/creator/appeals/new/commission/com_none", status=404)
    me.opens("/creator/appeals/new/order-of-others/x", status=404)


def codes(ada):
    return tracking.codes_of_ambassador(ada.id)


def test_strangers_and_other_roles(world, ada, shop):
    appeal = asked(ada, shop)
    world.rae.opens(f"/brand/glow/appeals/{appeal.public_id}", status=404)
    world.rae.opens(f"/brand/rival/appeals/{appeal.public_id}", status=404)
    world.rae.opens(f"/finance/rival/appeals/{appeal.public_id}", status=404)
    world.rosa.opens(f"/brand/glow/appeals/{appeal.public_id}").does_not_see("Save decision")
    world.rosa.browser.posts(f"/brand/glow/appeals/{appeal.public_id}/decide", status=403)
    an_ambassador(a_program(world.rival, slug="other"), "Eve")
    eve = world.signed_in("eve@example.com")
    eve.opens(f"/creator/appeals/{appeal.public_id}", status=404)
    eve.posts(f"/creator/appeals/{appeal.public_id}/withdraw", status=404)


def test_taking_back_and_reopening(world, ada, shop, me):
    appeal = asked(ada, shop)
    me.opens(f"/creator/appeals/{appeal.public_id}").presses("Take the appeal back")
    me.sees("Withdrawn", "Nothing was changed")
    again = about_sale(ada, "1001")
    mona = world.mona.opens(f"/brand/glow/appeals/{again.public_id}")
    mona.chooses("Keep what was decided").fills(
        "Reason for keeping it", "it was decided rightly the first time"
    )
    mona.fills("Answer to the creator", "As before.").presses("Save decision").sees("Rejected")
    me.opens(f"/creator/appeals/{again.public_id}").sees("Kept because", "second look")
    me.fills("What they should know", "Look again.").presses("Reopen the appeal").sees("Open again")


def test_the_owner_sets_the_rules(world):
    owen = world.owen.opens("/brand/glow/appeals/rules")
    owen.fills("Days to object", "0").presses("Save rules", status=422).sees("1 to 730")
    owen.fills("Days to object", "90").fills("Working days to answer", "5")
    owen.fills("Above this amount", "250").presses("Save rules").sees("In force from now on.")
    policy = queries.policy_of(world.glow.id)
    assert (policy.open_days, policy.answer_days, str(policy.limit)) == (90, 5, "250.00 USD")
    mona = world.mona.opens("/brand/glow/appeals/rules", status=403)
    mona.follows("Your account and roles").sees("Your areas", "Glow brand")


def test_lists_ask_little(world, ada, shop, me):
    asked(ada, shop)
    keeps_budget(world.mona.browser, "/brand/glow/appeals", most=12)
    keeps_budget(world.finn.browser, "/finance/glow/appeals", most=12)
    keeps_budget(me, "/creator/appeals", most=12)
