"""`portal work --threads`: payouts are sent beside each other, each once; SIGTERM finishes jobs."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.jobs import queries as jobs
from portal.jobs.models import JobState
from portal.ledger import queries as books
from portal.payouts import queries
from portal.payouts.models import PayoutAttempt, PayoutStatus, RunStatus
from portal.storage.model import db
from portal.storage.unit_of_work import end_read
from tests.support.stage import Stage, an_approved_run, staged

SLOW_SECONDS, THREADS, LONGEST_SECONDS = 0.5, 4, 120
CREATORS = 300  # each thread may hold a batch of fifty, which it finishes before it stops


@pytest.fixture(autouse=True)
def still_clock() -> None:
    """Not here: the worker lives in real time."""


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    with staged(tmp_path, monkeypatch) as made:
        yield made


def sent(run_id: int) -> int:
    end_read()
    total = queries.by_status(queries.run(run_id)).get(PayoutStatus.SENT)
    return total.count if total else 0


def wait_for(run_id: int, count: int) -> None:
    until = time.monotonic() + LONGEST_SECONDS
    while sent(run_id) < count:
        assert time.monotonic() < until, f"{sent(run_id)} were sent"
        time.sleep(0.1)


def most_at_once() -> int:
    """How many payouts were under way in the same moment, at most."""
    end_read()
    tries = db.session.query(PayoutAttempt).all()
    return max(
        sum(one.started_at <= other.started_at < one.finished_at for one in tries)
        for other in tries
    )


@pytest.mark.long
def test_a_run_is_sent_by_several_threads_and_a_worker_told_to_stop_finishes(
    stage: Stage,
) -> None:
    run_id = an_approved_run(stage, CREATORS)
    slow = {"action": "delay", "when": "before", "delay": SLOW_SECONDS, "times": 1_000, "skip": 0}
    stage.simulator.faults([{"path": "/v1/transfers", "method": "POST", **slow}])
    worker = stage.worker("--threads", str(THREADS))
    wait_for(run_id, 2)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0
    end_read()
    assert 2 <= sent(run_id) < CREATORS
    assert not jobs.counts().get(JobState.RUNNING)
    assert PayoutStatus.SENDING not in queries.by_status(queries.run(run_id))

    worker = stage.worker("--threads", str(THREADS))
    wait_for(run_id, CREATORS)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0
    assert most_at_once() > 1
    made = Counter(t["metadata"]["payout"] for t in stage.simulator.state()["transfers"])
    assert (len(made), set(made.values())) == (CREATORS, {1})
    end_read()
    assert queries.run(run_id).status is RunStatus.COMPLETED
    assert books.violations() + queries.violations() == []
