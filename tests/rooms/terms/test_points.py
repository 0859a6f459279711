"""Points in the editor's worked example and in the dry run: beside the money, and only where some
are given."""

import pytest

from portal.kernel import clock
from portal.programs import commands as programs
from portal.programs import queries as offers
from portal.programs.points_rules import PointsRate
from portal.programs.rate_rules import RateTable
from portal.storage.unit_of_work import unit_of_work
from portal.terms import pages, queries
from tests.rooms.terms.test_editor import door, row, send
from tests.support.people import an_ambassador
from tests.support.shop import clicked, settle

GIVES = {"points": "2", "points_per": "1.00"}


def tried(world, program, **typed):
    send(world.owen.browser, program, "try", months="1", **typed)
    settle()
    return queries.runs_of(program.id)[0]


def gives_now(program, rate):
    terms = offers.latest_terms(program.id)
    with unit_of_work():
        programs.publish_terms(
            program.id, by=None, rate_bp=terms.rate_bp, rates=RateTable(points=rate)
        )


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (GIVES, ("Points of this order", "174", "give 2 points for each full $1.00")),
        ({"points": "10"}, ("Points of this order", "10", "Each approved order gives 10 points.")),
        (GIVES | {"points_per": "500.00"}, ("earns nothing, or is too small",)),
    ],
)
def test_R100_the_worked_example_says_the_points_of_its_order(world, program, typed, said):
    owner, line = world.owen.browser, {"example-0-amount": "87.45", "example-0-pieces": "1"}
    send(owner, program, "example", **line, **typed).sees("$8.75", *said)


def test_the_worked_example_says_nothing_of_points_where_none_are_given(world, program):
    line = {"example-0-amount": "87.45", "example-0-pieces": "1"}
    send(world.owen.browser, program, "example", **line).sees("$8.75")
    world.owen.browser.does_not_see("Points of this order")


def test_an_order_that_earns_nothing_gives_no_points_in_the_example(world, program):
    line = {"example-0-what": "Gifts", "example-0-amount": "87.45", "example-0-pieces": "1"}
    nothing = row(0, asks="category", values="gifts", pays="excluded")
    send(world.owen.browser, program, "example", **line, **nothing, **GIVES)
    world.owen.browser.sees("earns nothing, or is too small")


def test_R65_a_dry_run_shows_points_beside_the_money(world, program, ada, shop):
    gives_now(program, PointsRate(1, 100))
    shop.sells("87.45 USD", "ADA15", number="1")
    shop.sells("80.00 USD", "ADA15", number="2")
    shop.refunds("2", "40.00 USD")
    run = tried(world, program, **GIVES)
    # 87 + half of 80, then twice that
    assert run.result["rows"] == [["USD", ada.id, 1275, 1275, 2, 127, 254]]
    owner = world.owen.browser.opens(f"{door(program)}/tries/{run.public_id}")
    owner.sees("2 of 2 orders would earn something else", "+127", "127 → 254", "no money")
    head, line = pages.sheet_of(run).strip().splitlines()
    assert head.endswith("points,would_have_points,points_difference")
    assert line.endswith("12.75,12.75,0.00,2,127,254,127")


def test_R50_a_dry_run_shares_points_as_the_commission_is_shared(world, program, ada, shop):
    """101 points in two are 51 and 50, where today all of the order is Ada's."""
    ben = an_ambassador(program, "Ben", code="BEN15")
    gives_now(program, PointsRate(1, 100))
    earlier = clicked(ben)
    clock.pass_days(1)
    shop.sells("101.00 USD", "ADA15", click_id=str(earlier))
    run = tried(world, program, points="1", points_per="1.00", split="equal")
    assert {row[1]: row[5:] for row in run.result["rows"]} == {ada.id: [101, 51], ben.id: [0, 50]}


def test_points_that_end_are_seen_and_those_of_two_currencies_are_not_mixed(
    world, program, ada, shop
):
    gives_now(program, PointsRate(10))
    shop.sells("80.00 USD", "ADA15", number="1")
    shop.sells("80.00 EUR", "ADA15", number="2")
    run = tried(world, program, points="")
    assert [row[5:] for row in run.result["rows"]] == [[10, 0], [10, 0]]
    world.owen.browser.opens(f"{door(program)}/tries/{run.public_id}").sees("−10", "10 → 0")
    again = tried(world, program, points="1", points_per="1.00")
    assert [(row[0], *row[5:]) for row in again.result["rows"]] == [("EUR", 10, 0), ("USD", 10, 80)]


def test_a_dry_run_without_points_shows_none_nor_does_one_kept_from_before(
    world, program, ada, shop
):
    shop.sells("80.00 USD", "ADA15")
    run = tried(world, program, rate="12")
    owner = world.owen.browser.opens(f"{door(program)}/tries/{run.public_id}").sees("+$1.60")
    owner.does_not_see("Points")
    assert "points" not in pages.sheet_of(run)
    with unit_of_work():
        run.result = run.result | {"rows": [one[:5] for one in run.result["rows"]]}
    owner.opens(f"{door(program)}/tries/{run.public_id}").sees("+$1.60").does_not_see("Points")
