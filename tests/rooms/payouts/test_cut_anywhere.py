"""P1, P11: at every single step of sending, the process dies, or its database goes away.

Not at random: at the first statement, the second, …, each commit among them, until a payout got
through. Then the work is taken up again, and everybody was paid once.
"""

from __future__ import annotations

import contextlib
from collections import Counter

import pytest
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from portal.jobs import worker
from portal.jobs.commands import cancel
from portal.kernel import clock
from portal.ledger import queries as books
from portal.notifications.models import Message
from portal.payouts import commands, jobs, queries
from portal.payouts.models import PayoutAttempt, PayoutStatus, RunStatus
from portal.payouts.provider import Receipt, Transfer
from portal.storage.model import db
from portal.storage.unit_of_work import is_open, unit_of_work
from tests.support.cuts import Killed, cut, dropped, killed
from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees

MOST_STEPS = 55
BLOWS = pytest.mark.parametrize("blow", [killed, dropped])


def executing(payees: Payees, creators: int) -> tuple:
    """A run that is executing, with this many payouts; none of them is sent yet."""
    owed = [payees.owed(f"C{number}", f"{30 + number}.00 USD") for number in range(creators)]
    run = payees.approved()
    with unit_of_work():
        commands.begin_execution(run.id)
        cancel(f"run:{run.id}:execute")
    ids = [payees.of(run, creator).id for creator in owed]
    db.session.remove()
    return run, owed, ids


def everybody_was_paid_once(payees: Payees, rail: ScriptedRail, run, owed) -> None:
    paid = [payees.of(run, creator) for creator in owed]
    assert {payout.status for payout in paid} == {PayoutStatus.SENT}
    assert Counter(found.payout for found in rail.made.values()) == {
        payout.public_id: 1 for payout in paid
    }
    assert set(rail.keys) == {f"test:payout:{payout.id}:1" for payout in paid}
    for payout, creator in zip(paid, owed, strict=True):
        balances = payees.balances(creator)
        assert balances == {"payable": 0, "committed": 0, "paid": payout.amount_minor}
    assert books.violations() + queries.violations() == []


@BLOWS
def test_P1_P11_at_every_step_of_sending(payees: Payees, rail: ScriptedRail, blow) -> None:
    run, owed, ids = executing(payees, MOST_STEPS)
    cuts = 0
    for step, payout_id in enumerate(ids, 1):
        try:
            with cut(step, blow) as steps:
                jobs.send_payout(payout_id, {"stripe": rail}, "test")
        except (Killed, SQLAlchemyError):
            cuts += 1
        if not steps.was_cut:
            break
    assert cuts >= 10, "claim, call and settlement are more than ten steps"
    assert not steps.was_cut, "there are more steps than payouts to be cut at them"
    with unit_of_work():
        for payout_id in ids:
            for attempt in queries.attempts_of(payout_id):
                attempt.lease_until = clock.wall()  # the leases of the dead run out
    for payout_id in ids:
        jobs.send_payout(payout_id, {"stripe": rail}, "test")
    everybody_was_paid_once(payees, rail, run, owed)
    assert payees.again(run).status is RunStatus.COMPLETED


@BLOWS
def test_P1_P11_at_every_step_of_a_batch(payees: Payees, rail: ScriptedRail, blow) -> None:
    """Two at a time, and the step is any of those of both."""
    run, owed, ids = executing(payees, MOST_STEPS * 2)
    rail.calls_a_second = 1000
    for step in range(1, MOST_STEPS + 1):
        batch = ids[step * 2 - 2 : step * 2]
        with contextlib.suppress(Killed, SQLAlchemyError), cut(step, blow) as steps:
            jobs.send_batch(run.id, batch, {"stripe": rail}, "test")
        if not steps.was_cut:
            break
    assert step > 10, "claim, calls and settlement are more than ten steps"
    assert not steps.was_cut, "there are more steps than batches to be cut at them"
    with unit_of_work():
        for attempt in db.session.scalars(select(PayoutAttempt)):
            attempt.lease_until = clock.wall()  # the leases of the dead run out
    jobs.send_batch(run.id, ids, {"stripe": rail}, "test")
    everybody_was_paid_once(payees, rail, run, owed)
    assert payees.again(run).status is RunStatus.COMPLETED


def test_P1_the_intent_is_committed_before_the_rail_is_called(payees: Payees) -> None:
    """What another connection sees while the rail is asked: the key is there, and no transaction
    waits for the network."""
    seen = []

    class Looking(ScriptedRail):
        def send(self, transfer: Transfer, *, idempotency_key: str) -> Receipt:
            with db.engine.connect() as other:
                keys = other.scalars(select(PayoutAttempt.key)).all()
            seen.append((keys, is_open()))
            return super().send(transfer, idempotency_key=idempotency_key)

    run, owed, (payout_id,) = executing(payees, 1)
    rail = Looking()
    jobs.send_payout(payout_id, {"stripe": rail}, "test")
    assert seen == [([f"test:payout:{payout_id}:1"], False)]
    everybody_was_paid_once(payees, rail, run, owed)


@BLOWS
def test_P1_P11_at_every_step_before_the_mail(payees: Payees, rail: ScriptedRail, blow) -> None:
    """The payout is settled; what tells her of it waits in the same database, and comes once."""
    run, owed, ids = executing(payees, MOST_STEPS)
    for step, payout_id in enumerate(ids, 1):
        jobs.send_payout(payout_id, {"stripe": rail}, "test")
        with contextlib.suppress(Killed, SQLAlchemyError), cut(step, blow) as steps:
            worker.drain()
        if not steps.was_cut:
            break
        worker.drain()  # what another process would do; what was in hand waits for its lease
    assert step > 10, "the events of a settlement, and the mail, are more than ten steps"
    assert not steps.was_cut, "there are more steps than payouts to be cut at them"
    for payout_id in ids[step:]:
        jobs.send_payout(payout_id, {"stripe": rail}, "test")
    payees.work()
    everybody_was_paid_once(payees, rail, run, owed)
    told = Counter(
        message.recipient for message in db.session.query(Message).filter_by(letter="payout_sent")
    )
    assert told == {f"c{number}@example.com": 1 for number in range(len(owed))}


@BLOWS
def test_P11_at_every_step_of_approving(payees: Payees, blow) -> None:
    """Approved whole or not at all, and the second try succeeds."""
    payees.owed("Ada", "80.00 USD")
    run = payees.submitted()
    faye = payees.faye.user_id
    for step in range(1, MOST_STEPS):
        try:
            with cut(step, blow) as steps, unit_of_work():
                commands.approve_run(run.id, run.control_hash, by=faye)
        except (Killed, SQLAlchemyError):
            assert payees.again(run).status is RunStatus.AWAITING_APPROVAL
            db.session.remove()
        if not steps.was_cut:
            break
    assert step > 5
    assert payees.again(run).status is RunStatus.APPROVED
    assert queries.violations() == []
