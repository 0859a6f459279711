"""“Missing a sale?”: every answer of UX 2.4, and that nobody else’s data is told."""

from datetime import timedelta

import pytest

from portal.ambassadors import commands as memberships
from portal.attribution import queries as attribution
from portal.attribution.answers import WORDS
from portal.commissions import sale_check_queries
from portal.commissions.sale_check_queries import Asked
from portal.kernel import clock
from portal.kernel.money import Money
from portal.sales.rules import LineReport
from portal.storage.unit_of_work import unit_of_work
from tests.support.people import a_program, an_ambassador
from tests.support.shop import Shop, clicked

DOOR = "/creator/sale-check"


def told(member, number="", on=None, amount=None):
    day = clock.today("America/New_York")
    asked = Asked(number, on or day, Money.of(amount) if amount else None)
    return sale_check_queries.answer(member, asked)


def test_credited_in_part_or_whole_and_given_back(shop, ada):
    shop.sells("80.00 USD", "ADA15", number="1")
    assert told(ada, "1").code == "credited"
    assert str(told(ada, "#1").commission.net) == "8.00 USD"
    shop.refunds("1", "30.00 USD")
    assert told(ada, "1").code == "partly_refunded"
    shop.refunds("1", "50.00 USD")
    assert told(ada, "1").code == "refunded"
    ten = Money.of("10.00 USD")
    card = LineReport("g", "Gift card", "1", ten, ten, is_gift_card=True)
    goods = LineReport("l", "Roast", "1", ten, ten)
    shop.sells("10.00 USD", "ADA15", number="2", lines=(card, goods))
    shop.sells("0.00 USD", "ADA15", number="3", lines=(card,))
    assert [told(ada, number).code for number in "23"] == ["credited_partial", "product_excluded"]


def test_orders_that_count_for_nobody_yet(shop, ada):
    shop.sells("80.00 USD", "ADA15", number="1", is_paid=False)
    shop.sells("80.00 USD", "ADA15", number="2", is_test=True)
    shop.sells("80.00 USD", "ADA15", number="3", is_cancelled=True)
    shop.sells("80.00 USD", "ADA15", number="4", customer_email="ada@example.com")
    shop.sells("80.00 USD", "ADAI5", number="5")
    shop.sells("80.00 USD", number="6", codes=())
    assert [told(ada, number).code for number in "123456"] == [
        "awaiting_payment", "test_order", "cancelled", "self_purchase", "code_mistyped",
        "no_code_no_click",
    ]  # fmt: skip
    assert told(ada, "77").code == "too_recent"
    unknown = told(ada, "77", on=clock.today("America/New_York") - timedelta(days=3))
    assert (unknown.code, unknown.can_appeal) == ("order_not_received", True)
    fresh = told(ada, "77", on=clock.today("America/New_York") - timedelta(days=1))
    assert (fresh.code, fresh.can_appeal) == ("order_not_received", False)


def test_another_got_it_and_her_part_is_told(shop, ada, ben):
    click_id = clicked(ada)
    later = clicked(ben, clock.now() + timedelta(minutes=1), previous_id=click_id)
    clock.pass_time(timedelta(hours=1))
    shop.sells("80.00 USD", number="1", codes=(), click_id=str(later))
    shop.sells("80.00 USD", "BEN15", number="2", click_id=str(click_id))
    assert [told(ada, number).code for number in "12"] == ["later_touch_won", "code_beats_link"]
    shop.sells("80.00 USD", "ADA15", "BEN15", number="3")
    assert {told(ada, "3").code, told(ben, "3").code} == {"credited", "other_code_won"}
    with unit_of_work():
        memberships.pause(ada.id, by=None)
    shop.sells("80.00 USD", "ADA15", number="4")
    assert told(ada, "4").code == "membership_inactive"


def test_nothing_of_others_is_told(shop, ada, ben):
    """Ben's paused code, his name and the buyer are none of Ada's business."""
    shop.sells("80.00 USD", "BEN15", number="1", customer_email="buyer@example.com")
    found = told(ada, "1")
    assert (found.code, list(found.steps), found.commission) == ("no_code_no_click", [], None)
    assert sale_check_queries.answer(ada, Asked("1", None, Money.of("500.00 USD"))).code == (
        "order_not_received"
    )
    day = clock.today("America/New_York")
    by_guess = sale_check_queries.answer(ada, Asked("", day, Money.of("93.00 USD")))
    assert (by_guess.code, by_guess.order_id) == ("too_recent", None)
    assert sale_check_queries.answer(ben, Asked("", day, Money.of("90.00 USD"))).code == "credited"


def test_another_brands_order_is_never_found(world, ada):
    an_ambassador(a_program(world.rival), "Eva")
    Shop(world.rival).sells("80.00 USD", "EVA15", number="9")
    assert told(ada, "9").code == "too_recent"


def test_the_page_asks_answers_and_remembers(world, shop, ada):
    shop.sells("80.00 USD", "ADA15", number="1042")
    browser = world.signed_in("ada@example.com").opens(DOOR)
    browser.sees("Two of number, day and amount are enough").presses("Look it up", status=422)
    browser.sees("Write the order number with its day or its amount")
    browser.fills("Order number", "1042").fills("Amount", "80")
    browser.presses("Look it up").sees("It was credited to you", "$8 .00", "ADA15 was typed")
    browser.opens(DOOR).sees("Order 1042, asked")


def test_an_appeal_begins_with_what_was_asked(world, shop, ada):
    day = clock.today("America/New_York") - timedelta(days=3)
    browser = world.signed_in("ada@example.com").opens(DOOR)
    browser.fills("Order number", "77").fills("Day of the order", day.isoformat())
    browser.presses("Look it up").follows("This looks wrong")
    assert browser.field("Order number")["value"] == "77"
    assert browser.field("Day of the order")["value"] == day.isoformat()
    browser.fills("What happened", "She typed my code.").presses("Send appeal")
    browser.sees("Order ending 77", "Nothing to do.")


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_on_which_nobody_bought_anything_is_said_to_be_wrong(world, ada, day):
    browser = world.signed_in("ada@example.com").opens(DOOR)
    browser.fills("Day of the order", day).fills("Amount", "80").presses("Look it up", status=422)
    browser.sees("Write the day on which the order was placed.")


def test_ten_questions_a_day(world, shop, ada):
    browser = world.signed_in("ada@example.com")
    for number in range(10):
        browser.opens(DOOR).fills("Order number", str(number)).fills("Amount", "10").presses(
            "Look it up"
        )
    browser.opens(DOOR).fills("Order number", "11").fills("Amount", "10").presses(
        "Look it up", status=429
    ).sees("Ask again tomorrow")
    assert len(attribution.checks_of([ada.id])) == 10
    clock.pass_days(1)
    browser.opens(DOOR).fills("Order number", "11").fills("Amount", "10").presses(
        "Look it up"
    ).sees("The store has not sent us this order")


def test_a_stranger_reads_no_other_creators_answer(world, shop, ada, ben):
    shop.sells("80.00 USD", "ADA15", number="1")
    world.signed_in("ada@example.com").opens(DOOR).fills("Order number", "1").fills(
        "Amount", "80"
    ).presses("Look it up")
    (check,) = attribution.checks_of([ada.id])
    world.signed_in("ben@example.com").opens(f"{DOOR}/{check.public_id}", status=404)


def test_every_answer_has_words_for_everybody():
    for code, words in WORDS.items():
        assert all((words.headline, words.creator, words.brand, words.finance, words.next_step)), (
            code
        )
