"""The editor of terms: sentences, a worked example, a dry run, and nothing stored by trying."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.commissions.models import Commission
from portal.kernel import clock
from portal.ledger.models import LedgerJournal
from portal.programs import queries as offers
from portal.programs.rate_rules import Asks, Basis, RateTable
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.terms import jobs, pages, queries
from portal.terms.models import DryRun
from tests.support.people import a_program
from tests.support.shop import settle

USUAL = {
    "kind": "percent", "rate": "10", "hold_days": "30", "window_days": "30",
    "code_policy": "always", "click_rule": "last_click", "customers": "all", "split": "none",
}  # fmt: skip


def door(program):
    return f"/brand/glow/settings/program/{program.public_id}/terms"


def row(place, **values):
    return {f"rates-{place}-{name}": value for name, value in values.items()}


def send(owner, program, do, status=None, **typed):
    owner.opens(door(program))
    return owner.posts(door(program), USUAL | {"do": do} | typed, status=status)


RETURNING = row(0, asks="customer:returning", pays="percent", value="12")
MUGS = row(1, asks="product", values="MUG-*, POT-1", pays="unit", value="2.50")


def test_a_rate_is_added_row_by_row_without_javascript(world, program):
    owner = world.owen.opens(door(program)).sees("Every order earns the offer above.")
    owner.presses("Add a rate").sees("A new rate")
    owner.fills("How much", "12").presses("Add a rate").sees("A new rate")


def test_rates_are_published_as_sentences_and_come_back_as_they_were(world, program):
    owner = world.owen.browser
    send(owner, program, "check", **RETURNING, **MUGS).sees(
        "Returning customers’ orders earn 12%.",
        "Products MUG-* or POT-1 earn $2.50 for each piece.",
    )
    assert offers.latest_terms(program.id).version == 1
    typed = {"effective_on": "2026-04-20"} | RETURNING | MUGS
    send(owner, program, "publish", **typed).sees("Version 2 of the terms is published.")
    table = RateTable.of(offers.latest_terms(program.id).rates)
    assert [(one.number, one.basis, one.since) for one in table.rules] == [
        (1, Basis.PERCENT, 2), (2, Basis.UNIT, 2),
    ]  # fmt: skip
    owner.opens(door(program)).sees("Returning customers’ orders earn 12%.")
    assert owner.field("Which")["value"] == ""
    owner.opens("/p/glow").does_not_see("Returning customers")  # not in force yet
    clock.pass_days(60)
    owner.opens("/p/glow").sees("Returning customers’ orders earn 12%.")
    owner.opens("/brand/glow/settings/program").sees("Other rates, by version 2")


def test_R68_an_amount_may_be_kept_up_to_a_share_that_is_returned(world, program):
    owner = world.owen.browser
    flat = {"kind": "flat", "flat": "5.00", "effective_on": "2026-04-20"}
    send(owner, program, "check", **flat, lost_above="150").sees("Write 1 to 100 percent")
    said = "An amount per order is lost once more than 50% of its goods are returned."
    send(owner, program, "publish", **flat, lost_above="50").sees("Version 2 of the terms")
    assert RateTable.of(offers.latest_terms(program.id).rates).lost_above_bp == 5000
    owner.opens(door(program))
    assert owner.field("A fixed amount is kept up to")["value"] == "50"
    clock.pass_days(60)
    owner.opens("/p/glow").sees(said)


def test_a_changed_rate_is_new_and_an_untouched_one_is_not(world, program):
    owner = world.owen.browser
    later = {"effective_on": "2026-04-20"}
    send(owner, program, "publish", **later, **RETURNING, **MUGS)
    changed = row(0, number="1", asks="customer:returning", pays="percent", value="13")
    kept = row(1, number="2", asks="product", values="MUG-*, POT-1", pays="unit", value="2.50")
    added = row(2, asks="tag", values="sale", pays="excluded")
    send(owner, program, "publish", effective_on="2026-05-20", **changed, **kept, **added)
    table = RateTable.of(offers.latest_terms(program.id).rates)
    assert [(one.number, one.since) for one in table.rules] == [(1, 3), (2, 2), (3, 3)]
    gone = row(0, number="1", is_gone="y", asks="customer:returning", pays="percent", value="13")
    send(owner, program, "publish", effective_on="2026-06-20", **gone, **kept)
    assert [one.number for one in RateTable.of(offers.latest_terms(program.id).rates).rules] == [2]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (row(0, asks="category", pays="percent", value="5"), "Write what it is for."),
        (row(0, asks="tag", values="x", pays="percent", value="five"), "Write a percentage such as"),
        (row(0, asks="tag", values="x", pays="percent", value="NaN"), "Write a percentage such as"),
        (row(0, asks="tag", values="x", pays="order", value="0"), "Write an amount such as 5"),
        (row(0, asks="ambassador", values="@cy", pays="percent", value="5"), "No ambassador of this"),
        (row(0, pays="percent", value="5"), "say what it is for"),
        (row(0, asks="tag", values="x", asks_too="tag", values_too="y", pays="percent", value="5"),
         "each thing can be asked once"),
        (row(0, asks="tag", values="x", pays="percent", value="5", starts_on="2026-05-02",
             ends_on="2026-05-01"), "it ends before it starts"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_is_lost(world, program, wrong, said):
    owner = world.owen.browser
    send(owner, program, "check", status=422, **wrong).sees("There is something to correct", said)
    assert owner.field("They earn")
    assert offers.latest_terms(program.id).version == 1


@pytest.mark.parametrize(
    "odd",
    [
        row(0, asks="tag", values="x", pays="bogus", value="5"),
        row(0, asks="bogus", values="x", pays="percent", value="5"),
        row(0, asks="tag", values="x", pays="percent", value="5", ends_on="9999-12-31"),
    ],
)
@pytest.mark.parametrize("do", ["check", "publish"])
def test_what_no_field_offers_is_refused_too(world, program, odd, do):
    send(world.owen.browser, program, do, status=422, **odd).sees("There is something to correct")
    world.owen.browser.posts(door(program), USUAL | odd | {"do": "add"}, status=200)
    assert offers.latest_terms(program.id).version == 1


def test_a_rate_whose_number_is_too_long_is_a_new_one(world, program):
    odd = row(0, number="9" * 5000, asks="customer:returning", pays="percent", value="12")
    send(world.owen.browser, program, "publish", **odd).sees("Version 2")
    assert RateTable.of(offers.latest_terms(program.id).rates).rules[0].number == 1


def test_a_rate_for_one_ambassador_is_hers_and_nobody_else_reads_it(world, program, ada):
    owner = world.owen.browser
    send(owner, program, "publish",
         **row(0, asks="ambassador", values="@AdaExample", pays="percent", value="20"),
         **row(1, asks="code", values="ADA15", asks_too="category", values_too="mugs",
               pays="percent", value="25", starts_on="2026-05-01", ends_on="2026-05-31"))  # fmt: skip
    table = RateTable.of(offers.latest_terms(program.id).rates)
    assert table.rules[0].conditions[0].values == (ada.public_id,)
    assert table.rules[1].asked == {Asks.CODE, Asks.CATEGORY}
    assert table.rules[1].ends_at - table.rules[1].starts_at == timedelta(days=31)
    owner.opens(door(program)).sees(
        "Orders brought by @adaexample earn 20%.", "from 1 May 2026 to 31 May"
    )
    owner.opens("/p/glow").does_not_see("20%", "25%")


def test_the_worked_example_is_worked_out_line_by_line(world, program):
    owner = world.owen.browser
    example = {
        "example-0-what": "Apparel", "example-0-amount": "80", "example-0-pieces": "1",
        "example-1-what": "Electronics", "example-1-amount": "40", "example-1-pieces": "1",
        "example_customer": "new",
    }  # fmt: skip
    rates = row(0, asks="category", values="apparel", pays="percent", value="8") | row(
        1, asks="category", values="electronics", pays="percent", value="5"
    )
    send(owner, program, "example", **rates, **example).sees("$6.40", "$2.00", "$8.40")
    send(owner, program, "example", status=422, **row(0, asks="tag", pays="percent"), **example)
    owner.sees("Correct what is marked")


def test_a_dry_run_shows_each_creators_difference_and_stores_nothing(
    world, program, ada, ben, shop
):
    shop.sells("100.00 USD", "ADA15", number="1", customer_email="mia@example.com")
    clock.pass_days(2)
    shop.sells("100.00 USD", "ADA15", number="2", customer_email="mia@example.com")
    shop.sells("50.00 USD", "BEN15", number="3")
    shop.refunds("2", "50.00 USD")
    counted = [db.session.scalar(select(func.count(one.id))) for one in (Commission, LedgerJournal)]
    owner = world.owen.browser
    five = row(0, asks="customer:returning", pays="percent", value="5")
    send(owner, program, "try", months="3", **five)
    owner.sees("Terms tried on past orders", "it starts in a moment")
    settle()
    run = queries.runs_of(program.id)[0]
    owner.opens(f"{door(program)}/tries/{run.public_id}").sees(
        "1 of 3 orders would earn something else", "$20.00", "$17.50", "−$2.50", "@adaexample"
    )
    sheet = pages.sheet_of(queries.run_of_brand(world.glow.id, run.public_id))
    assert "Ada Example,adaexample,USD,15.00,12.50,-2.50,1" in sheet
    assert counted == [
        db.session.scalar(select(func.count(one.id))) for one in (Commission, LedgerJournal)
    ]
    assert offers.latest_terms(program.id).version == 1
    owner.opens(f"{door(program)}/tries/{run.public_id}").presses("Go on with these terms")
    owner.sees("Returning customers’ orders earn 5%.")


def test_the_same_terms_change_nothing(world, program, ada, shop):
    shop.sells("87.45 USD", "ADA15")
    shop.sells("29.99 USD", "ADA15")
    send(world.owen.browser, program, "try", months="1")
    settle()
    run = queries.runs_of(program.id)[0]
    assert (run.result["orders"], run.result["changed"]) == (2, 0)
    assert run.result["rows"][0][2:4] == [1175, 1175]


def test_a_wider_choice_of_credit_is_replayed_too(world, program, ada, shop):
    shop.sells("5.00 USD", "ADA15")
    shop.sells("80.00 USD", "ADA15")
    send(world.owen.browser, program, "try", months="1", minimum="10.00")
    settle()
    run = queries.runs_of(program.id)[0]
    assert run.result["rows"][0][2:4] == [850, 800]


def test_runs_are_forgotten_after_a_week_and_strangers_see_none(world, program, ada, shop):
    send(world.owen.browser, program, "try", months="1")
    run = queries.runs_of(program.id)[0]
    other = a_program(world.rival, slug="rival")
    world.rae.browser.opens(
        f"/brand/rival/settings/program/{other.public_id}/terms/tries/{run.public_id}", status=404
    )
    world.mona.browser.opens(f"{door(program)}/tries/{run.public_id}", status=403)
    settle()
    clock.pass_days(8)
    jobs.forget_old()
    with unit_of_work():
        assert db.session.scalar(select(func.count(DryRun.id))) == 0
    world.owen.browser.opens(f"{door(program)}/tries/{run.public_id}", status=404)
