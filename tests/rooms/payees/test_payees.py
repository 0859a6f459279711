"""Everybody who is owed something: what the page says is what a run would do."""

import csv
import io
from datetime import timedelta

import pytest

from portal.creators import commands as creators
from portal.creators.models import Rail
from portal.destinations import commands as destinations
from portal.destinations import queries
from portal.identity.models import Brand
from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.kernel.pages import PageRequest
from portal.notifications.models import Message
from portal.payees import balance_queries
from portal.payees.queries import Payees
from portal.payees.rules import Readiness, View, readiness_of
from portal.payouts import candidate_queries as candidates
from portal.payouts.models import BlockedReason, PayoutRun
from portal.programs import commands as programs
from portal.storage.locks import lock
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work
from portal.tax.list_queries import Standings
from portal.tax.models import Asks
from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees as Builders
from tests.support.queries import keeps_budget
from tests.support.tax import Papers

IBAN = "DE89 3704 0044 0532 0130 00"
NAME_AND_RATE = (BlockedReason.TAX_NAME, BlockedReason.CURRENCY)
PAYEES = "/finance/glow/payees"


@pytest.fixture
def payees(world):
    made = Builders(world, ScriptedRail())
    with unit_of_work():
        lock(Brand, world.glow.id).country = "US"
    made.use(made.rail)
    return made


@pytest.fixture
def people(payees):
    """One of each kind: paid whole, without an account, changed, below zero, below the minimum,
    two currencies, without a form, with another's name on the form."""
    papers = Papers(payees)
    papers.policy(asks=Asks.ALWAYS)
    made = {
        name: payees.owed(name, amount, **more)
        for name, amount, more in (
            ("Ann", "40.00 USD", {}), ("Bea", "50.00 USD", {"account": ""}),
            ("Cal", "60.00 USD", {}), ("Dee", "-5.00 USD", {}), ("Eli", "24.99 USD", {}),
            ("Fay", "70.00 USD", {}), ("Gil", "80.00 USD", {}), ("Hal", "90.00 USD", {}),
            ("Ina", "30.00 USD", {"rail": Rail.MANUAL, "account": "by hand"}),
        )
    }  # fmt: skip
    payees.owes(made["Fay"], "9000 JPY")
    for name in ("Ann", "Bea", "Cal", "Eli", "Fay", "Ina"):
        papers.w9(made[name])
    with unit_of_work():
        destinations.set_destination(made["Cal"].id, Rail.STRIPE, "acct_new", by=None)
        destinations.name_account(made["Hal"].id, Rail.SEPA, IBAN, "Other", by=None)
    papers.w9(made["Hal"])
    end_read()
    return made


def listed(world, view=View.ALL, text="", country="", size=50):
    standings = Standings(world.glow.id)
    found = Payees(standings, text, country)
    page = found.page(view, PageRequest(size=size))
    return page, balance_queries.owed_to(standings, page.rows, found.now)


def blocks(world, name):
    page, owed = listed(world, text=name)
    (payee,) = page.rows
    return {one.payable.currency: one.blocked for one in owed[payee.creator.id]}


def test_R83_the_page_names_the_blocks_a_run_names(world, people):
    page, owed = listed(world)
    for currency in ("USD", "JPY"):
        draft = PayoutRun(
            brand_id=world.glow.id, currency=currency, cutoff_at=clock.now() + timedelta(seconds=1),
            minimum_minor=Money.of("25.00 USD").minor if currency == "USD" else 2500,
        )  # fmt: skip
        with unit_of_work():
            run = {one.creator_id: one for one in candidates.standings(draft, clock.now())}
        ours = {
            payee.creator.id: one
            for payee in page.rows
            for one in owed[payee.creator.id]
            if one.payable.currency == currency
        }
        assert {key: (one.amount, one.blocked) for key, one in run.items()} == {
            key: (one.payable, one.blocked) for key, one in ours.items()
        }


