"""Where people set pay for clicks, try it, read it and are shown why."""

import pytest

from portal.flags import commands as flags
from portal.flags import queries as flag_queries
from portal.flags.models import Flag, FlagKind
from portal.kernel import clock
from portal.programs import queries as offers
from portal.programs.rules import ClickTerms
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.terms import pages, queries
from tests.rooms.click_pay.test_click_pay import (
    FIVE,
    THIRD,
    amounts,
    at,
    clicked,
    close,
    earned,
    invariants_hold,
)
from tests.rooms.terms.test_editor import door, send
from tests.support.people import a_program, an_ambassador
from tests.support.shop import settle

PAID = {"click_amount": "0.05", "click_most": "200"}


@pytest.fixture
def paying(world):
    return a_program(world.glow, terms={"hold_days": 30, "clicks": FIVE})


def test_the_editor_publishes_pay_for_clicks_and_shows_it_again(world):
    program = a_program(world.glow)
    owner = world.owen.browser
    typed = PAID | {"click_budget": "500"}
    sentence = (
        "Each click of a person earns $0.05: at most 200 clicks a day, "
        "and at most $500.00 a month in the whole program."
    )
    send(owner, program, "check", **typed).sees("Nothing is taken away,", sentence)
    send(owner, program, "publish", **typed).sees("Version 2 of the terms is published.")
    terms = offers.latest_terms(program.id)
    assert ClickTerms.of(terms.clicks) == ClickTerms(5, 200, 50_000)
    owner.opens(door(program))
    labels = "A click earns", "Clicks of a creator a day", "For all clicks, a month"
    assert [owner.field(one)["value"] for one in labels] == ["0.05", "200", "500.00"]
    world.cy.opens(f"/p/{program.slug}").sees("10% of each sale and $0.05 a click", sentence)
    world.cy.opens(f"/p/{program.slug}/terms").sees("10% of each sale and $0.05 a click")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"click_amount": "0.05"}, "Write how many clicks of a creator earn on one day."),
        ({"click_most": "20"}, "Write what a click earns, or leave its limits empty."),
        ({"click_amount": "much", "click_most": "20"}, "Write an amount such as 25 or 25.00."),
        (PAID | {"click_most": "0"}, "Between 1 and 1,000,000 clicks."),
    ],
)
def test_pay_that_cannot_be_is_refused_at_its_field(world, typed, said):
    program = a_program(world.glow)
    send(world.owen.browser, program, "check", status=422, **typed).sees(said)
    assert offers.latest_terms(program.id).version == 1


def test_the_worked_example_shows_a_day_under_the_cap(world):
    program = a_program(world.glow)
    example = {"example-0-amount": "80", "example_clicks": "134"}
    send(world.owen.browser, program, "example", **PAID, **example).sees(
        "134 clicks × $0.05", "$6.70"
    )
    example["example_clicks"] = "203"
    send(world.owen.browser, program, "example", **PAID, **example).sees(
        "200 clicks × $0.05", "3 clicks above the daily cap", "$10.00"
    )


def test_R17_paying_less_for_clicks_needs_notice(world, paying):
    less = PAID | {"click_amount": "0.04"}
    send(world.owen.browser, paying, "publish", status=409, **less).sees(
        "The amount per click goes down. Ambassadors need 14 days’ notice of that"
    )
    nothing = dict.fromkeys(PAID, "")
    send(world.owen.browser, paying, "publish", status=409, **nothing).sees(
        "Clicks no longer earn."
    )
    send(world.owen.browser, paying, "publish", effective_on="2026-03-20", **less).sees(
        "Version 2 of the terms is published."
    )
    assert offers.latest_terms(paying.id).lost == {"1": ["The amount per click goes down."]}


