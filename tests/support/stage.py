"""One installation as it is run: its application here, its workers in processes of their own, and
the Stripe simulator between them and the money. Everything lives in real time."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from portal.config import Settings, sqlite_in
from portal.creators import commands as creators
from portal.creators.models import Rail
from portal.demo.stripe_simulator import running
from portal.destinations import commands as destinations
from portal.identity import commands as identity
from portal.identity.models import Brand
from portal.jobs.registry import registry
from portal.kernel import clock
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import commands as ledger
from portal.payouts import commands, queries
from portal.payouts.models import RunStatus
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work
from tests.support import schema
from tests.support.ports import free_port, wait_for_server
from tests.support.stripe import KEY, Simulator

HERE = Path(__file__).parents[2]
SECRET = "a-secret-only-for-tests-0123456789abcdef"
BALANCE_MINOR = 10_000_000
WRONG_CLOCK = HERE / "tests" / "support" / "wrong_clock"
PATIENCE_SECONDS = 60


@dataclass
class Stage:
    """`stage.worker()`, `stage.simulator.state()["transfers"]`."""

    app: Flask
    settings: Settings
    simulator: Simulator

    def worker(self, *options: str, ahead_seconds: int = 0) -> subprocess.Popen[bytes]:
        """A real worker process; its clock may be ahead of ours, or (below 0) behind."""
        return self._starts("work", *options, ahead_seconds=ahead_seconds)

    @contextmanager
    def server(self, *, ahead_seconds: int = 0) -> Iterator[int]:
        """A real web server; gives its port."""
        port = free_port()
        running = self._starts(
            "serve", "--port", str(port), "--workers", "1", ahead_seconds=ahead_seconds
        )
        try:
            wait_for_server(port)
            yield port
        finally:
            running.terminate()
            running.wait(PATIENCE_SECONDS)

    def _starts(self, *command: str, ahead_seconds: int) -> subprocess.Popen[bytes]:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")},
            "PORTAL_DATABASE_URL": self.settings.database_url,
            "PORTAL_DATA": str(self.settings.data),
            "PORTAL_SECRET_KEY": self.settings.secret_key,
            "PORTAL_STRIPE_SECRET_KEY": KEY,
            "PORTAL_STRIPE_API_BASE": self.settings.stripe_api_base,
            "PORTAL_INSTANCE": "test",
        }
        if ahead_seconds:
            wrong = {"PYTHONPATH": str(WRONG_CLOCK), "PORTAL_TEST_AHEAD": str(ahead_seconds)}
            environment |= wrong
        return subprocess.Popen(
            [sys.executable, "-m", "portal.cli", *command],
            env=environment,
            cwd=HERE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def is_over(self, run_id: int) -> bool:
        end_read()
        over = (RunStatus.COMPLETED, RunStatus.COMPLETED_WITH_FAILURES)
        return queries.run(run_id).status in over


@contextmanager
def staged(
    folder: Path, monkeypatch: pytest.MonkeyPatch, database_url: str = ""
) -> Iterator[Stage]:
    """An installation of its own, empty, in the suite's kind of database or in this one."""
    from portal.app import create_app

    for name in ("subscribers", "reactions", "functions", "schedule"):
        monkeypatch.setattr(registry, name, getattr(registry, name))
    with ExitStack() as stack:
        base_url = stack.enter_context(running())
        url = database_url or sqlite_in(folder)
        if not database_url and os.environ.get("PORTAL_TEST_DATABASE") == "postgresql":
            url = stack.enter_context(schema.postgresql(f"portal_stage_{os.getpid()}"))
        settings = Settings(
            database_url=url, data=folder, secret_key=SECRET, stripe_secret_key=KEY,
            stripe_api_base=base_url, instance="test", testing=True,
        )  # fmt: skip
        app = create_app(settings)
        stack.enter_context(app.app_context())
        schema.create()
        yield Stage(app, settings, Simulator(base_url))
        db.session.remove()
        db.engine.dispose()


def an_approved_run(stage: Stage, payees: int) -> int:
    """A run of so many approved payouts of different amounts; returns its row id."""
    with unit_of_work():
        brand = identity.create_brand("Glow", "glow", "USD", "UTC", by=None)
        people = [identity.register(f"p{n}@example.com", f"P{n}", None) for n in range(2)]
        finn, faye = (person.id for person in people)
    stage.simulator.holds(BALANCE_MINOR)
    for number in range(payees):
        owe(stage, brand, number)
    with unit_of_work():
        run = commands.draft_run(brand.id, "USD", "Now", clock.now(), by=finn)
        commands.calculate(run.id, by=finn)
        run = commands.submit_run(run.id, "", by=finn)
    with unit_of_work():
        commands.approve_run(run.id, run.control_hash, by=faye)
    return int(run.id)


def owe(stage: Stage, brand: Brand, number: int) -> None:
    """A creator with an account at the simulator, who is owed 30.00 and her number in cents."""
    account = stage.simulator.account(f"crt_{number}")
    with unit_of_work():
        user = identity.register(f"c{number}@example.com", f"C{number}", None)
        creator = creators.complete_profile(user.id, name=f"C{number}")
        destinations.set_destination(creator.id, Rail.STRIPE, account, by=None)
        creators.record_account_state(account, "payable")
        path = (accounts.expense(brand.id), accounts.payable(brand.id, creator.id))
        ledger.post("test", f"owed:{number}", [(*path, Money(3_000 + number, "USD"))])
