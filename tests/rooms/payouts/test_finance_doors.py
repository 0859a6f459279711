"""Finance's doors: the story, the refusals, the strangers."""

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from portal.chain import jobs as chain
from portal.chain import queries as chains
from portal.creators.models import Rail
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.errors import ProviderRefused
from portal.kernel.money import Money
from portal.limits import commands as limits
from portal.payouts import commands, jobs, journal, preparing
from portal.payouts.models import RunStatus
from portal.storage.unit_of_work import unit_of_work
from tests.support.browser import Browser
from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees
from tests.support.proof import confirms
from tests.support.world import World


@pytest.fixture(autouse=True)
def connected(payees: Payees, rail: ScriptedRail, monkeypatch: pytest.MonkeyPatch) -> None:
    """The application talks to the scripted rail, which holds 10,000 dollars."""
    rail.funds["USD"] = Money.of("10000.00 USD")
    monkeypatch.setitem(payees.world.app.extensions["portal.adapters"].rails, "stripe", rail)


def test_from_a_new_run_to_closed_books(payees: Payees, world: World, rail: ScriptedRail) -> None:
    payees.owed("Ada", "80.00 USD")
    payees.owed("Nia", "60.00 USD", account="")
    clock.pass_days(2)
    finn, faye = world.finn.browser, world.faye.browser
    finn.opens("/finance/glow/runs").sees("No runs yet").follows("Choose a period")
    finn.sees("What it would pay").fills("Last day", "2026-03-04")
    finn.fills("Note", "Two of three.")
    finn.presses("Calculate").sees("Up to 4 Mar 2026", "In review", "No payout account", "$80")
    finn.follows("Check and submit").sees("What leaves", "$60.00", "Two of three.")
    finn.fills("Note to the approver", "First one.").presses("Submit $80.00 for 1 creator")
    finn.sees("Awaiting approval", "Locked since")
    faye.opens("/finance/glow/runs").follows("Up to 4 Mar 2026").sees("Approve up to 4 Mar 2026")
    faye.sees("You did not prepare or edit this run", "First one.", "Provider holds $10,000.00")
    faye.presses("Approve $80.00 to 1 creator")
    confirms(faye).sees("Approve up to 4 Mar 2026")
    faye.presses("Approve $80.00 to 1 creator").sees("Approved")
    payees.work()
    faye.opens(faye.url).sees("Sent to 1 of 1 creator", "Completed")
    jobs.finish_runs({"stripe": rail}, "test")
    finn.opens(faye.url).sees("1 transfer matches, difference $0.00")
    run_url = finn.url
    finn.presses("Export")
    assert finn.response is not None
    assert finn.response.mimetype == "text/csv"
    rows = finn.response.get_data(as_text=True).splitlines()
    assert len(rows) == 1 + 4
    finn.opens(run_url).presses("Close run").sees("is closed")
    closed = run_url.removesuffix("/result")
    finn.opens(closed).sees("1 commission", "1 first payout brings $80.00").does_not_see("Funding")
    faye.opens(f"{closed}/approve").sees("does not wait for an approval now")


def test_r87_the_preparer_is_told_who_can_approve_and_refused_by_url(
    payees: Payees, world: World
) -> None:
    payees.owed("Ada", "80.00 USD")
    both = world.member("Bo", "finance.preparer", "finance.approver", brand=payees.brand)
    with unit_of_work():
        run = commands.draft_run(payees.brand.id, "USD", "March", clock.now(), by=both.user_id)
        commands.calculate(run.id, by=both.user_id)
        run = commands.submit_run(run.id, "", by=both.user_id)
    url = f"/finance/glow/runs/{run.public_id}/approve"
    page = both.opens(url).sees(
        "You prepared this run, so someone else must approve it", "Who can: Faye Example"
    )
    assert not [b for b in page.page.find_all("button") if "Approve $" in b.get_text()]
    page.posts(url, {"control_hash": run.control_hash, "net_minor": "8000"}, status=403)
    page.sees("You prepared this run, so someone else must approve it")
    assert payees.again(run).status is RunStatus.AWAITING_APPROVAL


