"""Commissions in finance's list say whether they are in a run, or paid (UX 6.10)."""

import csv
import io
from datetime import timedelta

import pytest

from portal.commissions.jobs import mature_due
from portal.creators import commands as creators
from portal.creators.models import Rail
from portal.destinations import commands as destinations
from portal.kernel import clock
from portal.kernel.pages import PageRequest, cursor_of
from portal.payouts import commands
from portal.reports import finance_commission_queries as queries
from portal.storage.unit_of_work import end_read, unit_of_work
from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees
from tests.support.people import a_program, an_ambassador
from tests.support.queries import keeps_budget
from tests.support.shop import Shop, settle

COMMISSIONS = "/finance/glow/commissions"


@pytest.fixture
def payees(world):
    """Ada has sold for 400.00 and earned 40.00, payable by now, with an account to send it to."""
    ada = an_ambassador(a_program(world.glow), "Ada", code="ADA15")
    Shop(world.glow).sells("400.00 USD", "ADA15", number="1001")
    settle()
    with unit_of_work():
        destinations.set_destination(ada.creator_id, Rail.STRIPE, "acct_ada", by=None)
        creators.record_account_state("acct_ada", "payable")
    clock.pass_days(60)
    mature_due()
    made = Payees(world)
    made.use(ScriptedRail())
    clock.pass_days(1)
    return made


def counts(payees):
    end_read()
    found = queries.view_counts(payees.brand.id)
    return {view: count for view, count in found.items() if count}


def sells_again(payees):
    Shop(payees.brand).sells("100.00 USD", "ADA15", number="1002")
    settle()


def test_payable_in_a_run_and_paid(payees, world):
    finn = world.finn.browser
    finn.opens(f"{COMMISSIONS}?view=payable").sees("Order #1001", "Payable")
    assert counts(payees) == {"payable": 1}
    run = payees.submitted()
    assert counts(payees) == {"in_run": 1}
    finn.opens(f"{COMMISSIONS}?view=payable").sees("No commission matches")
    finn.opens(f"{COMMISSIONS}?view=in_run").sees("Order #1001", "In run").follows("Ada Example")
    finn.sees("Set aside in a run").does_not_see("the next run pays it", "Put on hold")
    with unit_of_work():
        commands.approve_run(run.id, run.control_hash, by=world.faye.user_id)
    payees.work()
    assert counts(payees) == {"paid": 1}
    finn.opens(f"{COMMISSIONS}?view=paid").sees("Order #1001", "Paid").follows("Ada Example")
    finn.sees("Paid: it was payable from").does_not_see("the next run pays it")
    keeps_budget(finn, COMMISSIONS, most=12)


def test_a_run_given_back_makes_it_payable_again(payees, world):
    run = payees.submitted()
    with unit_of_work():
        commands.recall(run.id, by=world.finn.user_id)
    assert counts(payees) == {"payable": 1}


def test_what_is_earned_after_a_payout_is_not_covered_by_it(payees, world):
    payees.approved()
    payees.work()
    sells_again(payees)
    assert counts(payees) == {"paid": 1, "pending": 1}
    clock.pass_days(60)
    mature_due()
    assert counts(payees) == {"paid": 1, "payable": 1}
    finn = world.finn.opens(COMMISSIONS).sees("Order #1001", "Order #1002")
    words = [finn.page.find_all("td", class_="state")[at].get_text(strip=True) for at in (0, 1)]
    assert words == ["Payable", "Paid"]


def test_what_was_written_after_a_payout_is_not_covered_though_it_is_dated_before(payees):
    then = clock.now() - timedelta(days=50)
    payees.approved()
    payees.work()
    with clock.at(then):
        sells_again(payees)
    with clock.at(then + timedelta(days=45)):
        mature_due()
    assert counts(payees) == {"paid": 1, "payable": 1}
    end_read()
    listed = queries.listing(payees.brand.id, PageRequest(), "payable").rows
    assert [(row.order_number, row.word) for row in listed] == [("#1002", "payable")]


def test_searching_within_a_view(payees, world):
    finn = world.finn.browser
    finn.opens(f"{COMMISSIONS}?view=payable&q=1001").sees("Ada Example")
    finn.opens(f"{COMMISSIONS}?view=nonsense").sees("Ada Example")


@pytest.mark.parametrize(
    "values", [("x", 1), (1,), ("2026-03-02", 1), ("2026-03-02T09:00+00:00", "x")]
)
def test_a_page_link_that_was_cut_off_gets_a_sentence_on_every_list_by_time(world, values):
    cursor = cursor_of(*values)
    for person, url in (
        (world.finn, COMMISSIONS), (world.finn, "/finance/glow/appeals"),
        (world.mona, "/brand/glow/orders"), (world.mona, "/brand/glow/flags"),
        (world.mona, "/brand/glow/appeals"),
    ):  # fmt: skip
        person.opens(f"{url}?cursor={cursor}", status=422).sees("page link is not complete")


def test_the_file_holds_what_the_list_holds(payees, world, monkeypatch):
    """R136: the rows of the view and of the search, however many, and the sums of the page."""
    monkeypatch.setattr(queries, "READ_AT_ONCE", 1)
    sells_again(payees)
    finn = world.finn.browser
    for narrowed, numbers in (
        ("", ["#1002", "#1001"]), ("?view=payable", ["#1001"]), ("?q=1002", ["#1002"]),
        ("?view=void", []),
    ):  # fmt: skip
        finn.opens(f"{COMMISSIONS}/list.csv{narrowed}")
        told = finn.response.get_data(as_text=True).removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
        rows = list(csv.DictReader(io.StringIO(told)))
        assert [row["Order"] for row in rows] == numbers, narrowed
    finn.opens(f"{COMMISSIONS}?view=payable").follows("Download as CSV")
    found = finn.response.get_data(as_text=True).splitlines()[1].split(",")
    assert found[1:3] == ["Ada Example", "adaexample"]
    assert found[4:12] == ["Sale", "#1001", "400.00", "40.00", "0.00", "40.00", "USD", "payable"]
