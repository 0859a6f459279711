"""A payout run of 100 creators survives fifty kills of its workers and every fault of the rail.

Real worker processes, killed with SIGKILL at random moments, against the Stripe simulator that
drops, delays, and answers 500 and 429. In the end every creator was paid exactly once, and the
simulator, the payouts and the ledger say the same. The seed is printed; PORTAL_TEST_SEED repeats.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from portal.config import Settings, sqlite_in
from portal.creators import commands as creators
from portal.creators.models import Rail
from portal.demo.stripe_simulator import running
from portal.destinations import commands as destinations
from portal.identity import commands as identity
from portal.jobs.registry import registry
from portal.kernel import clock
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import commands as ledger
from portal.ledger import queries as books
from portal.payouts import commands, jobs, queries
from portal.payouts.models import GONE, Payout, PayoutAttempt, PayoutStatus, RunStatus
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work
from tests.support import schema
from tests.support.stripe import KEY, Simulator

CREATORS, KILLS, WORKERS = 100, 50, 2
LONGEST_SECONDS = 900
SECRET = "a-secret-only-for-tests-0123456789abcdef"


@pytest.fixture(autouse=True)
def still_clock() -> None:
    """Not here: the workers live in real time, and so does this test."""


@dataclass
class Stage:
    """One installation: its application here, its workers in processes of their own."""

    app: Flask
    settings: Settings
    simulator: Simulator

    def worker(self, *options: str) -> subprocess.Popen[bytes]:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")},
            "PORTAL_DATABASE_URL": self.settings.database_url,
            "PORTAL_DATA": str(self.settings.data),
            "PORTAL_SECRET_KEY": self.settings.secret_key,
            "PORTAL_STRIPE_SECRET_KEY": KEY,
            "PORTAL_STRIPE_API_BASE": self.settings.stripe_api_base,
            "PORTAL_INSTANCE": "test",
        }
        return subprocess.Popen(
            [sys.executable, "-m", "portal.cli", "work", *options],
            env=environment,
            cwd=Path(__file__).parents[2],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    from portal.app import create_app

    for name in ("subscribers", "reactions", "functions", "schedule"):
        monkeypatch.setattr(registry, name, getattr(registry, name))
    with ExitStack() as stack:
        base_url = stack.enter_context(running())
        url = sqlite_in(tmp_path)
        if os.environ.get("PORTAL_TEST_DATABASE") == "postgresql":
            url = stack.enter_context(schema.postgresql(f"portal_crash_{os.getpid()}"))
        settings = Settings(
            database_url=url, data=tmp_path, secret_key=SECRET, stripe_secret_key=KEY,
            stripe_api_base=base_url, instance="test", testing=True,
        )  # fmt: skip
        app = create_app(settings)
        stack.enter_context(app.app_context())
        schema.create()
        yield Stage(app, settings, Simulator(base_url))
        db.session.remove()
        db.engine.dispose()


def hundred_creators(stage: Stage) -> int:
    """A run of 100 approved payouts of different amounts; returns its row id."""
    with unit_of_work():
        brand = identity.create_brand("Glow", "glow", "USD", "UTC", by=None)
        people = [identity.register(f"p{n}@example.com", f"P{n}", None) for n in range(2)]
        finn, faye = (person.id for person in people)
    rail = stage.simulator.rail()
    stage.simulator.holds(10_000_000)
    for number in range(CREATORS):
        account = rail.create_account(email="c@example.com", country="US", creator=f"crt_{number}")
        stage.simulator.onboard(account)
        amount = Money(3_000 + number, "USD")
        with unit_of_work():
            user = identity.register(f"c{number}@example.com", f"C{number}", None)
            creator = creators.complete_profile(user.id, name=f"C{number}")
            destinations.set_destination(creator.id, Rail.STRIPE, account, by=None)
            creators.record_account_state(account, "payable")
            path = (accounts.expense(brand.id), accounts.payable(brand.id, creator.id))
            ledger.post("test", f"owed:{number}", [(*path, amount)])
    with unit_of_work():
        run = commands.draft_run(brand.id, "USD", "Now", clock.now(), by=finn)
        commands.calculate(run.id, by=finn)
        run = commands.submit_run(run.id, "", by=finn)
    with unit_of_work():
        commands.approve_run(run.id, run.control_hash, by=faye)
    return int(run.id)


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


def is_over(run_id: int) -> bool:
    end_read()
    over = (RunStatus.COMPLETED, RunStatus.COMPLETED_WITH_FAILURES)
    return queries.run(run_id).status in over


def kill_until_done(stage: Stage, run_id: int, chance: random.Random) -> int:
    """Keep two workers running, kill one at a random moment; returns how many were killed."""
    workers = [stage.worker() for _ in range(WORKERS)]
    kills, until = 0, time.monotonic() + LONGEST_SECONDS
    try:
        while not is_over(run_id):
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
    run_id = hundred_creators(stage)
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
    assert state["balance"]["usd"] == 10_000_000 - owed
    assert books.balance(accounts.PAID_OUT, "USD").minor == owed
    jobs.finish_runs({"stripe": stage.simulator.rail()}, "test")
    run = queries.run(run_id)
    assert (run.reconciled_count, run.difference_minor) == (CREATORS, 0)
    assert books.violations() + queries.violations() == []
    assert all(status in GONE for status in {payout.status for payout in paid})