def test_r87_a_preparer_without_the_role_is_told_about_the_role(
    payees: Payees, world: World
) -> None:
    payees.owed("Ada", "80.00 USD")
    run = payees.submitted()
    url = f"/finance/glow/runs/{run.public_id}/approve"
    page = world.finn.opens(url).sees("You prepared this run")
    page.posts(url, {"control_hash": run.control_hash, "net_minor": "8000"}, status=403)
    page.sees("Your role does not open this page").does_not_see("You prepared this run")


def test_r87_the_preparer_marks_nothing_as_paid_though_she_may_approve(
    payees: Payees, world: World
) -> None:
    ola = payees.owed("Ola", "40.00 USD", account="IBAN by mail", rail=Rail.MANUAL)
    both = world.member("Bo", "finance.preparer", "finance.approver", brand=payees.brand)
    with unit_of_work():
        run = commands.draft_run(payees.brand.id, "USD", "March", clock.now(), by=both.user_id)
        commands.calculate(run.id, by=both.user_id)
        run = commands.submit_run(run.id, "", by=both.user_id)
    with unit_of_work():
        commands.approve_run(run.id, run.control_hash, by=world.faye.user_id)
    url = f"/finance/glow/runs/{run.public_id}/items/{payees.of(run, ola).public_id}"
    both.opens(url).posts(f"{url}/outside", {"reference": "Wire 7"}, status=403)
    both.browser.sees("You prepared this run, so someone else")


def test_a_run_that_changed_since_the_page_was_opened_is_not_approved(
    payees: Payees, world: World
) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = payees.submitted()
    url = f"/finance/glow/runs/{run.public_id}/approve"
    faye = world.faye.browser
    faye.opens(url).presses("Approve $80.00")
    confirms(faye).sees("Approve March 2026")
    with unit_of_work():
        commands.recall(run.id, by=world.finn.user_id)
    payees.owes(ada, "-41.20 USD")
    with unit_of_work():
        commands.calculate(run.id, by=world.finn.user_id)
        commands.submit_run(run.id, "", by=world.finn.user_id)
    faye.presses("Approve $80.00", status=409).sees("Totals changed by", "41.20", "Review again")
    faye.sees("Approve $38.80 to 1 creator")


def test_a_run_that_changed_since_it_was_checked_is_not_submitted(
    payees: Payees, world: World
) -> None:
    """The button says a sum and how many: nothing else is submitted, and no word is lost."""
    payees.owed("Ada", "80.00 USD")
    bea = payees.owed("Bea", "30.00 USD")
    run = payees.draft()
    finn = world.finn.browser
    finn.opens(f"/finance/glow/runs/{run.public_id}/check").fills("Note to the approver", "First.")
    with unit_of_work():
        commands.hold(run.id, payees.of(run, bea).id, "Her bank calls back", by=world.finn.user_id)
    finn.presses("Submit $110.00 for 2 creators", status=409)
    finn.sees("This run changed since you opened it: it is $80.00 for 1 of its", "First.")
    assert payees.again(run).status is RunStatus.IN_REVIEW
    finn.posts(finn.url, {"note": "First."}, status=422)
    finn.opens(finn.url).presses("Submit $80.00 for 1 creator").sees("Awaiting approval")


def test_p6_the_second_press_of_approve_gets_a_clear_sentence(payees: Payees, world: World) -> None:
    payees.owed("Ada", "80.00 USD")
    run = payees.submitted()
    url = f"/finance/glow/runs/{run.public_id}/approve"
    faye = world.faye.browser
    faye.opens(url).fills("What should be changed", "Who is Ada?").presses("Approve $80.00")
    confirms(faye)
    assert faye.field("What should be changed").get_text().strip() == "Who is Ada?"
    faye.presses("Approve $80.00").sees("Approved")
    again = {"control_hash": run.control_hash, "net_minor": "8000"}
    faye.posts(url, again, status=409).sees("This run is approved")


def test_too_little_balance_stops_the_approval_and_says_how_much(
    payees: Payees, world: World, rail: ScriptedRail
) -> None:
    payees.owed("Ada", "80.00 USD")
    run = payees.submitted()
    rail.funds["USD"] = Money.of("70.00 USD")
    faye = world.faye.browser
    faye.opens(f"/finance/glow/runs/{run.public_id}/approve").sees("Short by $10.00")
    confirms(faye.presses("Approve $80.00"))
    faye.presses("Approve $80.00", status=409).sees("short by $10.00")


