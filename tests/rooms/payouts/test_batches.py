"""Many payouts in one job: side by side, and each with its own end."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.jobs.commands import cancel
from portal.jobs.models import Job, JobState
from portal.kernel import clock
from portal.kernel.errors import ProviderRefused
from portal.ledger import queries as books
from portal.notifications.models import Message
from portal.payouts import commands, jobs, pace, queries, rules
from portal.payouts import waiting_queries as waits
from portal.payouts.models import PayoutAttempt, PayoutStatus, RailPace, RunStatus
from portal.payouts.provider import ProviderBusy, Receipt, Transfer
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, is_open, unit_of_work
from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees
from tests.support.world import World

MANY = 40  # more than there are calls at once


def executing(payees: Payees, creators: int) -> tuple:
    """A run that is executing, with this many payouts; no job of it waits."""
    owed = [payees.owed(f"C{number}", f"{30 + number}.00 USD") for number in range(creators)]
    run = payees.approved()
    with unit_of_work():
        commands.begin_execution(run.id)
        cancel(f"run:{run.id}:execute")
    ids = [payees.of(run, creator).id for creator in owed]
    db.session.remove()
    return run, owed, ids


def statuses(ids: list[int]) -> list[PayoutStatus]:
    end_read()
    return [queries.payout(payout_id).status for payout_id in ids]


def each_was_paid_once(rail: ScriptedRail, ids: list[int]) -> None:
    assert set(statuses(ids)) == {PayoutStatus.SENT}
    wanted = {queries.payout(payout_id).public_id: 1 for payout_id in ids}
    assert Counter(found.payout for found in rail.made.values()) == wanted
    assert set(rail.keys) == {f"test:payout:{payout_id}:1" for payout_id in ids}
    assert books.violations() + queries.violations() == []


class Acting(ScriptedRail):
    """A rail at whose first call something happens in the portal; the others wait until the
    dispatcher has seen it."""

    def __init__(self, world: World, act) -> None:
        super().__init__()
        self.world, self.act, self.seen = world, act, threading.Event()
        self.first = threading.Lock()

    def send(self, transfer: Transfer, *, idempotency_key: str) -> Receipt:
        if self.first.acquire(blocking=False):
            with self.world.app.app_context(), unit_of_work():
                self.act()
        assert self.seen.wait(60)
        return super().send(transfer, idempotency_key=idempotency_key)


@pytest.fixture
def noticed(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set once the dispatcher was told that the run does not go on."""
    seen, is_executing = threading.Event(), waits.is_executing

    def looking(run_id: int) -> bool:
        goes_on = is_executing(run_id)
        if not goes_on:
            seen.set()
        return goes_on

    monkeypatch.setattr(waits, "is_executing", looking)
    return seen


def test_the_intents_of_all_are_committed_before_the_first_call(
    payees: Payees, world: World
) -> None:
    seen = []

    class Looking(ScriptedRail):
        def send(self, transfer: Transfer, *, idempotency_key: str) -> Receipt:
            with world.app.app_context():
                with db.engine.connect() as other:
                    keys = set(other.scalars(select(PayoutAttempt.key)))
                seen.append((keys, is_open()))
            return super().send(transfer, idempotency_key=idempotency_key)

    run, _, ids = executing(payees, 3)
    rail = Looking()
    jobs.send_batch(run.id, ids, {"stripe": rail}, "test")
    assert seen == [({f"test:payout:{one}:1" for one in ids}, False)] * 3
    each_was_paid_once(rail, ids)
    assert payees.again(run).status is RunStatus.COMPLETED


def test_one_job_sends_many_and_everybody_is_told_once(payees: Payees, rail: ScriptedRail) -> None:
    owed = [payees.owed(f"C{number}", "30.00 USD") for number in range(5)]
    run = payees.approved()
    payees.work()
    batches = select(Job).where(Job.name == "payouts.send_batch")
    assert [len(job.args["payout_ids"]) for job in db.session.scalars(batches)] == [5]
    each_was_paid_once(rail, [payees.of(run, creator).id for creator in owed])
    told = Counter(one.recipient for one in db.session.query(Message).filter_by(
        letter="payout_sent"))  # fmt: skip
    assert told == {f"c{number}@example.com": 1 for number in range(5)}


def test_each_has_its_own_end(payees: Payees, rail: ScriptedRail) -> None:
    """Refused, unanswered, busy, account changed, sent: in one batch, as each alone."""
    run, _, ids = executing(payees, 4)
    with unit_of_work():
        queries.payout(ids[3]).account_ref = "acct_before"

    rail.script = [ProviderRefused("No.", code="account_restricted"), "lose", "send"]
    jobs.send_batch(run.id, ids, {"stripe": rail}, "test")
    found = Counter(statuses(ids))
    assert found == {PayoutStatus.FAILED: 2, PayoutStatus.UNKNOWN: 1, PayoutStatus.SENT: 1}
    assert statuses(ids)[3] is PayoutStatus.FAILED
    assert rail.calls == 3
    payees.work()
    assert Counter(statuses(ids)) == {PayoutStatus.FAILED: 2, PayoutStatus.SENT: 2}
    assert len(rail.made) == 2
    assert queries.violations() == []


