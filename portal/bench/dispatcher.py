"""Sending a run: the real worker against the Stripe simulator over HTTP, which keeps a rate.

The worker and the simulator are processes of their own. What counts is when each payout was
settled in the database, and which transfers the simulator made.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import func, select

from portal.bench import earned
from portal.bench.earned import Size
from portal.bench.ground import Ground, databases, ground
from portal.bench.load import cpu_of
from portal.bench.servers import PATIENCE_SECONDS
from portal.config import TEST_KEY
from portal.demo.stripe_simulator import accounts, objects
from portal.demo.stripe_simulator.state import Store
from portal.identity import commands as identity
from portal.kernel import clock
from portal.payouts import commands as payouts
from portal.payouts import queries
from portal.payouts.models import GONE, Payout, PayoutAttempt, PayoutRun
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work

RATES, LINES = (25, 100), 10
SECONDS, FULL_SECONDS = 10, 15  # how long sending takes at the permitted rate
KILLS, KILL_AFTER, KILLED_RATE, KILLED_PAYOUTS = 3, 3.0, 25, 300
BALANCE = 10**12


@dataclass(slots=True)
class Rail:
    """A simulator that permits so many calls a second, and how to ask it."""

    base_url: str
    rate: int

    def control(self, what: str, asked: Any = None) -> Any:
        """POST to its control surface; GET without anything to say."""
        body = None if asked is None else json.dumps(asked).encode()
        url = f"{self.base_url}/_simulator/{what}"
        with urllib.request.urlopen(url, body, timeout=30) as answer:  # noqa: S310
            return json.load(answer)


def measure(*, full: bool = False) -> Iterator[dict[str, Any]]:
    """Each rate on each database; then workers killed in the middle. `full` sends for longer."""
    seconds = FULL_SECONDS if full else SECONDS
    for label, url in databases().items():
        for rate in RATES:
            found = _one(url, rate, rate * seconds, kills=0)
            yield {f"{label}, permitted {rate} a second: {key}": one for key, one in found.items()}
        found = _one(url, KILLED_RATE, KILLED_PAYOUTS, kills=KILLS)
        yield {f"{label}, worker killed {KILLS} times: {key}": one for key, one in found.items()}


def _one(url: str, rate: int, count: int, kills: int) -> dict[str, Any]:
    with ground(url, 1) as laid:
        earned.write(laid, Size(count, LINES, currencies=1))
        with simulator(laid, count, rate) as rail:
            run = approved(laid)
            cpu = _send(laid, rail, run.id, kills)
            found = figures(rail, run.id, rate, kills)
            if not kills:  # of several workers only the last one could be asked
                found["CPU of the worker, ms a payout"] = f"{cpu * 1000 / count:.1f}"
            return found


def approved(laid: Ground) -> PayoutRun:
    """The run of everything `earned` owes, calculated, submitted and approved."""
    with unit_of_work():
        second = identity.register(email="second@bench.example", name="Second", password=None)
        run = payouts.draft_run(laid.brand.id, "USD", "Bench", clock.now(), by=laid.owner)
        payouts.calculate(run.id, by=laid.owner)
        payouts.submit_run(run.id, "", by=laid.owner)
    with unit_of_work():
        return payouts.approve_run(run.id, queries.run(run.id).control_hash, by=second.id)


def _send(laid: Ground, rail: Rail, run_id: int, kills: int) -> float:
    """Return when every payout of the run has its end; CPU seconds of the last worker."""
    worker = _worker(laid, rail)
    try:
        for _ in range(kills):
            wait_until(partial(_has_sent_more, run_id, _sent(run_id)), "Nothing was sent.")
            time.sleep(KILL_AFTER)
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            worker = _worker(laid, rail)
        wait_until(partial(has_ended, run_id), "The run did not end.")
        return cpu_of(worker.pid)
    finally:
        worker.terminate()
        worker.wait(timeout=60)


def wait_until(is_so: Callable[[], bool], complaint: str) -> None:
    """Look again and again; RuntimeError with the complaint after some minutes."""
    until = time.monotonic() + PATIENCE_SECONDS * 3
    while not is_so():
        if time.monotonic() > until:
            raise RuntimeError(complaint)
        time.sleep(0.2)


def _has_sent_more(run_id: int, before: int) -> bool:
    return _sent(run_id) > before


def has_ended(run_id: int) -> bool:
    """Whether no payout of the run waits any more."""
    end_read()
    return not queries.has_waiting(run_id)


def _sent(run_id: int) -> int:
    end_read()
    wanted = select(func.count()).where(Payout.run_id == run_id, Payout.status.in_(GONE))
    return int(db.session.scalar(wanted) or 0)


def figures(rail: Rail, run_id: int, rate: int, kills: int) -> dict[str, Any]:
    """What was sent, how fast, and what the simulator made of it."""
    end_read()
    attempt = PayoutAttempt
    wanted = select(Payout.public_id, attempt.started_at, attempt.finished_at, attempt.tries)
    wanted = wanted.join(attempt, attempt.payout_id == Payout.id)
    rows = db.session.execute(wanted.where(Payout.run_id == run_id, Payout.status.in_(GONE))).all()
    made = Counter(one["metadata"]["payout"] for one in rail.control("state")["transfers"])
    sent = {row.public_id for row in rows}
    # From the first intent to the last settlement: what comes between counts, all of it.
    spent = (
        max(row.finished_at for row in rows) - min(row.started_at for row in rows)
    ).total_seconds()
    found = {
        "payouts, transfers, duplicates": f"{len(rows):,}, {made.total():,}, "
        f"{made.total() - len(made)}",
        "sent without a transfer, and the other way": f"{len(sent - {*made})}, "
        f"{len({*made} - sent)}",
        "calls refused with 429": rail.control("limit", {"calls_a_second": 0})["refused"],
    }
    if kills:
        return {"seconds": f"{spent:.0f}", **found}
    per_second = len(rows) / spent
    return {"sent a second (of permitted)": f"{per_second:.1f} ({per_second / rate:.0%})", **found}


@contextlib.contextmanager
def simulator(laid: Ground, count: int, rate: int) -> Iterator[Rail]:
    """The Stripe simulator with so many accounts, a process of its own."""
    file = laid.settings.data / "stripe.jsonl"
    _fill(file, count)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "portal.demo.stripe_simulator", "--port", str(port),
               "--state", str(file)]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603
    assert process.stdout is not None
    try:
        process.stdout.readline()  # it listens
        rail = Rail(f"http://127.0.0.1:{port}", rate)
        rail.control("limit", {"calls_a_second": rate})
        yield rail
    finally:
        process.terminate()  # SIGINT is ignored by what a shell started in the background
        process.wait(timeout=30)


def _fill(file: Any, count: int) -> None:
    """Accounts that can be paid, one for each creator of `earned`, and money enough."""
    with contextlib.closing(Store(file)) as store, store.change():
        one = objects.account({"country": "US", "controller": {}, "metadata": {}})
        store.put("accounts", one["id"], one)
        able = accounts.onboard(store, one["id"])
        for number in range(count):
            store.put("accounts", f"acct_b{number}", {**able, "id": f"acct_b{number}"})
        store.put("balance", "usd", BALANCE)


@contextlib.contextmanager
def working(laid: Ground, rail: Rail) -> Iterator[None]:
    """A real `portal work` on the ground's database, beside what is done inside."""
    worker = _worker(laid, rail)
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(timeout=60)


def _worker(laid: Ground, rail: Rail) -> subprocess.Popen[bytes]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")},
        "PORTAL_DATABASE_URL": laid.settings.database_url,
        "PORTAL_DATA": str(laid.settings.data),
        "PORTAL_SECRET_KEY": laid.settings.secret_key,
        "PORTAL_INSTANCE": laid.settings.instance,
        "PORTAL_STRIPE_SECRET_KEY": TEST_KEY,
        "PORTAL_STRIPE_API_BASE": rail.base_url,
        "PORTAL_STRIPE_CALLS_A_SECOND": str(rail.rate),
    }
    command = [sys.executable, "-m", "portal.cli", "work"]
    return subprocess.Popen(  # noqa: S603
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