def test_the_approver_returns_a_run_and_the_preparer_reads_why(
    payees: Payees, world: World
) -> None:
    payees.owed("Ada", "80.00 USD")
    run = payees.submitted()
    faye = world.faye.browser
    faye.opens(f"/finance/glow/runs/{run.public_id}/approve")
    faye.presses("Return the run", status=422).sees("Write what should be changed.")
    faye.fills("What should be changed", "Who is Ada?").presses("Return the run")
    world.finn.opens(f"/finance/glow/runs/{run.public_id}").sees(
        "Faye Example returned", "Who is Ada?"
    )


def test_holding_and_taking_back(payees: Payees, world: World) -> None:
    payees.owed("Ada", "80.00 USD")
    payees.owed("Eva", "50.00 USD")
    run = payees.draft()
    finn = world.finn.browser
    finn.opens(f"/finance/glow/runs/{run.public_id}/items").sees("Ada", "Eva").follows("Eva")
    finn.presses("Hold this payout", status=422).sees("Write a reason.")
    finn.fills("Reason for holding", "Same address as Ada").presses("Hold this payout")
    finn.sees("Eva is held out of this run", "$80.00").follows("Eva").sees("Same address as Ada")
    finn.presses("Take back into the run").sees("back in this run")
    assert payees.again(run).net == Money.of("130.00 USD")


def test_a_failed_payout_says_why_and_is_retried(
    payees: Payees, world: World, rail: ScriptedRail, tmp_path: Path
) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    rail.script = [ProviderRefused("The account is restricted.", code="account_restricted")]
    run = payees.approved()
    payees.work()
    finn = world.finn.browser
    finn.opens(f"/finance/glow/runs/{run.public_id}/result")
    finn.sees("With failures", "Account cannot receive transfers", "$80.00")
    finn.follows("Account cannot receive transfers").sees("Ada").follows("Ada")
    finn.sees("The account is restricted.", "The money is payable again")
    finn.opens(f"/finance/glow/runs/{run.public_id}/result").presses("Retry 1 payout")
    payees.work()
    chain.seal_new(tmp_path)
    chain.seal_new(tmp_path)
    finn.opens(f"/finance/glow/runs/{run.public_id}/result").sees("Sent to 1 of 1 creator")
    head = chains.head_of("ledger")
    finn.sees("Seals of the records", f"books: batch {head.number}, {head.hash}")
    assert payees.of(run, ada).attempt == 2


def test_a_manual_payout_is_marked_by_the_approver(payees: Payees, world: World) -> None:
    ola = payees.owed("Ola", "40.00 USD", account="IBAN by mail", rail=Rail.MANUAL)
    run = payees.approved()
    payees.work()
    base = f"/finance/glow/runs/{run.public_id}"
    faye = world.faye.browser
    faye.opens(f"{base}/progress").sees("1 payout waits to be paid by hand").follows("Open it")
    faye.follows("Ola").fills("Reference of the payment", "Wire 7").presses("Mark $40.00 as paid")
    confirms(faye).sees("Nothing was done yet")
    assert faye.field("Reference of the payment")["value"] == "Wire 7"
    assert "Wire" not in faye.url
    faye.presses("Mark $40.00 as paid")
    faye.sees("Ola was paid another way")
    assert payees.again(run).status is RunStatus.COMPLETED
    url = f"{base}/items/{payees.of(run, ola).public_id}/outside"
    world.finn.browser.opens(base).posts(url, {"reference": "Wire 8"}, status=403)