@pytest.mark.parametrize("act", ["pause", "stop"])
def test_a_person_stops_a_batch_in_the_middle(
    payees: Payees, world: World, noticed: threading.Event, act: str
) -> None:
    run, owed, ids = executing(payees, MANY)
    by = world.faye.user_id
    rail = Acting(world, lambda: getattr(commands, act)(run.id, by=by))
    rail.seen = noticed
    payees.use(rail)
    jobs.send_batch(run.id, ids, {"stripe": rail}, "test")
    found = Counter(statuses(ids))
    assert set(found) == {PayoutStatus.SENT, PayoutStatus.QUEUED}  # nothing hangs in between
    assert rail.calls == found[PayoutStatus.SENT] < MANY
    if act == "pause":
        with unit_of_work():
            commands.resume(run.id, by=by)
        payees.work()
        each_was_paid_once(rail, ids)
        return
    sent = dict(zip(ids, statuses(ids), strict=True))
    payees.work()
    for creator, payout_id in zip(owed, ids, strict=True):
        amount = queries.payout(payout_id).amount_minor
        is_sent = sent[payout_id] is PayoutStatus.SENT
        left = {"payable": 0, "committed": 0, "paid": amount}
        back = {"payable": amount, "committed": 0, "paid": 0}
        assert payees.balances(creator) == (left if is_sent else back)


def test_what_a_stopped_run_gets_back_too_late_is_freed_as_well(
    payees: Payees, world: World
) -> None:
    """It was claimed while the job that frees the rest looked."""
    run, (creator,), (payout_id,) = executing(payees, 1)
    with unit_of_work():
        commands.claim_each([payout_id], "test", {})
    with unit_of_work():
        commands.stop(run.id, by=world.faye.user_id)
    payees.use(ScriptedRail())
    payees.world.settle()
    assert statuses([payout_id]) == [PayoutStatus.SENDING]
    with unit_of_work():
        commands.put_back_each([payout_id])
    payees.work()
    assert statuses([payout_id]) == [PayoutStatus.ROLLED_OVER]
    assert payees.balances(creator)["committed"] == 0


def test_p1_a_call_that_its_lease_would_not_outlast_is_not_begun(
    payees: Payees, rail: ScriptedRail, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _, ids = executing(payees, 3)
    with monkeypatch.context() as slow:
        slow.setattr(rules, "SLOWEST_ANSWER", rules.SEND_LEASE + timedelta(hours=1))
        jobs.send_batch(run.id, ids, {"stripe": rail}, "test")
    assert (rail.calls, set(statuses(ids))) == (0, {PayoutStatus.QUEUED})
    payees.work()
    each_was_paid_once(rail, ids)


def test_one_that_cannot_be_recorded_keeps_no_other_from_it(payees: Payees) -> None:
    class Confused(ScriptedRail):
        """Gives the second payout the reference of the first."""

        def send(self, transfer: Transfer, *, idempotency_key: str) -> Receipt:
            receipt = super().send(transfer, idempotency_key=idempotency_key)
            return Receipt("tr_same") if transfer.payout_id in ids[:2] else receipt

    run, _, ids = executing(payees, 3)
    with pytest.raises(IntegrityError):
        jobs.send_batch(run.id, ids, {"stripe": Confused()}, "test")
    assert sorted(statuses(ids)) == [PayoutStatus.SENDING, PayoutStatus.SENT, PayoutStatus.SENT]
    assert statuses(ids)[2] is PayoutStatus.SENT


def test_the_sweep_leaves_alone_what_waits_for_its_turn(payees: Payees, rail: ScriptedRail) -> None:
    run, _, ids = executing(payees, 3)
    with unit_of_work():
        commands.send_soon(ids[:2])
    clock.pass_time(timedelta(minutes=5))
    jobs.resolve_waiting()
    assert queued() == 1  # the third comes after them, as before
    with unit_of_work():
        cancel(f"run:{run.id}:send")
    jobs.resolve_waiting()
    jobs.resolve_waiting()
    assert queued() == 1
    payees.work()
    each_was_paid_once(rail, ids)


def queued() -> int:
    end_read()
    mine = Job.name == "payouts.send_batch", Job.state == JobState.QUEUED
    return len(db.session.scalars(select(Job.id).where(*mine)).all())


def test_a_rail_too_busy_to_be_asked_leaves_it_unknown_and_is_asked_again(payees: Payees) -> None:
    """Back in the queue it would be sent without being asked for."""

    class BusyOnce(ScriptedRail):
        is_busy = True

        def find(self, transfer: Transfer) -> Receipt | None:
            if self.is_busy:
                self.is_busy = False
                raise ProviderBusy("Slow down.")
            return super().find(transfer)

    run, _, ids = executing(payees, 2)
    rail = BusyOnce(script=["lose", "lose"])
    payees.use(rail)
    jobs.send_batch(run.id, ids, {"stripe": rail}, "test")
    jobs.send_batch(run.id, ids[:1], {"stripe": rail}, "test")
    assert statuses(ids) == [PayoutStatus.UNKNOWN] * 2
    payees.work()
    each_was_paid_once(rail, ids)
    assert (rail.calls, len(rail.asked)) == (2, 2)


# ---- the rail's rate
def test_batches_of_all_workers_take_one_stretch_after_another(app) -> None:
    with unit_of_work():
        begins, ends = pace.take_stretch("stripe", 50, 25)
    with unit_of_work():
        next_begins, next_ends = pace.take_stretch("stripe", 25, 25)
        other, _ = pace.take_stretch("other", 1, 25)
    assert ends - begins == timedelta(seconds=2)
    assert (next_begins, next_ends) == (ends, ends + timedelta(seconds=1))
    assert other < ends


def test_p10_a_worker_whose_clock_was_wrong_holds_up_nobody(app) -> None:
    wrong = clock.wall() + timedelta(hours=1)
    with unit_of_work():
        db.session.add(RailPace(rail="stripe", next_at=wrong))
    with unit_of_work():
        begins, _ = pace.take_stretch("stripe", 50, 25)
    assert begins <= clock.wall()
