"""A payout run of 100 creators survives fifty kills of its workers and every fault of the rail.

Real worker processes, killed with SIGKILL at random moments, against the Stripe simulator that
drops, delays, and answers 500 and 429. In the end every creator was paid exactly once, and the
simulator, the payouts and the ledger say the same. The seed is printed; PORTAL_TEST_SEED repeats.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.ledger import accounts
from portal.ledger import queries as books
from portal.payouts import jobs, queries
from portal.payouts.models import GONE, Payout, PayoutAttempt, PayoutStatus
from portal.storage.model import db
from portal.storage.unit_of_work import end_read
from tests.support.stage import BALANCE_MINOR, Stage, an_approved_run, staged

CREATORS, KILLS, WORKERS = 100, 50, 2
LONGEST_SECONDS = 900


@pytest.fixture(autouse=True)
def still_clock() -> None:
    """Not here: the workers live in real time, and so does this test."""


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    with staged(tmp_path, monkeypatch) as made:
        yield made


def every_fault(chance: random.Random) -> list[dict[str, Any]]:
    """Faults in random order, each met once, and after them a rail that takes its time."""
    kinds = [("drop", "before"), ("drop", "after"), ("500", "before"), ("500", "after"),
             ("429", "before"), ("503", "before"), ("409", "before")]  # fmt: skip
    faults = [
        {"action": action, "when": when, "times": 1, "skip": chance.randrange(6)}
        for action, when in [chance.choice(kinds) for _ in range(60)]
    ]
    slow = {"action": "delay", "when": "before", "delay": 2.0, "times": 100_000, "skip": 0}
    lost = {"action": "drop", "when": "after", "delay": 0.2, "times": 8, "skip": 5}
    return [{"path": "/v1/transfers", "method": "POST", **fault} for fault in (*faults, lost, slow)]


def kill_until_done(stage: Stage, run_id: int, chance: random.Random) -> int:
    """Keep two workers running, kill one at a random moment; returns how many were killed."""
    workers = [stage.worker() for _ in range(WORKERS)]
    kills, until = 0, time.monotonic() + LONGEST_SECONDS
    try:
        while not stage.is_over(run_id):
            assert time.monotonic() < until, "the run did not end"
            time.sleep(chance.uniform(0.3, 3.0))
            if kills >= KILLS + 5:
                continue
            victim = chance.randrange(WORKERS)
            workers[victim].send_signal(signal.SIGKILL)
            workers[victim].wait()
            kills += 1
            workers[victim] = stage.worker()
    finally:
        for process in workers:
            process.terminate()
        for process in workers:
            process.wait(60)
    return kills


@pytest.mark.long
def test_every_creator_is_paid_exactly_once_whatever_dies(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = int(os.environ.get("PORTAL_TEST_SEED") or random.SystemRandom().randrange(10**9))
    chance = random.Random(seed)
    run_id = an_approved_run(stage, CREATORS)
    stage.simulator.faults(every_fault(chance))
    kills = kill_until_done(stage, run_id, chance)
    stage.simulator.faults([])

    end_read()
    paid = db.session.query(Payout).filter(Payout.run_id == run_id).all()
    tries = [row.tries for row in db.session.query(PayoutAttempt)]
    state = stage.simulator.state()
    with capsys.disabled():
        sys.stdout.write(
            f"\nseed {seed}: {kills} kills, {len(state['transfers'])} transfers, "
            f"{sum(tries)} tries, {sum(state['keys'].values())} calls with a key\n"
        )
    assert kills >= KILLS
    assert [payout.status for payout in paid] == [PayoutStatus.SENT] * CREATORS
    by_payout = Counter(t["metadata"]["payout"] for t in state["transfers"])
    assert by_payout == {payout.public_id: 1 for payout in paid}
    owed = sum(payout.amount_minor for payout in paid)
    assert sum(t["amount"] for t in state["transfers"]) == owed
    assert state["balance"]["usd"] == BALANCE_MINOR - owed
    assert books.balance(accounts.PAID_OUT, "USD").minor == owed
    jobs.finish_runs({"stripe": stage.simulator.rail()}, "test")
    run = queries.run(run_id)
    assert (run.reconciled_count, run.difference_minor) == (CREATORS, 0)
    assert books.violations() + queries.violations() == []
    assert all(status in GONE for status in {payout.status for payout in paid})
