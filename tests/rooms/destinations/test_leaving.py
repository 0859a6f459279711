"""A creator disconnects her account, and connects it again: nothing is lost, nobody slips by."""

from datetime import timedelta

import pytest

from portal.audit import queries as audit
from portal.creators import queries as creators
from portal.creators.models import DestinationState, Rail
from portal.destinations import commands, queries
from portal.destinations.provider import AccountState
from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.notifications.models import Message
from portal.paying import commands as paying
from portal.payouts import commands as payouts
from portal.payouts.leaving_commands import leave_account
from portal.payouts.models import PayoutStatus
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work
from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees
from tests.support.world import PASSWORD, World

LEAVE, SETUP = "/creator/payouts/setup/disconnect", "/creator/payouts/setup"
IBAN = "DE89 3704 0044 0532 0130 00"
OWN = AccountState("payable", (), "••6789", "US", bank="fp_own")


@pytest.fixture
def payees(world: World, rail: ScriptedRail, monkeypatch: pytest.MonkeyPatch) -> Payees:
    made = Payees(world, rail)
    monkeypatch.setitem(world.app.extensions["portal.adapters"].rails, "stripe", rail)
    with unit_of_work():
        paying.set_ways(made.brand.id, ["stripe", "sepa"], by=None)
    return made


def connected(payees: Payees) -> int:
    ada = payees.owed("Ada", "40.00 USD")
    payees.rail.accounts["acct_ada"] = OWN
    clock.pass_days(1)
    return int(ada.id)


def leaves(creator_id: int) -> None:
    with unit_of_work():
        leave_account(creator_id, by=creators.creator(creator_id).user_id)


def state_of(creator_id: int) -> DestinationState:
    end_read()
    found = creators.destination_of(creator_id)
    assert found is not None
    return found.state


def test_she_is_told_what_it_means_proves_herself_and_gets_a_mail(
    payees: Payees, world: World
) -> None:
    ada = connected(payees)
    browser = world.signed_in("ada@example.com").opens(SETUP).follows("Disconnect")
    browser.sees("Nothing more is sent to this account", "$40.00", "Nothing is lost")
    browser.presses("Disconnect").sees("Confirm that it is you").fills("Password", PASSWORD)
    browser.presses("Confirm").presses("Disconnect").sees("You disconnected this account")
    browser.sees("Use my Stripe account again").does_not_see("Refresh the status")
    assert state_of(ada) is DestinationState.DISCONNECTED
    found = creators.destination_of(ada)
    entry = audit.history_of("payout-destination", found.id)
    assert "payout-destination.left" in [one.act for one in entry]
    world.settle()
    (letter,) = db.session.query(Message).filter_by(letter="payout_account").order_by(
        Message.id.desc()
    ).limit(1)  # fmt: skip
    assert "If you did not disconnect it" in letter.text
    end_read()
    browser.opens(LEAVE, status=409).sees("There is no account to disconnect.")
    browser.opens("/creator").sees("Your payout account needs you")


def test_not_while_a_payout_is_on_its_way(payees: Payees, world: World) -> None:
    ada = connected(payees)
    run = payees.approved()
    browser = world.signed_in("ada@example.com").opens(LEAVE)
    browser.sees("A payout is on its way to it", "$40.00 is approved or being sent")
    assert "Disconnect" not in [one.get_text(strip=True) for one in browser.page.find_all("button")]
    with pytest.raises(Conflict, match="on its way"):
        leaves(ada)
    assert state_of(ada) is DestinationState.READY
    payees.use(payees.rail)
    payees.work()
    assert payees.of(run, creators.creator(ada)).status is PayoutStatus.SENT
    leaves(ada)
    assert state_of(ada) is DestinationState.DISCONNECTED


def test_what_is_approved_after_she_left_is_skipped_and_stays_hers(payees: Payees) -> None:
    ada = connected(payees)
    run = payees.submitted()
    leaves(ada)
    with unit_of_work():
        payouts.approve_run(run.id, run.control_hash, by=payees.world.faye.user_id)
    payees.use(payees.rail)
    payees.work()
    who = creators.creator(ada)
    assert payees.of(run, who).refusal_code == "destination_changed"
    assert payees.balances(who) == {"payable": 4000, "committed": 0, "paid": 0}


