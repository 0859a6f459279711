"""Finance's home: the figures, what waits for whom, and who may look."""

from portal.creators.models import Rail
from portal.kernel.errors import ProviderRefused
from portal.storage.unit_of_work import unit_of_work
from tests.support.browser import Browser
from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees
from tests.support.world import World


def test_an_empty_brand_owes_nothing(payees: Payees, world: World) -> None:
    world.finn.opens("/finance/glow/").sees("Overview", "No run is open", "No exceptions")


def test_what_is_owed_and_what_is_stuck(payees: Payees, world: World) -> None:
    payees.owed("Ada", "80.00 USD")
    payees.owed("Nia", "60.00 USD", account="")
    page = world.finn.opens("/finance/glow/")
    page.sees("Payable", "$140", "No payout account", "$60.00", "Ready now", "$80.00")


def test_the_run_waits_for_the_one_who_can_act(payees: Payees, world: World) -> None:
    payees.owed("Ada", "80.00 USD")
    run = payees.draft()
    world.finn.opens("/finance/glow/").sees("March 2026", "You: check and submit it")
    world.faye.opens("/finance/glow/").does_not_see("You: check")
    from portal.payouts import commands

    with unit_of_work():
        commands.submit_run(run.id, "", by=world.finn.user_id)
    world.finn.opens("/finance/glow/").sees("Somebody approves")
    world.faye.opens("/finance/glow/").sees("You: approve or return it").follows("March 2026")
    world.faye.browser.sees("Approve March 2026")


def test_a_run_that_only_waits_for_a_hand_payment_says_who_does_what(
    payees: Payees, world: World
) -> None:
    payees.owed("Ada", "80.00 USD")
    payees.owed("Ola", "40.00 USD", account="IBAN by mail", rail=Rail.MANUAL)
    run = payees.approved()
    payees.work()
    home = world.finn.opens("/finance/glow/").does_not_see("it goes on by itself")
    home.sees("1 payout waits to be paid by hand and marked by a second person")
    home.sees("To pay by hand in March 2026", "$40.00", "Pay it; a second person marks it")
    home.opens(f"/finance/glow/runs/{run.public_id}/progress").does_not_see("a minute left")
    home.sees("Waits for a person", "1 payout waits to be paid by hand", "reference: Faye Example")
    home.follows("Open it").sees("Ola").does_not_see("Ada").follows("Pay by hand")
    home.sees("Send $40.00 as agreed with Ola", "Then Faye Example marks it here: a second person")
    faye = world.faye.opens("/finance/glow/").follows("1 payout waits to be paid by hand")
    faye.follows("Pay by hand").sees("You are the second person", "Mark $40.00 as paid")


def test_failures_stand_among_the_exceptions(
    payees: Payees, world: World, rail: ScriptedRail
) -> None:
    payees.owed("Ada", "80.00 USD")
    rail.script = [ProviderRefused("Closed.", code="account_closed")]
    payees.approved()
    payees.work()
    world.finn.opens("/finance/glow/").sees("Failed in March 2026", "$80.00").follows("Failed in")
    world.finn.browser.sees("Ada")


def test_the_live_part_is_the_pages_own(payees: Payees, world: World) -> None:
    payees.owed("Ada", "80.00 USD")
    client = world.finn.browser.client
    part = client.get("/finance/glow/", headers={"HX-Request": "true", "HX-Target": "overview"})
    assert 'id="overview"' in part.get_data(as_text=True)
    assert "<html" not in part.get_data(as_text=True)


def test_others_do_not_see_it(payees: Payees, world: World) -> None:
    world.rae.opens("/finance/glow/", status=404)
    world.mona.opens("/finance/glow/", status=403)
    Browser(world.app).opens("/finance/glow/").sees("Sign in")
