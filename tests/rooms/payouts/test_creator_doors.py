"""A creator's doors: what is owed and paid, and setting up where it goes."""

import pytest

from portal.creators import queries as creators
from portal.creators.models import DestinationState
from portal.kernel import clock
from portal.kernel.errors import ProviderRefused
from portal.payouts import commands
from portal.payouts.provider import AccountState
from portal.storage.unit_of_work import end_read, unit_of_work
from tests.support.browser import Browser
from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees
from tests.support.world import PASSWORD, World


@pytest.fixture(autouse=True)
def connected(payees: Payees, rail: ScriptedRail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(payees.world.app.extensions["portal.adapters"].rails, "stripe", rail)


def signed_in(world: World, name: str) -> Browser:
    return world.signed_in(f"{name.lower()}@example.com")


def test_a_payout_from_owed_to_sent(payees: Payees, world: World) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    browser = signed_in(world, "Ada")
    browser.opens("/creator/payouts").sees("Payable by Glow", "$80", "Minimum", "$25.00")
    run = payees.approved()
    browser.opens("/creator/payouts").sees("In progress", "Approved")
    payees.work()
    browser.opens("/creator/payouts").sees("Paid so far", "March 2026").follows("March 2026")
    browser.sees("Payout March 2026", "Sent", "Expected to arrive by", "Trace id")
    assert payees.of(run, ada).provider_ref in browser.text


def test_what_stops_the_next_payout_is_said_with_its_way_out(payees: Payees, world: World) -> None:
    payees.owed("Nia", "60.00 USD", account="")
    payees.owed("Pia", "24.99 USD")
    signed_in(world, "Nia").opens("/creator/payouts").sees(
        "This cannot be sent yet", "Set up a payout account and the next run pays you."
    ).follows("Set up payouts").sees("Connect a payout account")
    signed_in(world, "Pia").opens("/creator/payouts").sees("Your balance is below the minimum")


def test_a_failed_payout_says_what_to_do(payees: Payees, world: World, rail: ScriptedRail) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    rail.script = [ProviderRefused("Closed.", code="account_closed")]
    run = payees.approved()
    payees.work()
    browser = signed_in(world, "Ada").opens(f"/creator/payouts/{payees.of(run, ada).public_id}")
    browser.sees("This payout was not sent", "Your account was closed").follows(
        "Check your account"
    )


def test_mistake_24_somebody_elses_payout_does_not_exist(payees: Payees, world: World) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    payees.owed("Eva", "50.00 USD")
    run = payees.approved()
    url = f"/creator/payouts/{payees.of(run, ada).public_id}"
    signed_in(world, "Eva").opens(url, status=404)
    world.finn.opens(url, status=403)
    Browser(world.app).opens(url).sees("Sign in")


def test_a_payout_nobody_approved_yet_is_not_shown(payees: Payees, world: World) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = payees.submitted()
    url = f"/creator/payouts/{payees.of(run, ada).public_id}"
    signed_in(world, "Ada").opens(url, status=404)


def test_connecting_going_to_the_provider_and_coming_back(
    payees: Payees, world: World, rail: ScriptedRail
) -> None:
    nia = payees.creator("Nia", "")
    browser = signed_in(world, "Nia").opens("/creator/payouts/setup")
    browser.presses("Connect with Stripe").sees("Continue at Stripe")
    link = browser.page.find("a", string=lambda text: text and "Continue at Stripe" in text)
    target = next(
        a["href"] for a in browser.page.find_all("a") if "rail.example" in a.get("href", "")
    )
    assert "http://localhost/creator/payouts/setup?back=1" in target
    assert link is None or link
    account = f"acct_{nia.public_id}"
    browser.opens("/creator/payouts/setup?back=1").sees("Finish your account at Stripe")
    assert browser.page.find(id="payout-account")["hx-trigger"] == "load"
    browser.presses("Refresh the status").sees("Stripe needs something from you")
    rail.accounts[account] = AccountState("payable", (), "••6789", "US")
    browser.presses("Refresh the status").sees("Your account is ready", "••6789")
    browser.opens("/creator/payouts/setup")
    assert len(rail.accounts) == 1


def test_an_expired_link_says_so(payees: Payees, world: World) -> None:
    payees.creator("Nia", "")
    signed_in(world, "Nia").opens("/creator/payouts/setup?expired=1").sees(
        "That page at Stripe had expired"
    )


def test_r91_changing_the_way_asks_again_and_cools(payees: Payees, world: World) -> None:
    ada = payees.creator("Ada")
    clock.pass_days(1)
    browser = signed_in(world, "Ada").opens("/creator/payouts/setup").sees("Your account is ready")
    browser.fills("How the brand can pay you", "Bank transfer, as agreed").presses(
        "Be paid this way"
    )
    browser.sees("Confirm that it is you").fills("Password", PASSWORD).presses("Confirm")
    browser.fills("How the brand can pay you", "Bank transfer, as agreed").presses(
        "Be paid this way"
    )
    browser.sees("You are paid by hand", "Nothing is sent before")
    end_read()
    found = creators.destination_of(ada.id)
    assert found is not None
    assert found.state is DestinationState.COOLING
    browser.presses("Use my Stripe account again").sees("Waiting for 72 hours")


def test_nothing_written_is_refused_beside_the_field(payees: Payees, world: World) -> None:
    payees.creator("Nia", "")
    browser = signed_in(world, "Nia").opens("/creator/payouts/setup")
    browser.presses("Be paid this way", status=422).sees("Write how the brand can pay you.")


def test_without_a_provider_the_page_says_how_it_works_here(
    payees: Payees, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(world.app.extensions["portal.adapters"].rails, "stripe")
    payees.creator("Nia", "")
    browser = signed_in(world, "Nia").opens("/creator/payouts/setup")
    browser.sees("Tell the brand how to pay you")
    browser.posts("/creator/payouts/setup/connect", status=409).sees("Stripe is not connected")


def test_a_returned_payout_says_so(payees: Payees, world: World) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = payees.approved()
    payees.work()
    with unit_of_work():
        commands.record_return("tr_1")
    browser = signed_in(world, "Ada").opens(f"/creator/payouts/{payees.of(run, ada).public_id}")
    browser.sees("The money came back", "$80.00 is payable again")
