"""Crashes, lost answers, busy rails, refusals: one transfer each, and the truth on the page."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from portal.audit.models import AuditEntry
from portal.creators.models import Rail
from portal.destinations import commands as destinations
from portal.jobs.commands import cancel
from portal.kernel import clock
from portal.kernel.errors import Conflict, ProviderRefused, ProviderUnavailable
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import queries as books
from portal.ledger.models import LedgerAccount
from portal.payouts import commands, jobs, queries
from portal.payouts.models import AttemptState, PayoutRun, PayoutStatus, RunStatus
from portal.payouts.provider import FoundTransfer, ProviderBusy
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work
from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees, claimed
from tests.support.world import World

GONE_SILENT = ProviderUnavailable("No answer came.")


class Killed(BaseException):
    """The process ends here: nothing catches it."""


def begun(payees: Payees) -> tuple:
    """A run that is executing, with one payout of 80.00 queued."""
    ada = payees.owed("Ada", "80.00 USD")
    run = payees.approved()
    with unit_of_work():
        commands.begin_execution(run.id)
        cancel(f"run:{run.id}:execute")  # the tests call the jobs one by one
    return ada, run, payees.of(run, ada).id


def paid_once(payees: Payees, rail: ScriptedRail, creator, run) -> None:
    assert Counter(t.payout for t in rail.made.values()) == {payees.of(run, creator).public_id: 1}
    assert payees.of(run, creator).status is PayoutStatus.SENT
    assert payees.balances(creator) == {"payable": 0, "committed": 0, "paid": 8000}
    assert books.violations() + queries.violations() == []


# ---- the process dies between the units
def test_p1_killed_after_the_claim(payees: Payees, rail: ScriptedRail) -> None:
    ada, run, payout_id = begun(payees)
    with unit_of_work():
        claimed(payout_id)
    payees.work()
    assert payees.of(run, ada).status is PayoutStatus.SENDING  # its lease still runs, in wall time
    expire_lease(payout_id)
    jobs.send_payout(payout_id, {"stripe": rail}, "test")
    paid_once(payees, rail, ada, run)


def test_p1_killed_after_the_call(payees: Payees, rail: ScriptedRail) -> None:
    ada, run, payout_id = begun(payees)
    with unit_of_work():
        transfer = claimed(payout_id)
    rail.send(transfer, idempotency_key=transfer.key)
    expire_lease(payout_id)
    jobs.send_payout(payout_id, {"stripe": rail}, "test")
    paid_once(payees, rail, ada, run)
    assert rail.calls == 1  # it was asked for, and not sent again


def test_p1_killed_before_the_commit_of_the_settlement(payees: Payees, rail: ScriptedRail) -> None:
    ada, run, payout_id = begun(payees)
    with unit_of_work():
        transfer = claimed(payout_id)
    reference = rail.send(transfer, idempotency_key=transfer.key).provider_ref
    with pytest.raises(Killed):
        settle_and_die(payout_id, reference)
    expire_lease(payout_id)
    jobs.send_payout(payout_id, {"stripe": rail}, "test")
    paid_once(payees, rail, ada, run)


def settle_and_die(payout_id: int, reference: str) -> None:
    with unit_of_work():
        commands.settle(payout_id, reference)
        raise Killed


def test_p1_killed_after_the_settlement(payees: Payees, rail: ScriptedRail) -> None:
    ada, run, payout_id = begun(payees)
    jobs.send_payout(payout_id, {"stripe": rail}, "test")
    jobs.send_payout(payout_id, {"stripe": rail}, "test")
    with unit_of_work():
        commands.settle(payout_id, "tr_1")
    paid_once(payees, rail, ada, run)


def test_the_key_is_the_payouts_and_the_attempts(payees: Payees, rail: ScriptedRail) -> None:
    ada, run, payout_id = begun(payees)
    rail.script = [GONE_SILENT, "lose", GONE_SILENT]
    jobs.execute_run(run.id, {"stripe": rail}, "test")
    payees.work()
    assert set(rail.keys) == {f"test:payout:{payout_id}:1"}
    paid_once(payees, rail, ada, run)


def expire_lease(payout_id: int) -> None:
    with unit_of_work():
        (attempt,) = queries.attempts_of(payout_id)
        attempt.lease_until = clock.wall()


# ---- ambiguous and busy
@pytest.mark.parametrize("lost", [1, 4])
def test_p2_an_answer_that_never_came_is_asked_for_and_never_failed(
    payees: Payees, rail: ScriptedRail, lost: int
) -> None:
    ada, run, payout_id = begun(payees)
    rail.script = ["lose", *[GONE_SILENT] * (lost - 1)]
    jobs.send_payout(payout_id, {"stripe": rail}, "test")
    assert payees.of(run, ada).status is PayoutStatus.UNKNOWN
    assert payees.balances(ada)["committed"] == 8000
    payees.work()
    paid_once(payees, rail, ada, run)
    assert payees.of(run, ada).public_id in rail.asked


def test_p3_a_busy_rail_delays_and_fails_nobody(payees: Payees, rail: ScriptedRail) -> None:
    ada, run, payout_id = begun(payees)
    rail.script = [ProviderBusy("Slow down.", retry_after=30)] * 3
    jobs.send_payout(payout_id, {"stripe": rail}, "test")
    assert payees.of(run, ada).status is PayoutStatus.QUEUED
    payees.world.settle()
    assert rail.calls == 1  # not before the 30 seconds
    payees.work()
    paid_once(payees, rail, ada, run)
    assert rail.asked == []


def test_p4_a_definite_refusal_fails_only_that_payout_and_gives_the_money_back(
    payees: Payees, rail: ScriptedRail, world: World
) -> None:
    ada, eva = payees.owed("Ada", "80.00 USD"), payees.owed("Eva", "50.00 USD")
    rail.script = [ProviderRefused("No transfers to this account.", code="account_restricted")]
    run = payees.approved()
    payees.work()
    assert payees.again(run).status is RunStatus.COMPLETED_WITH_FAILURES
    first, second = sorted((ada, eva), key=lambda one: payees.of(run, one).id)
    failed = payees.of(run, first)
    assert (failed.status, failed.refusal_code) == (PayoutStatus.FAILED, "account_restricted")
    assert payees.balances(first) == {
        "payable": failed.amount_minor, "committed": 0, "paid": 0
    }  # fmt: skip
    assert payees.of(run, second).status is PayoutStatus.SENT
    with unit_of_work():
        assert commands.retry_failed(run.id, by=world.finn.user_id) == (1, 0)
    payees.work()
    assert payees.again(run).status is RunStatus.COMPLETED
    assert sorted(rail.keys) == [
        f"test:payout:{failed.id}:1",
        f"test:payout:{failed.id}:2",
        f"test:payout:{payees.of(run, second).id}:1",
    ]
    states = [attempt.state for attempt in queries.attempts_of(failed.id)]
    assert states == [AttemptState.REFUSED, AttemptState.SENT]
    assert books.violations() + queries.violations() == []


def test_a_retry_asks_first_whether_the_refused_one_went_out_after_all(
    payees: Payees, rail: ScriptedRail, world: World
) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    rail.script = [ProviderRefused("No.", code="account_restricted")]
    run = payees.approved()
    payees.work()
    public_id = payees.of(run, ada).public_id
    rail.made["tr_ghost"] = FoundTransfer(
        public_id, 1, "tr_ghost", Money.of("80.00 USD"), Money.zero("USD")
    )
    rail.runs["tr_ghost"] = run.public_id
    with unit_of_work():
        commands.retry_failed(run.id, by=world.finn.user_id)
    payees.work()
    assert payees.of(run, ada).provider_ref == "tr_ghost"
    assert len(rail.made) == 1


def test_a_refund_that_was_faster_leaves_nothing_to_retry(
    payees: Payees, rail: ScriptedRail, world: World
) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    rail.script = [ProviderRefused("No.", code="insufficient_funds")]
    run = payees.approved()
    payees.work()
    payees.owes(ada, "-0.01 USD")
    with pytest.raises(Conflict), unit_of_work():
        commands.retry_failed(run.id, by=world.finn.user_id)
    with unit_of_work():
        assert commands.roll_over_failed(run.id, by=world.finn.user_id) == 1
    assert payees.of(run, ada).status is PayoutStatus.ROLLED_OVER


def test_nothing_is_retried_while_another_run_is_open(
    payees: Payees, rail: ScriptedRail, world: World
) -> None:
    payees.owed("Ada", "80.00 USD")
    rail.script = [ProviderRefused("No.", code="insufficient_funds")]
    run = payees.approved()
    payees.work()
    payees.draft(label="April 2026")
    with pytest.raises(Conflict, match="April 2026 is open"), unit_of_work():
        commands.retry_failed(run.id, by=world.finn.user_id)


def test_mistake_18_an_account_changed_after_approval_is_skipped_with_a_note(
    payees: Payees, rail: ScriptedRail
) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = payees.approved()
    with unit_of_work():
        destinations.set_destination(ada.id, Rail.STRIPE, "acct_other", by=None)
    payees.work()
    payout = payees.of(run, ada)
    assert (payout.status, payout.refusal_code) == (PayoutStatus.FAILED, "destination_changed")
    assert rail.calls == 0
    assert payees.balances(ada) == {"payable": 8000, "committed": 0, "paid": 0}


def test_mistake_20_a_refusal_outside_our_map_is_kept_raw(
    payees: Payees, rail: ScriptedRail
) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    rail.script = [ProviderRefused("Blocked by policy 17.", code="policy_17")]
    run = payees.approved()
    payees.work()
    payout = payees.of(run, ada)
    assert (payout.refusal_code, payout.refusal) == ("policy_17", "Blocked by policy 17.")


# ---- pause, stop, restore
def test_a_paused_run_sends_nothing_new_and_resumes(
    payees: Payees, rail: ScriptedRail, world: World
) -> None:
    ada, run, _ = begun(payees)
    with unit_of_work():
        commands.pause(run.id, by=world.finn.user_id)
    payees.work()
    assert rail.calls == 0
    with unit_of_work():
        commands.resume(run.id, by=world.finn.user_id)
    payees.work()
    paid_once(payees, rail, ada, run)


def test_what_is_under_way_is_brought_to_its_end_while_paused(
    payees: Payees, rail: ScriptedRail, world: World
) -> None:
    ada, run, payout_id = begun(payees)
    rail.script = ["lose"]
    jobs.send_payout(payout_id, {"stripe": rail}, "test")
    with unit_of_work():
        commands.pause(run.id, by=world.finn.user_id)
    payees.work()
    paid_once(payees, rail, ada, run)


def test_stopping_gives_back_what_was_not_sent(
    payees: Payees, rail: ScriptedRail, world: World
) -> None:
    ada, run, _ = begun(payees)
    with unit_of_work():
        commands.stop(run.id, by=world.faye.user_id)
    payees.work()
    assert payees.of(run, ada).status is PayoutStatus.ROLLED_OVER
    assert payees.balances(ada) == {"payable": 8000, "committed": 0, "paid": 0}
    assert (rail.calls, queries.violations()) == (0, [])
    assert payees.draft(label="Next").net == Money.of("80.00 USD")


def test_p15_a_restored_backup_finds_what_was_sent_and_sends_nothing_twice(
    payees: Payees, rail: ScriptedRail
) -> None:
    ada, eva = payees.owed("Ada", "80.00 USD"), payees.owed("Eva", "50.00 USD")
    run = payees.approved()
    sent = payees.of(run, ada)
    rail.made["tr_lost"] = FoundTransfer(
        sent.public_id, 1, "tr_lost", Money.of("80.00 USD"), Money.zero("USD")
    )
    rail.runs["tr_lost"] = run.public_id
    payees.work()
    assert payees.of(run, ada).provider_ref == "tr_lost"
    assert [t.payout for t in rail.made.values()].count(sent.public_id) == 1
    assert payees.of(run, eva).status is PayoutStatus.SENT


def test_a_payout_whose_job_was_lost_is_found_again(payees: Payees, rail: ScriptedRail) -> None:
    ada, run, payout_id = begun(payees)
    with unit_of_work():
        claimed(payout_id)
    expire_lease(payout_id)
    clock.pass_days(1)
    jobs.resolve_waiting()
    payees.work()
    paid_once(payees, rail, ada, run)


def test_another_worker_keeps_its_hands_off(payees: Payees) -> None:
    _, _, payout_id = begun(payees)
    with unit_of_work():
        claimed(payout_id)
    with unit_of_work():
        again = commands.claim_each([payout_id], "test", {})
    assert (again.transfers, again.left) == (
        [], {payout_id: "Another worker is sending this payout."},
    )  # fmt: skip


def test_reconciling_sees_a_transfer_nobody_knows(payees: Payees, rail: ScriptedRail) -> None:
    payees.owed("Ada", "80.00 USD")
    run = payees.approved()
    payees.work()
    jobs.finish_runs({"stripe": rail}, "test")
    assert (payees.again(run).reconciled_count, payees.again(run).difference_minor) == (1, 0)
    rail.made["tr_x"] = FoundTransfer("po_x", 1, "tr_x", Money.of("80.00 USD"), Money.zero("USD"))
    rail.runs["tr_x"] = run.public_id
    jobs.reconcile_run(run.id, {"stripe": rail}, "test")
    assert payees.again(run).difference_minor == -8000
    assert any("differs from the provider" in wrong for wrong in queries.violations())


def test_a_run_that_differs_is_compared_again_once_an_hour_until_it_agrees(
    payees: Payees, rail: ScriptedRail
) -> None:
    payees.owed("Ada", "80.00 USD")
    run = payees.approved()
    payees.work()
    rail.made["tr_x"] = FoundTransfer("po_x", 1, "tr_x", Money.of("80.00 USD"), Money.zero("USD"))
    rail.runs["tr_x"] = run.public_id
    for _ in range(3):
        jobs.finish_runs({"stripe": rail}, "test")
    assert payees.again(run).difference_minor == -8000
    assert len(compared(run)) == 1
    del rail.made["tr_x"]
    clock.pass_time(timedelta(hours=1))
    for _ in range(3):
        jobs.finish_runs({"stripe": rail}, "test")
    assert payees.again(run).difference_minor == 0
    assert len(compared(run)) == 2


def compared(run: PayoutRun) -> list[AuditEntry]:
    end_read()
    act, subject = AuditEntry.act == "payout-run.reconciled", AuditEntry.subject_id == run.id
    return list(db.session.scalars(select(AuditEntry).where(act, subject)))


def test_reconciling_notices_what_came_back(payees: Payees, rail: ScriptedRail) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = payees.approved()
    payees.work()
    rail.turn_back("tr_1")
    end_read()
    jobs.reconcile_run(run.id, {"stripe": rail}, "test")
    assert payees.of(run, ada).status is PayoutStatus.RETURNED
    assert payees.again(run).difference_minor == 0


# ---- calculation as a job
def test_a_large_run_is_calculated_in_slices(
    payees: Payees, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        payees.owed(f"C{number}", "30.00 USD")
    monkeypatch.setattr(jobs, "LINES_AT_ONCE", 2)
    with unit_of_work():
        run = commands.draft_run(
            payees.brand.id, "USD", "March", clock.now(), by=world.finn.user_id
        )
        commands.start_calculation(run.id, by=world.finn.user_id)
    assert payees.again(run).status is RunStatus.CALCULATING
    payees.work()
    assert (payees.again(run).status, payees.again(run).payout_count) == (RunStatus.IN_REVIEW, 5)


def test_nothing_is_sent_while_the_books_do_not_hold(
    payees: Payees, rail: ScriptedRail, world: World
) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = payees.approved()
    account = accounts.payable(payees.brand.id, ada.id)
    wrong = update(LedgerAccount).where(LedgerAccount.name == account)
    with unit_of_work():
        db.session.execute(wrong.values(balance_minor=1))
    with pytest.raises(Conflict, match="Nothing is sent while the books do not hold"):
        jobs.execute_run(run.id, {"stripe": rail}, "test")
    assert payees.again(run).status is RunStatus.APPROVED
    url = f"/finance/glow/runs/{run.public_id}/progress"
    world.finn.opens(url).sees("Nothing is sent until this is right", "keeps $0.01")
    with unit_of_work():
        db.session.execute(wrong.values(balance_minor=0))
    payees.work()
    assert (payees.again(run).status, payees.again(run).failure) == (RunStatus.COMPLETED, "")