def test_a_dry_run_shows_what_clicks_would_have_earned(world, paying):
    ada, bea = an_ambassador(paying, "Ada"), an_ambassador(paying, "Bea")
    clicked(ada, 10, at(THIRD))
    clicked(bea, 4, at(THIRD))
    close(THIRD)
    clock.pass_days(3)
    double = PAID | {"click_amount": "0.10", "click_most": "8"}
    send(world.owen.browser, paying, "try", months="1", **double)
    settle()
    run = queries.runs_of(paying.id)[0]
    world.owen.opens(f"{door(paying)}/tries/{run.public_id}").sees("$0.70", "$1.20", "+$0.50")
    sheet = pages.sheet_of(run)
    assert "Ada Example,adaexample,USD,0.50,0.80,0.30,0" in sheet
    assert "Bea Example,beaexample,USD,0.20,0.40,0.20,0" in sheet
    assert (amounts(ada), amounts(bea)) == (["0.50 USD"], ["0.20 USD"])


def test_R9_a_dry_run_says_what_the_months_budget_for_clicks_cuts(world, paying):
    ada, bea = an_ambassador(paying, "Ada"), an_ambassador(paying, "Bea")
    clicked(ada, 8, at(THIRD))
    clicked(bea, 4, at(THIRD))
    close(THIRD)
    clock.pass_days(3)
    less = PAID | {"click_amount": "0.10", "click_budget": "0.60"}
    send(world.owen.browser, paying, "try", months="1", **less)
    settle()
    run = queries.runs_of(paying.id)[0]
    page = world.owen.opens(f"{door(paying)}/tries/{run.public_id}")
    page.sees("$0.60", "the month’s budget for clicks, once")
    assert {row[1]: row[3] for row in run.result["rows"]} == {ada.id: 40, bea.id: 20}


def test_a_creator_reads_a_days_clicks_in_her_list_and_why(world, paying):
    ada = an_ambassador(paying, "Ada")
    clicked(ada, 203, at(THIRD))
    clicked(ada, 2, at(THIRD, 12, 0, 10))
    close(THIRD)
    me = world.signed_in("ada@example.com")
    me.opens("/creator/earnings").sees("Clicks on 3 March 2026", "$10.00")
    me.opens("/creator/earnings?kind=clicks").sees("Clicks on 3 March 2026")
    me.opens("/creator/earnings?kind=sale").does_not_see("Clicks on 3 March 2026")
    me.opens(f"/creator/earnings/{earned()[0].public_id}").sees(
        "203 clicks × $0.05", "3 clicks above the cap", "Daily cap: 200 clicks",
        "2 repeats not counted", "People clicked your links 203 times",
        "Version 1 of the terms was in force when the day began",
    )  # fmt: skip


def test_clicks_in_doubt_are_held_like_sales_and_released_by_a_person(world, paying):
    """She clicks her own link all day: flagged in the evening, held in the night."""
    ada, bea = an_ambassador(paying, "Ada"), an_ambassador(paying, "Bea")
    clicked(ada, 150, at(THIRD), visitor="v")
    clicked(bea, 10, at(THIRD))
    clicked(ada, 350, at(THIRD, 13), gap=31, visitor="self", is_one=True)
    clock.pass_time(at(THIRD, 20) - clock.now())
    with unit_of_work():
        flags.look_at(world.glow.id)
    (flag,) = db.session.scalars(db.select(Flag)).all()
    assert (flag.kind, flag.ambassador_id) == (FlagKind.CLICK_FLOOD, ada.id)
    close(THIRD)
    (hers,), (other,) = earned(ada), earned(bea)
    assert (hers.status, other.status) == ("on_hold", "pending")
    assert "do not look like those of people" in hers.hold_reason
    world.mona.opens(f"/brand/glow/flags/{flag.public_id}").sees("Clicks on 3 March 2026")
    with unit_of_work():
        assert flags.release(flag.id, by=world.mona.user_id, note="All of them wrote to us") == 1
    assert earned(ada)[0].status == "pending"
    assert flag_queries.violations() == []
    assert invariants_hold()


def test_a_flag_that_comes_later_holds_what_clicks_earned_lately(world, paying):
    ada = an_ambassador(paying, "Ada")
    clicked(ada, 5, at(THIRD))
    close(THIRD)
    clicked(ada, 310, at(THIRD, 34), gap=31, visitor="self", is_one=True)
    clock.pass_time(at(THIRD, 40) - clock.now())
    with unit_of_work():
        flags.look_at(world.glow.id)
    assert [one.status for one in earned(ada)] == ["on_hold"]
    assert flag_queries.violations() == []