def test_R83_every_reason(world, people):
    expected = {
        "Ann": (), "Bea": (BlockedReason.NO_ACCOUNT,), "Dee": (BlockedReason.NEGATIVE_BALANCE,),
        "Eli": (BlockedReason.BELOW_MINIMUM,), "Gil": (BlockedReason.TAX_FORM,), "Ina": (),
    }  # fmt: skip
    assert {name: blocks(world, name)["USD"] for name in expected} == expected


def test_R84_a_minimum_of_nothing_is_one(world, payees, people):
    with unit_of_work():
        programs.set_minimum(payees.brand.id, Money.of("0.00 USD"), by=None)
    assert blocks(world, "Eli")["USD"] == ()
    assert payees.of(payees.draft(), people["Eli"]).blocked_reason is None


def test_R91_R92_a_changed_account_waits_and_anothers_name_is_told(world, payees, people):
    assert blocks(world, "Cal")["USD"] == (BlockedReason.NO_ACCOUNT,)  # not connected yet
    assert blocks(world, "Hal")["USD"] == (
        BlockedReason.ACCOUNT_RESTRICTED, *NAME_AND_RATE
    )  # fmt: skip
    with unit_of_work():
        creators.record_account_state("acct_new", "payable")
        change = queries.open_change(people["Hal"].id)
        destinations.confirm(change.id, by=people["Hal"].user_id)
    assert blocks(world, "Hal")["USD"] == (BlockedReason.COOLING, *NAME_AND_RATE)
    clock.pass_days(3)
    end_read()
    assert blocks(world, "Hal")["USD"] == NAME_AND_RATE


def test_each_view_holds_whom_its_name_says_and_counts_them(world, people):
    tallies = Payees(Standings(world.glow.id)).tallies().views
    for view in View:
        page, _ = listed(world, view)
        assert len(page.rows) == tallies[view], view
        now = clock.now()
        for payee in page.rows:
            to = (
                candidates.facts_of(payee.destination, payee.creator.country)
                if payee.destination
                else None
            )
            assert readiness_of(to, now) is payee.readiness  # SQL and rule agree
            if view in list(Readiness):
                assert payee.readiness == view.value
    assert [p.creator.name for p in listed(world, View.NEGATIVE)[0].rows] == ["Dee"]
    assert [p.creator.name for p in listed(world, View.MISSING)[0].rows] == ["Bea", "Cal"]


