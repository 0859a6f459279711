"""Another bank at Stripe, by the pages alone: to Stripe and back, mail, 72 hours, paid (R91)."""

import re
from datetime import timedelta
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from portal.creators import queries as creators
from portal.creators.models import DestinationState
from portal.kernel import clock
from portal.notifications import queries as mail
from portal.payouts import commands as payouts
from portal.payouts import jobs
from portal.payouts.models import PayoutStatus
from portal.storage.unit_of_work import end_read, unit_of_work
from tests.support.payees import Payees
from tests.support.stripe_hooks import listening
from tests.support.world import PASSWORD

SETUP = "/creator/payouts/setup"


@pytest.fixture
def hooks(app):
    with listening(app) as found:
        yield found


def at_stripe(url, choice):
    """Press a button on a page of the simulator."""
    parts = urlsplit(url)
    form = "&".join([f"choice={choice}", parts.query])
    connection = HTTPConnection(parts.hostname, parts.port)
    connection.request("GET", f"{parts.path}?{parts.query}")
    page = connection.getresponse().read().decode()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", parts.path, form, kind)
    assert connection.getresponse().status == 303
    connection.close()
    return page


def target(browser):
    browser.sees("Continue at Stripe")
    return next(
        one["href"] for one in browser.page.find_all("a") if "/connect/" in one.get("href", "")
    )


def state_of(creator):
    end_read()
    return creators.destination_of(creator.id).state


def connects(ada, hooks):
    ada.opens(SETUP).presses("Connect with Stripe")
    at_stripe(target(ada), "finish")
    assert "account.updated" in hooks.delivers()
    ada.opens(f"{SETUP}?back=1").sees("Your account is ready", "Change bank details at Stripe")


def opens_bank(browser):
    browser.presses("Change bank details at Stripe").sees("Confirm that it is you")
    browser.fills("Password", PASSWORD).presses("Confirm").presses("Change bank details at Stripe")


def paid_by_stripe(world, hooks):
    """The payees, Nia, who is owed 40.00 and has an account there, and her browser."""
    payees = Payees(world)
    payees.use(hooks.simulator.rail())
    nia = payees.creator("Nia", "")
    payees.owes(nia, "40.00 USD")
    browser = world.signed_in("nia@example.com")
    connects(browser, hooks)
    return payees, nia, browser


def test_r91_another_bank_at_stripe_is_confirmed_cools_and_is_paid(world, hooks):
    payees, nia, ada = paid_by_stripe(world, hooks)
    was = re.search(r"Payouts go to (••\d{4})", ada.text).group(1)
    run = payees.submitted()
    clock.pass_time(timedelta(hours=1))

    opens_bank(ada)
    assert was.strip("•") in at_stripe(target(ada), "bank")
    told = hooks.delivers(reverse=True)
    assert set(told) == {"account.updated", "account.external_account.created"}
    assert state_of(nia) is DestinationState.ACTION_NEEDED
    ada.opens(SETUP).sees("Confirm the change").does_not_see("Change bank details")
    with unit_of_work():
        payouts.approve_run(run.id, run.control_hash, by=world.faye.user_id)
    payees.work()
    assert hooks.simulator.state()["transfers"] == []
    assert payees.of(run, nia).refusal_code == "destination_changed"

    (letter,) = [
        one for one in mail.latest(20, "nia@example.com") if one.letter == "destination_confirm"
    ]
    assert f"from {was} to ••" in letter.text
    ada.opens(re.search(r"(/creator/payouts/setup/changes/\w+)", letter.text).group(1))
    ada.sees(was, "Was this you?").presses("Yes, it was me").sees("Waiting for 72 hours")
    clock.pass_days(3)
    ada.opens(SETUP).presses("Refresh the status").sees("Your account is ready")
    payees.approved(label="April 2026")
    payees.work()
    assert [one["amount"] for one in hooks.simulator.state()["transfers"]] == [4000]


def test_a_bank_that_refuses_is_said_to_her_and_a_new_one_is_paid(world, hooks):
    payees, nia, browser = paid_by_stripe(world, hooks)
    run = payees.approved()
    payees.work()
    account = creators.destination_of(nia.id).account_ref
    end_read()
    hooks.simulator.control("bank-payout", {"account": account, "fails": "account_closed"})
    hooks.simulator.control("hooks", {"hold": True, "duplicates": 1})
    assert "payout.failed" in hooks.delivers(reverse=True)
    assert state_of(nia) is DestinationState.ACTION_NEEDED
    clock.pass_days(6)
    jobs.finish_runs({}, "test")
    payout = payees.of(run, nia)
    assert (payout.status, payees.balances(nia)["paid"]) == (PayoutStatus.SENT, 4000)
    browser.opens(f"/creator/payouts/{payout.public_id}").sees("Your bank account is closed")
    browser.follows("Open your payout account").sees("Stripe’s payout to yours failed")

    opens_bank(browser)
    at_stripe(target(browser), "bank")
    hooks.delivers()
    browser.opens(SETUP).sees("Confirm the change")
    hooks.simulator.control("bank-payout", {"account": account})
    assert "payout.paid" in hooks.delivers()
    jobs.finish_runs({}, "test")
    assert payees.of(run, nia).status is PayoutStatus.PAID


def test_she_disconnects_and_connects_the_same_account_again(world, hooks):
    payees, nia, browser = paid_by_stripe(world, hooks)
    clock.pass_days(1)
    browser.follows("Disconnect").presses("Disconnect").fills("Password", PASSWORD)
    browser.presses("Confirm").presses("Disconnect").sees("You disconnected this account")
    assert payees.balances(nia)["payable"] == 4000
    account = creators.destination_of(nia.id).account_ref
    end_read()
    at_stripe(f"{hooks.simulator.base_url}/connect/dashboard/{account}", "bank")
    hooks.delivers()
    assert state_of(nia) is DestinationState.DISCONNECTED

    browser.opens(SETUP).presses("Use my Stripe account again").sees("Confirm the change")
    hooks.delivers()  # the worker asks how the account stands: it has another bank meanwhile
    letters = [
        one for one in mail.latest(20, "nia@example.com") if one.letter == "destination_confirm"
    ]
    assert len(letters) == 2
    browser.opens(re.search(r"(/creator/payouts/setup/changes/\w+)", letters[0].text).group(1))
    browser.presses("Yes, it was me").sees("Waiting for 72 hours")
    clock.pass_days(3)
    browser.opens(SETUP).presses("Refresh the status").sees("Your account is ready")
    payees.approved()
    payees.work()
    assert payees.balances(nia)["paid"] == 4000