def test_what_was_typed_waits_for_a_quarter_of_an_hour_and_on_its_page_only(
    payees: Payees, world: World
) -> None:
    ola = payees.owed("Ola", "40.00 USD", account="IBAN by mail", rail=Rail.MANUAL)
    run = payees.approved()
    payees.work()
    base = f"/finance/glow/runs/{run.public_id}"
    item, faye = f"{base}/items/{payees.of(run, ola).public_id}", world.faye.browser
    faye.opens(item).fills("Reference of the payment", "Wire 7").presses("Mark $40.00 as paid")
    assert faye.opens(item).field("Reference of the payment")["value"] == "Wire 7"
    with time_machine.travel(clock.wall() + timedelta(minutes=16), tick=False):
        assert not faye.opens(item).field("Reference of the payment").get("value")
    faye.fills("Reference of the payment", "Wire 8").presses("Mark $40.00 as paid")
    confirms(faye).fills("Reference of the payment", "Wire 9").presses("Mark $40.00 as paid")
    assert payees.of(run, ola).provider_ref == "Wire 9"
    assert [row.typed for row in identity.sessions_of(world.faye.user_id)] == [None]


def test_pausing_resuming_and_stopping(payees: Payees, world: World) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = payees.approved()
    with unit_of_work():
        commands.begin_execution(run.id)
    finn, faye = world.finn.browser, world.faye.browser
    url = f"/finance/glow/runs/{run.public_id}/progress"
    finn.opens(url).sees("0 of 1", "Queued").presses("Pause").sees("Nothing new is sent")
    finn.presses("Resume").sees("Sending goes on")
    faye.opens(url).follows("Stop remaining").sees(
        "Sent already", "$0.00", "0 payouts", "1 payout."
    )
    faye.presses("Stop and give back $80.00")
    confirms(faye).sees("A stopped run cannot go on")
    assert payees.again(run).status is RunStatus.EXECUTING  # nothing was done yet
    finn.opens(f"/finance/glow/runs/{run.public_id}/stop", status=403)
    faye.presses("Stop and give back $80.00").sees("Stopped. What was not sent is payable")
    payees.work()
    faye.opens(url).sees("Sent to 0 of 1 creator")
    faye.opens(f"/finance/glow/runs/{run.public_id}/stop").sees("Sent to 0 of 1 creator")
    assert payees.balances(ada) == {"payable": 8_000, "committed": 0, "paid": 0}


def test_the_progress_partial_polls_and_is_the_pages_own(payees: Payees, world: World) -> None:
    payees.owed("Ada", "80.00 USD")
    run = payees.approved()
    url = f"/finance/glow/runs/{run.public_id}/progress"
    page = world.finn.opens(url).page.find(id="progress")
    part = world.finn.browser.client.get(url, headers={"HX-Request": "true"}).get_data(as_text=True)
    assert page is not None
    assert page["hx-get"] == url
    assert "<html" not in part
    assert 'id="progress"' in part


@pytest.mark.parametrize("page", ["", "/items", "/check", "/approve", "/progress", "/result"])
def test_strangers_of_another_brand_are_told_404_and_others_403(
    payees: Payees, world: World, page: str
) -> None:
    payees.owed("Ada", "80.00 USD")
    run = payees.draft()
    url = f"/finance/glow/runs/{run.public_id}{page}"
    world.rae.opens(url, status=404)
    world.rae.opens(url.replace("glow", "rival"), status=404)
    world.mona.opens(url, status=403)
    Browser(world.app).opens(url).sees("Sign in")


@pytest.mark.parametrize(
    "deed", ["hold", "recalculate", "cancel", "check", "recall", "retry", "roll-over", "close"]
)
def test_an_approver_prepares_nothing(payees: Payees, world: World, deed: str) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = payees.draft()
    base = f"/finance/glow/runs/{run.public_id}"
    path = f"/items/{payees.of(run, ada).public_id}/hold" if deed == "hold" else f"/{deed}"
    world.faye.opens(base).posts(f"{base}{path}", status=403)


def test_a_get_never_changes_anything(payees: Payees, world: World) -> None:
    payees.owed("Ada", "80.00 USD")
    run = payees.submitted()
    for deed in ("recall", "pause", "close", "journal", "return"):
        world.finn.opens(f"/finance/glow/runs/{run.public_id}/{deed}", status=405)
    world.finn.opens(f"/finance/glow/runs/{run.public_id}/cancel").sees("Cancel the run")
    assert payees.again(run).status is RunStatus.AWAITING_APPROVAL


