"""A creator's doors: setting up where her money goes, changing and confirming it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.creators import commands as profiles
from portal.creators import queries as creators
from portal.creators.models import DestinationState, Rail
from portal.destinations import commands, queries
from portal.destinations.provider import AccountState
from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.ledger import accounts
from portal.notifications.models import Message
from portal.paying import commands as paying
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work
from portal.web.formatting import day as when_day
from tests.support.browser import Browser
from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees
from tests.support.world import PASSWORD, World

IBAN, OTHER = "DE89 3704 0044 0532 0130 00", "NL91 ABNA 0417 1643 00"


@pytest.fixture
def payees(world: World, rail: ScriptedRail, monkeypatch: pytest.MonkeyPatch) -> Payees:
    made = Payees(world)
    monkeypatch.setitem(world.app.extensions["portal.adapters"].rails, "stripe", rail)
    with unit_of_work():
        paying.set_ways(made.brand.id, ["stripe", "sepa", "paypal", "manual"], by=None)
    return made


def signed_in(world: World, name: str) -> Browser:
    return world.signed_in(f"{name.lower()}@example.com")


def letters(world: World) -> list[Message]:
    world.settle()
    end_read()
    return list(db.session.query(Message).order_by(Message.id))


def proves(browser: Browser) -> Browser:
    return browser.sees("Confirm that it is you").fills("Password", PASSWORD).presses("Confirm")


def by_bank(browser: Browser, iban: str) -> Browser:
    browser.opens("/creator/payouts/setup").follows("Bank transfer (SEPA)")
    browser.fills("Account holder", "Nia Example").fills("IBAN", iban)
    return browser.presses("Be paid this way")


def owed_nothing_yet(payees: Payees, name: str) -> int:
    creator = payees.creator(name, "")
    payees.owes(creator, "10.00 EUR")
    return int(creator.id)


def test_the_first_account_is_ready_at_once_sealed_and_masked(payees: Payees, world: World) -> None:
    nia = owed_nothing_yet(payees, "Nia")
    browser = by_bank(signed_in(world, "Nia"), IBAN).sees("Your account is ready", "DE •••• 3000")
    assert "0532" not in browser.text
    found = creators.destination_of(nia)
    assert found is not None
    assert (found.rail, found.state) == (Rail.SEPA, DestinationState.READY)
    kept = db.session.execute(text("SELECT account, holder FROM payout_details")).one()
    assert all(one.startswith("sealed:") for one in kept)
    trail = db.session.execute(text("SELECT facts FROM audit_entries")).scalars().all()
    assert "37040044" not in str(trail)
    end_read()


def test_a_wrong_iban_is_said_at_its_field_and_nothing_is_kept(
    payees: Payees, world: World
) -> None:
    nia = owed_nothing_yet(payees, "Nia")
    browser = signed_in(world, "Nia").opens("/creator/payouts/setup/way/sepa")
    browser.fills("Account holder", "Nia").fills("IBAN", "DE89 3704 0044 0532 0130 01")
    browser.presses("Be paid this way", status=422).sees("This is not an IBAN")
    assert creators.destination_of(nia) is None


def test_r91_a_change_asks_again_is_confirmed_by_mail_and_cools(
    payees: Payees, world: World
) -> None:
    nia = owed_nothing_yet(payees, "Nia")
    browser = by_bank(signed_in(world, "Nia"), IBAN)
    clock.pass_days(1)
    browser.opens("/creator/payouts/setup").follows("Change: Bank transfer (SEPA)")
    proves(browser).fills("Account holder", "Nia Example").fills("IBAN", OTHER)
    browser.presses("Be paid this way").sees("Confirm the change", "NL •••• 4300")
    end_read()
    assert creators.destination_of(nia).state is DestinationState.ACTION_NEEDED
    letter = letters(world)[-1]
    assert "DE •••• 3000 to NL •••• 4300" in letter.text
    link = re.search(r"/creator/payouts/setup/changes/\w+", letter.text)
    assert link is not None
    assert link.group() not in browser.text
    browser.opens(link.group()).sees("Was this you?", "NL •••• 4300").presses("Yes, it was me")
    browser.sees("Waiting for 72 hours")
    end_read()
    assert creators.destination_of(nia).state is DestinationState.COOLING
    browser.opens(link.group()).sees("Confirmed")
    browser.posts(f"{link.group()}/deny", status=409)
    clock.pass_days(3)
    end_read()
    assert creators.destination_of(nia).cooling_until <= clock.now()


def test_r91_who_says_it_was_not_she_stops_it(payees: Payees, world: World) -> None:
    nia = owed_nothing_yet(payees, "Nia")
    browser = by_bank(signed_in(world, "Nia"), IBAN)
    with unit_of_work():
        commands.name_account(nia, Rail.PAYPAL, "thief@paypal.example", "T", by=None)
    change = queries.open_change(nia)
    assert change is not None
    told = {letter.recipient for letter in letters(world)}
    assert {"nia@example.com", "thief@paypal.example"} <= told
    browser.opens(f"/creator/payouts/setup/changes/{change.public_id}").presses("No, stop it")
    browser.sees("This account cannot be paid")
    end_read()
    assert creators.destination_of(nia).state is DestinationState.DISCONNECTED


def test_r91_an_unconfirmed_change_is_no_way_round_the_next(payees: Payees) -> None:
    nia = owed_nothing_yet(payees, "Nia")
    with unit_of_work():
        commands.name_account(nia, Rail.SEPA, IBAN, "Nia", by=None)
        commands.name_account(nia, Rail.PAYPAL, "thief@paypal.example", "T", by=None)
        first = queries.open_change(nia)
        commands.name_account(nia, Rail.SEPA, OTHER, "T", by=None)
    found = creators.destination_of(nia)
    assert found.state is DestinationState.ACTION_NEEDED
    assert found.cooling_until is not None
    with pytest.raises(Conflict), unit_of_work():
        commands.confirm(first.id, by=1)
    with unit_of_work():
        commands.deny(queries.open_change(nia).id, by=1)
        commands.name_account(nia, Rail.PAYPAL, "thief@paypal.example", "T", by=None)
    assert creators.destination_of(nia).state is DestinationState.ACTION_NEEDED


def test_r91_no_report_of_stripe_brings_back_what_was_denied(payees: Payees) -> None:
    nia = owed_nothing_yet(payees, "Nia")
    with unit_of_work():
        commands.name_account(nia, Rail.SEPA, IBAN, "Nia", by=None)
        commands.set_destination(nia, Rail.STRIPE, "acct_thief", by=None)
        commands.deny(queries.open_change(nia).id, by=1)
    with unit_of_work():
        profiles.record_account_state("acct_thief", "payable", label_masked="••6789")
    found = creators.destination_of(nia)
    assert (found.account_ref, found.state) == ("acct_thief", DestinationState.DISCONNECTED)


def test_somebody_elses_link_does_not_exist(payees: Payees, world: World) -> None:
    nia = owed_nothing_yet(payees, "Nia")
    owed_nothing_yet(payees, "Eva")
    with unit_of_work():
        commands.name_account(nia, Rail.SEPA, IBAN, "Nia", by=None)
        commands.name_account(nia, Rail.SEPA, OTHER, "Nia", by=None)
    change = queries.open_change(nia)
    assert change is not None
    url = f"/creator/payouts/setup/changes/{change.public_id}"
    signed_in(world, "Eva").opens(url, status=404)
    world.finn.opens(url, status=403)


def test_a_provider_cannot_confirm_for_her(payees: Payees, world: World) -> None:
    from portal.creators import commands as profiles

    nia = owed_nothing_yet(payees, "Nia")
    with unit_of_work():
        commands.name_account(nia, Rail.SEPA, IBAN, "Nia", by=None)
        commands.set_destination(nia, Rail.STRIPE, "acct_thief", by=None)
        profiles.record_account_state("acct_thief", "payable")
    assert creators.destination_of(nia).state is DestinationState.ACTION_NEEDED
    with unit_of_work():
        commands.confirm(queries.open_change(nia).id, by=1)
    assert creators.destination_of(nia).state is DestinationState.COOLING


def test_the_same_account_of_two_creators_is_seen_without_being_read(payees: Payees) -> None:
    ids = [owed_nothing_yet(payees, name) for name in ("Nia", "Eva")]
    with unit_of_work():
        refs = [
            commands.name_account(one, Rail.SEPA, iban, "N", by=None).account_ref
            for one, iban in zip(ids, (IBAN, IBAN.lower().replace(" ", "")), strict=True)
        ]
    assert refs[0] == refs[1]
    assert "3704" not in refs[0]


def test_r90_reminders_at_0_7_21_45_days_and_nothing_is_forfeited(
    payees: Payees, world: World
) -> None:
    nia = owed_nothing_yet(payees, "Nia")
    sent = []
    for day in range(50):
        with unit_of_work():
            if commands.remind(clock.now()):
                sent.append(day)
        clock.pass_days(1)
    assert sent == [0, 7, 21, 45]
    told = [one for one in letters(world) if "waits for you" in one.subject]
    assert len(told) == 4
    assert "This is the last reminder." in told[-1].text
    balance = db.session.execute(
        text("SELECT balance_minor FROM ledger_accounts WHERE name = :name"),
        {"name": accounts.payable(payees.brand.id, nia)},
    ).scalar_one()
    assert balance == 1000
    end_read()


def test_connecting_going_to_the_provider_and_coming_back(
    payees: Payees, world: World, rail: ScriptedRail
) -> None:
    nia = payees.creator("Nia", "")
    payees.owes(nia, "10.00 USD")
    browser = signed_in(world, "Nia").opens("/creator/payouts/setup")
    browser.presses("Connect with Stripe").sees("Continue at Stripe")
    target = next(
        a["href"] for a in browser.page.find_all("a") if "rail.example" in a.get("href", "")
    )
    assert "http://localhost/creator/payouts/setup?back=1" in target
    account = f"acct_{nia.public_id}"
    browser.opens("/creator/payouts/setup?back=1").sees("Finish your account at Stripe")
    assert browser.page.find(id="payout-account")["hx-trigger"] == "load"
    browser.presses("Refresh the status").sees("Stripe needs something from you")
    rail.accounts[account] = AccountState("payable", (), "••6789", "US")
    browser.presses("Refresh the status").sees("Your account is ready", "••6789")
    assert len(rail.accounts) == 1


def test_what_is_due_by_a_date_what_is_overdue_and_what_is_closed_for_good(
    payees: Payees, world: World, rail: ScriptedRail
) -> None:
    payees.owed("Ada", "30.00 USD", account="acct_ada")
    lacks = ("individual.id_number",)
    by = clock.now() + timedelta(days=9)
    rail.accounts["acct_ada"] = AccountState("payable", (), "••6789", "US", due=lacks, due_at=by)
    browser = signed_in(world, "Ada").opens("/creator/payouts/setup")
    day = when_day(by)
    browser.presses("Refresh the status").sees(f"Stripe wants more from you by {day}")
    browser.sees(
        "Missing: your tax number. You are paid as usual until then", "Your account is ready"
    )
    browser.opens("/creator").sees(f"Stripe wants more from you by {day}")
    assert "your tax number. You are paid as usual" in letters(world)[-1].text
    count = len(letters(world))
    browser.opens("/creator/payouts/setup").presses("Refresh the status")
    assert len(letters(world)) == count  # nothing new, no other mail

    clock.pass_days(10)
    rail.accounts["acct_ada"] = AccountState("restricted", lacks, "••6789", "US")
    browser.presses("Refresh the status").sees(
        "Stripe has stopped payouts to this account", "Missing: your tax number."
    ).does_not_see("Stripe wants more")
    rail.accounts["acct_ada"] = AccountState("rejected", ("rejected.fraud",), "••6789", "US")
    browser.presses("Refresh the status").sees("Stripe has closed this account for good")


def test_by_hand_and_back_to_stripe(payees: Payees, world: World) -> None:
    ada = payees.creator("Ada")
    payees.owes(ada, "10.00 USD")
    clock.pass_days(1)
    browser = signed_in(world, "Ada").opens("/creator/payouts/setup").follows("Another way")
    proves(browser).fills("How the brand can pay you", "Wire, as agreed")
    browser.presses("Be paid this way").sees("Confirm the change", "Wire, as agreed")
    browser.presses("Use my Stripe account again").sees("Confirm the change")


def test_nothing_written_is_refused_beside_the_field(payees: Payees, world: World) -> None:
    owed_nothing_yet(payees, "Nia")
    browser = signed_in(world, "Nia").opens("/creator/payouts/setup/way/manual")
    browser.presses("Be paid this way", status=422).sees("Write how the brand can pay you.")
    browser.opens("/creator/payouts/setup/way/credit", status=404)
    browser.opens("/creator/payouts/setup/way/stripe", status=404)


def test_without_a_provider_nothing_is_connected(
    payees: Payees, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(world.app.extensions["portal.adapters"].rails, "stripe")
    payees.creator("Nia", "")
    browser = signed_in(world, "Nia").opens("/creator/payouts/setup").sees("Another way")
    browser.posts("/creator/payouts/setup/connect", status=409).sees("Stripe is not connected")


def test_an_expired_link_says_so(payees: Payees, world: World) -> None:
    payees.creator("Nia", "")
    signed_in(world, "Nia").opens("/creator/payouts/setup?expired=1").sees(
        "That page at Stripe had expired"
    )