def test_pages_go_on_where_the_last_ended_and_a_made_up_link_is_refused(world, people):
    found, seen, cursor = Payees(Standings(world.glow.id)), [], None
    while True:
        page = found.page(View.ALL, PageRequest(cursor, 4))
        seen += [payee.creator.name for payee in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == sorted(people)
    with pytest.raises(InvalidInput):
        found.page(View.ALL, PageRequest("WzFd"))
    assert [p.creator.name for p in listed(world, text="@fay")[0].rows] == ["Fay"]
    assert [p.creator.name for p in listed(world, text="an")[0].rows] == ["Ann"]
    assert listed(world, country="AT")[0].rows == []


def test_finance_looks_through_the_list(world, people):
    page = world.finn.opens(PAYEES).sees(
        "Payees", "Ann", "No account", "USD 24.99", "Below minimum"
    )
    page.sees("JPY 9,000", "Tax form missing")
    world.finn.opens(f"{PAYEES}?view=negative").sees("Dee")
    world.finn.opens(f"{PAYEES}?q=nobody").sees("No payee matches")
    world.finn.opens(f"{PAYEES}?country=AT").sees("No payee matches")
    world.rae.opens(PAYEES, status=404)
    world.mona.opens(PAYEES, status=403)


def test_the_list_takes_few_queries_and_its_file_has_a_line_for_each_currency(world, people):
    keeps_budget(world.finn.browser, PAYEES, most=12)
    answer = world.finn.opens(f"{PAYEES}/list.csv").response
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert len(rows) == len(people) + 1
    fay = [row for row in rows if row["Creator"] == "Fay"]
    assert {(row["Currency"], row["Payable"]) for row in fay} == {("USD", "70.00"), ("JPY", "9000")}
    (bea,) = [row for row in rows if row["Creator"] == "Bea"]
    assert (bea["State"], bea["Why not paid"]) == ("No account", "No payout account")


def test_one_payee_with_her_history(world, payees, people):
    payees.submitted()
    ann, cal = people["Ann"], people["Cal"]
    page = world.finn.opens(f"{PAYEES}/{ann.public_id}").sees("Ann", "March 2026", "Verified")
    page.sees("••4242", "In a run")
    page = world.faye.opens(f"{PAYEES}/{cal.public_id}").sees("No account", "Changed from ••4242")
    page.sees("is not paid: no payout account", "your confirmation, by the link")
    world.rae.opens(f"/finance/rival/payees/{ann.public_id}", status=404)
    empty = world.finn.opens(f"{PAYEES}/{people['Bea'].public_id}")
    empty.sees("She has named no account", "No payout account")


def test_nobody_yet(world):
    world.finn.opens(PAYEES).sees("Nobody was owed anything yet")


def test_odd_characters_in_an_address_are_nobody(world):
    """Bites on PostgreSQL, which refuses even to look for NUL."""
    world.finn.opens(f"{PAYEES}?q=%00Zoe&country=%00").sees("No payee matches")
    world.finn.opens(f"{PAYEES}/%00", status=404)
    world.finn.opens("/finance/glow/runs/%00", status=404)


def test_finance_asks_for_what_is_missing_once_a_day(world, people):
    letters = db.select(Message).where(Message.letter.in_(("destination_asked", "tax_form_needed")))

    def told():
        end_read()
        found = db.session.scalars(letters.order_by(Message.id))
        return sorted((one.recipient.partition("@")[0], one.letter) for one in found)

    page = world.finn.opens(f"{PAYEES}?view=missing").presses("Remind all")
    page.sees("Asked by mail: 2 for an account.", "Bea", "Cal")
    world.settle()
    assert told() == [("bea", "destination_asked"), ("cal", "destination_asked")]
    letter = db.session.scalars(letters.order_by(Message.recipient)).first()
    assert letter.subject == "Glow cannot pay you yet: $50.00 waits"
    assert "Nobody knows yet where to send it." in letter.text
    page.presses("Remind all").sees("Nobody was asked")
    page.opens(f"{PAYEES}/{people['Bea'].public_id}").sees("Finn Example", "asked for an account")
    page.opens(f"{PAYEES}/{people['Gil'].public_id}").presses("Remind by mail")
    page.sees("Asked by mail: 1 for a tax form.").presses("Remind by mail").sees("Nobody was asked")
    page.opens(f"{PAYEES}/{people['Ann'].public_id}").does_not_see("Remind by mail")
    world.settle()
    assert told()[2:] == [("gil", "tax_form_needed")]
    clock.pass_days(1)
    clock.pass_time(timedelta(seconds=1))
    page.opens(f"{PAYEES}?view=missing").presses("Remind all").sees("Asked by mail")
    world.rae.browser.posts(f"/finance/glow/payees/{people['Bea'].public_id}/remind", status=404)


def test_finance_permits_an_account_that_two_share(payees, world):
    ann = payees.owed("Ann", "40.00 USD", account="paypal_same", rail=Rail.PAYPAL)
    payees.owed("Bea", "50.00 USD", account="paypal_same", rail=Rail.PAYPAL)
    one = f"{PAYEES}/{ann.public_id}"
    page = payees.finn.opens(one).sees("Same account as", "Bea", "same account as another creator")
    page.presses("They may share it", status=422).sees("Write a reason.")
    page.fills("Why they may share it", "Sisters").presses("They may share it")
    page.sees("The next run pays these 2 creators to one account", "said on", "Sisters")
    page.does_not_see("same account as another creator")
    payees.faye.opens(one).posts(f"{one}/share", {"shared_reason": "Sisters"}, status=403)
    page.posts(f"{one}/share", {"shared_reason": "Sisters, again"}).sees("2 creators")