def test_r91_connected_again_it_is_confirmed_and_cools_like_a_new_one(
    payees: Payees, world: World
) -> None:
    ada = connected(payees)
    leaves(ada)
    with unit_of_work():
        commands.record_report("acct_ada", OWN)
    assert state_of(ada) is DestinationState.DISCONNECTED  # only she brings it back
    browser = world.signed_in("ada@example.com").opens(SETUP)
    browser.presses("Use my Stripe account again").sees("Confirm that it is you")
    browser.fills("Password", PASSWORD).presses("Confirm")
    browser.presses("Use my Stripe account again").sees("Confirm the change")
    with unit_of_work():
        commands.record_report("acct_ada", OWN)
    assert state_of(ada) is DestinationState.ACTION_NEEDED
    with unit_of_work():
        commands.confirm(queries.open_change(ada).id, by=1)
    assert state_of(ada) is DestinationState.COOLING
    clock.pass_days(3)
    with unit_of_work():
        commands.record_report("acct_ada", OWN)
    assert state_of(ada) is DestinationState.READY


def test_r91_leaving_first_is_no_way_round_the_confirmation(payees: Payees) -> None:
    ada = connected(payees)
    leaves(ada)
    with unit_of_work():
        commands.name_account(ada, Rail.SEPA, IBAN, "T", by=None)
    found = creators.destination_of(ada)
    assert (found.rail, found.state) == (Rail.SEPA, DestinationState.ACTION_NEEDED)
    assert found.cooling_until is not None
    leaves(ada)
    with unit_of_work():
        commands.name_account(ada, Rail.SEPA, IBAN, "T", by=None)  # the very same again
    assert state_of(ada) is DestinationState.ACTION_NEEDED


@pytest.mark.parametrize("how", ["denied", "taken away"])
def test_an_account_that_has_gone_is_not_gone_back_to_another_one_is_opened(
    payees: Payees, world: World, how: str
) -> None:
    ada = connected(payees)
    with unit_of_work():
        commands.record_report("acct_ada", OWN)
        if how == "denied":
            commands.record_report("acct_ada", AccountState("payable", (), "••1", bank="fp_x"))
            commands.deny(queries.open_change(ada).id, by=1)
        else:
            commands.record_report("acct_ada", AccountState("disconnected"))
    browser = world.signed_in("ada@example.com").opens(SETUP)
    browser.does_not_see("Use my Stripe account again").presses("Connect with Stripe")
    browser.fills("Password", PASSWORD).presses("Confirm").presses("Connect with Stripe")
    browser.sees("Continue at Stripe").posts(f"{SETUP}/use-stripe")
    end_read()
    found = creators.destination_of(ada)
    assert found.account_ref.endswith("_after_acct_ada")
    assert (found.bank_print, found.missing) == ("", ["confirmation"])


def test_a_closed_account_is_neither_left_nor_offered(payees: Payees, world: World) -> None:
    ada = connected(payees)
    with unit_of_work():
        commands.record_report("acct_ada", AccountState("rejected", ("rejected.fraud",)))
    with pytest.raises(Conflict):
        leaves(ada)
    browser = world.signed_in("ada@example.com").opens(SETUP)
    browser.does_not_see("Use my Stripe account again", "Connect with Stripe", "Disconnect")
    browser.posts(f"{SETUP}/use-stripe", status=409)


def test_R91_no_way_to_an_account_with_a_bank_without_a_proof(payees: Payees, world: World) -> None:
    """She might name another bank there: the way in is guarded like the change itself."""
    connected(payees)
    with unit_of_work():
        commands.record_report("acct_ada", OWN)
    browser = world.signed_in("ada@example.com")
    clock.pass_time(timedelta(hours=2))
    browser.posts(f"{SETUP}/connect").sees("Confirm that it is you")
