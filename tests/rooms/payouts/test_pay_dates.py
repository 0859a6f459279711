"""A run is sent on its pay date: not before, by itself, once, and only if the funds are there."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from portal.creators.models import Rail
from portal.kernel import clock
from portal.kernel.errors import (
    Conflict,
    InvalidInput,
    NotAllowed,
    ProviderRefused,
    ProviderUnavailable,
)
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger.models import LedgerAccount
from portal.paying import commands as paying
from portal.paying.models import Schedule
from portal.payouts import commands, jobs, queries, starting
from portal.payouts.models import PayoutStatus, RunStatus
from portal.sending_stops import commands as stops
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tax import commands as tax
from portal.tax.models import Asks
from portal.tax.rules import Policy
from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees
from tests.support.people import a_program
from tests.support.proof import confirms
from tests.support.world import World

FIFTH = date(2026, 3, 5)  # the tests begin on 2 March 2026, 09:00 UTC


@pytest.fixture(autouse=True)
def connected(payees: Payees, rail: ScriptedRail, monkeypatch: pytest.MonkeyPatch) -> None:
    """The application talks to the scripted rail, which holds 10,000 dollars."""
    rail.funds["USD"] = Money.of("10000.00 USD")
    monkeypatch.setitem(payees.world.app.extensions["portal.adapters"].rails, "stripe", rail)


def submitted(payees: Payees, pay_on: date = FIFTH):
    run = payees.draft()
    with unit_of_work():
        return commands.submit_run(run.id, "", by=payees.finn.user_id, pay_on=pay_on)


def approved(payees: Payees, pay_on: date = FIFTH):
    run = submitted(payees, pay_on)
    with unit_of_work():
        return commands.approve_run(run.id, run.control_hash, by=payees.faye.user_id)


def drafted(payees: Payees, cutoff_at) -> date | None:
    with unit_of_work():
        run = commands.draft_run(payees.brand.id, "USD", "X", cutoff_at, by=None)
        commands.calculate(run.id, by=None)
        commands.cancel(run.id, by=payees.finn.user_id)
        return run.pay_on


def test_R85_a_run_of_the_schedules_period_pays_on_its_day(payees: Payees, world: World) -> None:
    zone, today = world.glow.zone, clock.today(world.glow.zone)
    month_end = clock.start_of_day(date(2026, 3, 1), zone)
    assert drafted(payees, month_end) == today  # no program says when
    a_program(world.glow, pay_day=5)
    assert drafted(payees, month_end) == FIFTH
    assert drafted(payees, clock.now()) == today  # no period of the schedule ends now
    with unit_of_work():
        paying.set_schedule(world.glow.id, Schedule.NET_15, by=None)
    assert drafted(payees, month_end) == date(2026, 3, 15)
    clock.pass_days(14)
    assert drafted(payees, month_end) == date(2026, 3, 16)  # its day has passed
    with unit_of_work():
        paying.set_schedule(world.glow.id, Schedule.TWICE_A_MONTH, by=None)
    assert drafted(payees, clock.start_of_day(date(2026, 3, 15), zone)) == date(2026, 3, 16)


def test_a_pay_date_is_neither_past_nor_years_away(payees: Payees) -> None:
    payees.owed("Ada", "80.00 USD")
    for day in (date(2026, 3, 1), date(2062, 3, 5)):
        with pytest.raises(InvalidInput) as refusal:
            submitted(payees, day)
        assert refusal.value.field == "pay_on"
        with unit_of_work():
            commands.cancel(queries.open_run(payees.brand.id, "USD").id, by=payees.finn.user_id)


def test_R86_the_approval_is_bound_to_the_pay_date(payees: Payees) -> None:
    payees.owed("Ada", "80.00 USD")
    first = submitted(payees).control_hash
    with unit_of_work():
        run = queries.open_run(payees.brand.id, "USD")
        commands.recall(run.id, by=payees.finn.user_id)
        commands.submit_run(run.id, "", by=payees.finn.user_id, pay_on=FIFTH + timedelta(days=1))
    with pytest.raises(Conflict, match="changed since you opened it"), unit_of_work():
        commands.approve_run(run.id, first, by=payees.faye.user_id)


def test_it_waits_and_is_then_sent_once_by_itself(payees: Payees, rail: ScriptedRail) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = approved(payees)
    payees.world.settle()
    jobs.execute_run(run.id, {"stripe": rail}, "test")  # a job too early, as one run twice
    assert payees.again(run).status is RunStatus.APPROVED
    assert (rail.made, payees.balances(ada)["committed"]) == ({}, 8_000)
    clock.pass_days(3)
    payees.work()
    jobs.execute_run(run.id, {"stripe": rail}, "test")
    assert payees.again(run).status is RunStatus.COMPLETED
    assert [one.amount.minor for one in rail.made.values()] == [8_000]


def test_too_little_on_the_day_pauses_it_with_the_sentence(
    payees: Payees, rail: ScriptedRail
) -> None:
    payees.owed("Ada", "80.00 USD")
    run, faye = approved(payees), payees.faye.browser
    rail.funds["USD"] = Money.of("30.00 USD")
    clock.pass_days(3)
    payees.work()
    waiting = payees.again(run)
    assert (waiting.status, waiting.started_at, rail.made) == (RunStatus.PAUSED, None, {})
    short = "balance is short by $50.00. Top it up, then resume."
    page = f"/finance/glow/runs/{run.public_id}/progress"
    faye.opens(page).sees(short, "paused on its pay date").presses("Resume", status=409)
    faye.sees("short by")
    rail.funds["USD"] = Money.of("80.00 USD")
    faye.opens(page).presses("Resume").sees("Sending goes on")
    payees.work()
    assert payees.again(run).status is RunStatus.COMPLETED


def test_what_needs_no_funds_of_a_rail_waits_for_none(payees: Payees, rail: ScriptedRail) -> None:
    payees.owed("Ola", "40.00 USD", account="IBAN by mail", rail=Rail.MANUAL)
    rail.funds["USD"] = Money.of("0.00 USD")
    run = approved(payees)
    clock.pass_days(3)
    payees.work()
    assert payees.again(run).status is RunStatus.EXECUTING


def test_72_hours_are_counted_from_the_pay_date(payees: Payees) -> None:
    payees.owed("Ada", "80.00 USD")
    run, zone = approved(payees), payees.brand.zone
    lapses = clock.start_of_day(FIFTH, zone) + timedelta(hours=72)
    with clock.at(lapses - timedelta(seconds=1)), unit_of_work():
        assert commands.begin_execution(run.id)
        run.status = RunStatus.APPROVED
    with clock.at(lapses), unit_of_work():
        assert not commands.begin_execution(run.id)
    assert payees.again(run).status is RunStatus.AWAITING_APPROVAL


def test_send_now_is_an_approvers_and_proves_who_she_is(
    payees: Payees, world: World, rail: ScriptedRail
) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = approved(payees)
    page = f"/finance/glow/runs/{run.public_id}/progress"
    world.finn.browser.opens(page).sees("Sends on 5 Mar by itself").does_not_see("Send now")
    with pytest.raises(NotAllowed), unit_of_work():
        commands.send_now(run.id, by=world.finn.user_id)
    world.finn.browser.posts(page.replace("progress", "send"), status=403)
    faye = world.faye.browser
    confirms(faye.opens(page).presses("Send now"))
    assert rail.made == {}
    faye.opens(page).presses("Send now").sees("Sending begins now.")
    payees.work()
    assert payees.again(run).status is RunStatus.COMPLETED
    assert payees.balances(ada)["paid"] == 8_000
    faye.opens(page).sees("sends it before its pay date")


def test_the_preparer_chooses_it_and_everybody_reads_it(payees: Payees, world: World) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = payees.draft()
    base, finn, faye = f"/finance/glow/runs/{run.public_id}", world.finn.browser, world.faye.browser
    finn.opens(base).sees("pays on 2 Mar").opens(f"{base}/check")
    finn.fills("Pay date", "2026-03-01").presses("Submit $80.00", status=422)
    finn.sees("a run cannot pay in the past").fills("Pay date", "2026-03-05")
    finn.presses("Submit $80.00").sees("Awaiting approval", "pays on 5 Mar")
    creator = world.signed_in("ada@example.com")
    creator.opens("/creator/payouts").sees("Next payout", "5 Mar")
    creator.opens("/creator").sees("5 Mar")
    faye.opens(f"{base}/approve").sees("Payments start on 5 Mar by themselves", "pays on 5 Mar")
    confirms(faye.presses("Approve $80.00 to 1 creator"))
    faye.presses("Approve $80.00 to 1 creator")
    faye.sees("It sends on 5 Mar by itself", "Next: sending begins on 5 Mar", "Waits for 5 Mar")
    line = payees.of(run, ada).public_id
    creator.opens(f"/creator/payouts/{line}").sees("Sent on", "5 Mar")
    clock.pass_days(3)
    payees.work()
    finn.opens(f"{base}/result").sees("pay date 5 Mar", "Sent to 1 of 1 creator")


# ---- nothing that was approved is lost, and nothing is sent that should not be
def test_a_run_whose_rail_was_down_on_its_day_begins_when_it_is_back(
    payees: Payees, rail: ScriptedRail, monkeypatch: pytest.MonkeyPatch
) -> None:
    payees.owed("Ada", "80.00 USD")
    run = approved(payees)
    with monkeypatch.context() as down:
        down.setattr(rail, "balance", _is_down)
        clock.pass_days(3)
        for _ in range(3):
            payees.work()
        assert payees.again(run).status is RunStatus.APPROVED
    jobs.finish_runs({"stripe": rail}, "test")
    payees.work()
    assert payees.again(run).status is RunStatus.COMPLETED


def _is_down(_currency: str) -> Money:
    raise ProviderUnavailable("Nobody answers.")


def test_sent_now_but_stopped_by_the_operator_it_is_sent_on_its_day(
    payees: Payees, rail: ScriptedRail, world: World
) -> None:
    payees.owed("Ada", "80.00 USD")
    run, olga = approved(payees), world.olga.user_id
    with unit_of_work():
        commands.send_now(run.id, by=payees.faye.user_id)
        stop = stops.stop_all("A key leaked.", by=olga).id
    payees.work()
    with unit_of_work():
        commands.release_sending(stop, by=olga)
    payees.work()
    assert rail.made == {}
    clock.pass_days(3)
    jobs.finish_runs({"stripe": rail}, "test")
    payees.work()
    assert payees.again(run).status is RunStatus.COMPLETED


def short(payees: Payees, rail: ScriptedRail):
    """A run that waits for funds on its pay date; they have come since."""
    run = approved(payees)
    rail.funds["USD"] = Money.of("30.00 USD")
    clock.pass_days(3)
    payees.work()
    assert payees.again(run).status is RunStatus.PAUSED
    rail.funds["USD"] = Money.of("800.00 USD")
    return run


def test_a_run_that_waited_for_funds_too_long_is_approved_again(
    payees: Payees, rail: ScriptedRail
) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = short(payees, rail)
    clock.pass_days(4)
    page = f"/finance/glow/runs/{run.public_id}/progress"
    payees.finn.browser.opens(page).presses("Resume").sees("waits for another one")
    payees.work()
    assert (payees.again(run).status, rail.made) == (RunStatus.AWAITING_APPROVAL, {})
    assert payees.of(run, ada).status is PayoutStatus.READY
    with unit_of_work():
        commands.approve_run(run.id, payees.again(run).control_hash, by=payees.faye.user_id)
    payees.work()
    assert payees.balances(ada)["paid"] == 8_000


def test_books_that_do_not_hold_stop_a_run_that_is_resumed_too(
    payees: Payees, rail: ScriptedRail
) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = short(payees, rail)
    mine = accounts.payable(payees.brand.id, ada.id)
    wrong = update(LedgerAccount).where(LedgerAccount.name == mine)
    with unit_of_work():
        db.session.execute(wrong.values(balance_minor=1))
        commands.resume(run.id, by=payees.finn.user_id, funds=Money.of("800.00 USD"))
    payees.world.settle()
    for _ in range(3):
        clock.pass_time(timedelta(seconds=90))
        jobs.resolve_waiting()
        payees.world.settle()
    assert (payees.again(run).status, rail.made) == (RunStatus.EXECUTING, {})
    assert payees.again(run).failure
    with unit_of_work():
        db.session.execute(wrong.values(balance_minor=0))
    jobs.resolve_waiting()
    payees.work()
    done = payees.again(run)
    assert (done.status, done.failure) == (RunStatus.COMPLETED, "")


def test_R87_a_refusal_on_the_pay_date_may_be_tried_again_for_a_week_from_then(
    payees: Payees, rail: ScriptedRail
) -> None:
    payees.owed("Ada", "80.00 USD")
    run = approved(payees, date(2026, 3, 16))
    rail.script = [ProviderRefused("Busy.", code="insufficient_funds", retryable=True)]
    clock.pass_days(14)
    payees.work()
    with unit_of_work():
        assert commands.retry_failed(run.id, by=payees.finn.user_id) == (1, 0)


def test_R97_a_run_of_last_year_is_not_approved_in_the_new_one(payees: Payees) -> None:
    payees.owed("Ada", "80.00 USD")
    clock.pass_days((date(2026, 12, 29) - date(2026, 3, 2)).days)
    with unit_of_work():
        tax.set_policy(payees.brand.id, Policy(asks=Asks.THRESHOLD), by=payees.finn.user_id)
    run = submitted(payees, date(2026, 12, 31))
    clock.pass_days(7)
    late = {"by": payees.faye.user_id}
    with pytest.raises(Conflict, match="calculated for 2026"), unit_of_work():
        commands.approve_run(run.id, payees.again(run).control_hash, **late)


def test_R87_who_chose_the_pay_date_does_not_approve(payees: Payees) -> None:
    payees.owed("Ada", "80.00 USD")
    run = payees.draft()
    with unit_of_work():
        starting.keep_day(run.id, FIFTH, by=payees.faye.user_id)
    with unit_of_work():
        commands.submit_run(run.id, "", by=payees.finn.user_id)
    with pytest.raises(NotAllowed), unit_of_work():
        commands.approve_run(run.id, payees.again(run).control_hash, by=payees.faye.user_id)