def test_a_cut_off_in_the_future_is_refused_beside_the_field(payees: Payees, world: World) -> None:
    finn = world.finn.opens("/finance/glow/runs/new")
    finn.fills("Last day", "2027-01-01").presses("Calculate", status=422)
    finn.sees("the future cannot be paid yet")


def test_a_second_run_of_the_same_currency_gets_a_clear_answer(
    payees: Payees, world: World
) -> None:
    payees.owed("Ada", "80.00 USD")
    payees.draft()
    finn = world.finn.opens("/finance/glow/runs/new").sees("March 2026 in USD is still open")
    finn.presses("Calculate", status=409).sees("still in review")


def test_the_list_is_filtered_by_view_reason_and_name(payees: Payees, world: World) -> None:
    payees.owed("Ada", "80.00 USD")
    payees.owed("Pia", "5.00 USD")
    payees.owed("Nia", "60.00 USD", account="")
    run = payees.draft()
    base = f"/finance/glow/runs/{run.public_id}/items"
    finn = world.finn.browser
    finn.opens(f"{base}?view=blocked").sees("Pia", "Nia", "Below minimum").does_not_see("Ada")
    finn.opens(f"{base}?view=blocked&reason=no_account").sees("Nia").does_not_see("Pia")
    finn.opens(f"{base}?view=ready&q=ad").sees("Ada")
    finn.opens(f"{base}?view=ready&q=zzz").sees("Nobody called “zzz” here")
    finn.opens(f"{base}?view=nonsense&reason=nonsense").sees("Ada")
    listed = finn.client.get(base, headers={"HX-Request": "true", "HX-Target": "list"})
    assert "<html" not in listed.get_data(as_text=True)


def test_a_cancelled_run_says_that_nothing_was_paid(payees: Payees, world: World) -> None:
    payees.owed("Ada", "80.00 USD")
    clock.pass_days(2)
    finn = world.finn.browser
    finn.opens("/finance/glow/runs").follows("Choose a period").fills("Last day", "2026-03-04")
    finn.presses("Calculate").sees("In review").follows("Cancel run")
    finn.sees("Nobody is paid by this run.").presses("Cancel the run")
    page = finn.opens("/finance/glow/runs").follows("Up to 4 Mar 2026")
    page.sees("Cancelled, nothing was paid").does_not_see("Net to pay", "Considered")


@pytest.mark.parametrize("status", ["draft", "failed", "awaiting_approval"])
def test_a_run_of_any_state_before_its_approval_is_given_up_after_one_more_look(
    payees: Payees, world: World, status: str
) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    if status == "awaiting_approval":
        run = payees.submitted()
    else:
        with unit_of_work():
            run = commands.draft_run(
                payees.brand.id, "USD", "March 2026", clock.now(), by=world.finn.user_id
            )
            if status == "failed":
                commands.start_calculation(run.id, by=world.finn.user_id)
                preparing.fail_calculation(run.id, "The books do not balance.")
    url = f"/finance/glow/runs/{run.public_id}"
    world.faye.opens(f"{url}/cancel", status=403)
    world.rae.opens(f"{url}/cancel", status=404)
    page = world.finn.browser.opens(url).follows("Cancel run")
    page.sees("Cancel March 2026?", "Nobody is paid by this run.").follows("Keep the run")
    assert payees.again(run).status == status
    page.follows("Cancel run").presses("Cancel the run").sees("was cancelled")
    assert payees.again(run).status is RunStatus.CANCELLED
    page.opens(f"{url}/cancel").sees("Cancelled, nothing was paid")
    again = payees.draft()  # the currency is free, and all of it payable
    assert payees.of(again, ada).amount == Money.of("80.00 USD")


def test_the_journal_of_a_run_carries_the_codes_of_the_brands_own_books(
    payees: Payees, world: World
) -> None:
    payees.owed("Ada", "80.00 USD")
    with unit_of_work():
        limits.set_codes(payees.brand.id, {"payable": "2199"}, by=world.finn.user_id)
    lines = list(csv.DictReader(io.StringIO(journal.as_csv(payees.submitted()))))
    coded = {one["account"].rpartition(":")[2]: one["code"] for one in lines}
    assert coded == {"payable": "2199", "committed": "2140"}
    assert [one["debit"] or one["credit"] for one in lines] == ["80.00", "80.00"]
