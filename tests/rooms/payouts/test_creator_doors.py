"""A creator's doors: what is owed and paid, and setting up where it goes."""

import pytest

from portal.ambassadors.models import Ambassador, MembershipStatus
from portal.creators import queries as creators
from portal.creators.models import PayoutDestination, Rail
from portal.kernel import clock
from portal.kernel.errors import ProviderRefused
from portal.kernel.money import Money
from portal.paying import commands as paying
from portal.payouts import commands
from portal.payouts.models import BlockedReason
from portal.payouts.wording import REASONS
from portal.storage.locks import lock
from portal.storage.unit_of_work import unit_of_work
from tests.support.browser import Browser
from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees
from tests.support.people import a_program, an_ambassador
from tests.support.world import World


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
    ).follows("Set up payouts").sees("Choose how you are paid")
    signed_in(world, "Pia").opens("/creator/payouts").sees("Your balance is below the minimum")


def test_R83_she_reads_that_her_membership_is_reviewed(payees: Payees, world: World) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    member = an_ambassador(a_program(world.glow), "Ada")
    with unit_of_work():
        lock(Ambassador, member.id).status = MembershipStatus.BANNED
    run = payees.draft()
    assert payees.of(run, ada).blocked_reason is BlockedReason.MEMBERSHIP
    words = REASONS[BlockedReason.MEMBERSHIP].creator
    for url in ("/creator/payouts", "/creator"):
        signed_in(world, "Ada").opens(url).sees(words).does_not_see("ban")


def test_R96_she_reads_that_an_exchange_rate_is_missing(payees: Payees, world: World) -> None:
    ada = payees.owed("Ada", "80.00 USD", account="DE89370400440532013000", rail=Rail.SEPA)
    clock.pass_days(4)
    run = payees.draft()
    assert payees.of(run, ada).blocked_reason is BlockedReason.CURRENCY
    for url in ("/creator/payouts", "/creator"):
        signed_in(world, "Ada").opens(url).sees("no exchange rate for it yet")
    with unit_of_work():
        paying.enter_rate(world.glow.id, "USD", "EUR", "0.9", clock.today("UTC"), "ECB", by=None)
    for url in ("/creator/payouts", "/creator"):
        signed_in(world, "Ada").opens(url).does_not_see("exchange rate")


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


def test_a_returned_payout_says_so(payees: Payees, world: World) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = payees.approved()
    payees.work()
    with unit_of_work():
        commands.record_return("tr_1")
    browser = signed_in(world, "Ada").opens(f"/creator/payouts/{payees.of(run, ada).public_id}")
    browser.sees("The money came back", "$80.00 is payable again")


def test_a_payout_of_which_a_part_came_back_says_so(payees: Payees, world: World) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = payees.approved()
    payees.work()
    reference = payees.of(run, ada).provider_ref
    with unit_of_work():
        commands.record_return(reference, Money.of("30.00 USD"))
    browser = signed_in(world, "Ada").opens("/creator/payouts").sees("$80.00", "$30.00 came back")
    browser.follows("March 2026").sees(
        "Part of it came back",
        "$30.00 of this payout came back and is payable again; $50.00 stays paid.",
    )
    finn = payees.finn.opens(f"/finance/glow/runs/{run.public_id}/result")
    finn.sees("Sent to 1 of 1 creator", "$50 .00", "Returned 1 $30.00")
    finn.opens(f"/finance/glow/runs/{run.public_id}/items/{payees.of(run, ada).public_id}")
    finn.sees("$30.00 came back.", "It is payable again; $50.00 stays paid.")
    with unit_of_work():
        commands.record_return(reference, Money.of("80.00 USD"))
    browser.opens("/creator/payouts").sees("all of it came back", "Returned")


def test_a_payout_less_what_was_taken_back_says_so(payees: Payees, world: World) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    payees.owes(ada, "-12.50 USD")
    payees.approved()
    signed_in(world, "Ada").opens("/creator/payouts").sees("$67.50", "less $12.50 taken back")


def test_a_yen_run_has_no_decimals_and_no_dollars(payees: Payees, world: World) -> None:
    ada = payees.owed("Ada", "1 JPY")
    payees.owes(ada, "300000 JPY")
    run = payees.submitted(currency="JPY")
    page = payees.faye.opens(f"/finance/glow/runs/{run.public_id}/approve")
    page.sees("¥300,001", "Approve ¥300,001 to 1 creator", "Largest, large amount, first payout")
    assert "$" not in page.text
    assert "¥300,001.00" not in page.text
    page = payees.finn.opens(f"/finance/glow/runs/{run.public_id}/items?view=warnings")
    page.sees("Above ¥200,000", "First payout")
    browser = signed_in(world, "Ada").opens("/creator/payouts").sees("Minimum", "¥2,500")
    assert "$" not in browser.text


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        (BlockedReason.AGREEMENT, MembershipStatus.ONBOARDING),
        (BlockedReason.AGREEMENT, MembershipStatus.TERMS_NEEDED),
        (BlockedReason.COUNTRY, None),
        (BlockedReason.DUPLICATE, None),
    ],
)
def test_R83_she_reads_what_finance_reads(
    payees: Payees, world: World, reason: BlockedReason, status: MembershipStatus | None
) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    member = an_ambassador(a_program(world.glow), "Ada")
    with unit_of_work():
        if status is not None:
            found = lock(Ambassador, member.id)
            found.status, found.activated_at = status, None
        to = lock(PayoutDestination, creators.destination_of(ada.id).id)
        to.country = "CU" if reason is BlockedReason.COUNTRY else to.country
    if reason is BlockedReason.DUPLICATE:
        payees.owed("Eva", "50.00 USD", account="acct_ada")
    assert payees.of(payees.draft(), ada).blocked_reason is reason
    words = REASONS[reason].creator
    for url in ("/creator/payouts", "/creator"):
        signed_in(world, "Ada").opens(url).sees(words)
    page = payees.finn.opens(f"/finance/glow/payees/{ada.public_id}")
    page.sees(f"is not paid: {REASONS[reason].label.lower()}")
