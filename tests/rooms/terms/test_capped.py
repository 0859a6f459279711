"""R9 in a dry run: what goes above a limit of the tried terms stands beside the sums."""

from datetime import timedelta

from sqlalchemy import func, select

from portal.commissions.models import Commission, CommissionStatus
from portal.kernel import clock
from portal.ledger.models import LedgerJournal
from portal.programs import commands as programs
from portal.programs import queries as offers
from portal.programs.rate_rules import RateTable
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.terms import pages
from tests.rooms.terms.test_editor import door
from tests.rooms.terms.test_points import tried

LIMITS = {"cap": "8.00", "most": "15.00", "budget": "25.00", "period": "month"}


def capped(run):
    return {row[1]: row[2:] for row in run.result["capped"]}


def figures(run):
    return {row[1]: row[2:5] for row in run.result["rows"]}


def test_R9_what_a_limit_of_orders_stops_is_shown_by_creator_and_nothing_is_stored(
    world, program, ada, shop
):
    for number in range(1, 4):
        shop.sells("100.00 USD", "ADA15", number=str(number))
    counted = [db.session.scalar(select(func.count(one.id))) for one in (Commission, LedgerJournal)]
    run = tried(world, program, most_actions="2")
    assert figures(run) == {ada.id: [3000, 2000, 1]}
    assert capped(run) == {ada.id: [0, 1000, 0, 1, 0, 0, 0]}
    page = world.owen.browser.opens(f"{door(program)}/tries/{run.public_id}")
    page.sees("Above limits", "$10.00", "the limit of orders, once", "wait for the brand")
    page.sees("Not in it: bonuses")
    head, line = pages.sheet_of(run).strip().splitlines()
    assert head.endswith("above_limits,would_be_above_limits,capped_by")
    assert line.endswith('0.00,10.00,"the limit of orders, once"')
    assert counted == [
        db.session.scalar(select(func.count(one.id))) for one in (Commission, LedgerJournal)
    ]


def test_R9_a_dry_run_counts_orders_of_every_currency_and_holds_what_it_cannot_measure(
    world, program, ada, shop
):
    for number, amount in enumerate(["100.00 EUR", "0.00 USD", "100.00 USD"]):
        shop.sells(amount, "ADA15", number=str(number))
    run = tried(world, program, most_actions="1")
    found = {(row[0], row[1]): row[2:] for row in run.result["capped"]}
    assert found == {("USD", ada.id): [0, 1000, 0, 1, 0, 0, 0]}
    run = tried(world, program, most="50.00")
    found = {(row[0], row[1]): row[2:] for row in run.result["capped"]}
    assert found == {("EUR", ada.id): [0, 1000, 0, 0, 1, 0, 0]}


def test_R9_a_dry_run_holds_what_the_real_path_held(world, program, ada, ben, shop):
    """Cap per order, limit of an amount and shared budget: replay equals record."""
    table = RateTable(cap_minor=800, most_minor=1500, budget_minor=2500)
    with unit_of_work():
        programs.publish_terms(
            program.id, by=None, rate_bp=1000, hold_days=30, rates=table,
            effective_at=clock.now() + timedelta(days=20),
        )  # fmt: skip
    clock.pass_days(21)
    for number, (amount, code) in enumerate(
        [("100.00", "ADA15"), ("60.00", "ADA15"), ("50.00", "ADA15"), ("80.00", "BEN15"),
         ("10.00", "BEN15")], 1
    ):  # fmt: skip
        shop.sells(f"{amount} USD", code, number=str(number))
    held = dict(
        db.session.execute(
            select(Commission.ambassador_id, func.sum(Commission.amount_minor))
            .where(Commission.status == CommissionStatus.ON_HOLD)
            .group_by(Commission.ambassador_id)
        ).all()
    )
    assert held == {ada.id: 500, ben.id: 900}
    run = tried(world, program, **LIMITS)
    assert run.result["changed"] == 0
    assert capped(run) == {
        ada.id: [500, 500, 1, 0, 1, 0, 0], ben.id: [900, 900, 0, 0, 0, 2, 0]
    }  # fmt: skip
    assert figures(run) == {ada.id: [1400, 1400, 0], ben.id: [0, 0, 0]}
    page = world.owen.browser.opens(f"{door(program)}/tries/{run.public_id}")
    page.sees("the most for one order, once; the limit of an amount, once")
    page.sees("the program’s budget, 2 times")


def test_R9_orders_of_the_period_before_what_is_tried_count_and_are_not_shown(
    world, program, ada, shop
):
    clock.pass_days(300)  # late in December
    shop.sells("100.00 USD", "ADA15", number="1")
    clock.pass_days(35)  # into February: another year, another count
    shop.sells("100.00 USD", "ADA15", number="2")
    clock.pass_days(35)
    shop.sells("100.00 USD", "ADA15", number="3")
    run = tried(world, program, most_actions="1", period="year")
    assert run.result["orders"] == 1
    assert figures(run) == {ada.id: [1000, 0, 1]}
    assert capped(run) == {ada.id: [0, 1000, 0, 1, 0, 0, 0]}
    assert capped(tried(world, program, most_actions="1", period="month")) == {}


def test_R9_what_is_returned_whole_makes_room_and_gives_no_points(world, program, ada, shop):
    shop.sells("100.00 USD", "ADA15", number="1")
    shop.refunds("1", "100.00 USD")
    shop.sells("80.00 USD", "ADA15", number="2")
    shop.sells("60.00 USD", "ADA15", number="3")
    run = tried(world, program, most_actions="1", points="10")
    assert figures(run) == {ada.id: [1400, 800, 2]}
    assert [row[5:] for row in run.result["rows"]] == [[0, 10]]
    assert capped(run) == {ada.id: [0, 600, 0, 1, 0, 0, 0]}


def test_terms_without_limits_show_none_nor_does_a_run_kept_from_before(world, program, ada, shop):
    shop.sells("80.00 USD", "ADA15")
    run = tried(world, program, rate="12")
    page = world.owen.browser.opens(f"{door(program)}/tries/{run.public_id}").sees("+$1.60")
    page.does_not_see("Above limits")
    with unit_of_work():
        run.result = {name: run.result[name] for name in ("orders", "changed", "rows")}
    page.opens(f"{door(program)}/tries/{run.public_id}").sees("+$1.60")
    assert "above_limits" not in pages.sheet_of(run)
    assert offers.latest_terms(program.id).version == 1
