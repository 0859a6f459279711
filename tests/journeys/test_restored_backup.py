"""A backup taken at any moment of a payout run, restored under another PORTAL_INSTANCE, pays
nobody twice (RELIABILITY P15): a real database file is put back, against the Stripe simulator."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from portal.config import Settings, sqlite_in
from portal.creators.models import Creator, Rail
from portal.demo.stripe_simulator import running
from portal.destinations import commands as destinations
from portal.jobs.commands import cancel
from portal.jobs.registry import registry
from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.ledger import accounts
from portal.ledger import queries as books
from portal.payouts import commands, jobs, queries
from portal.payouts.models import PayoutRun, PayoutStatus, RunStatus
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work
from tests.support import schema
from tests.support.payees import Payees
from tests.support.stripe import Simulator
from tests.support.world import World

OWED = {"Ada": "80.00 USD", "Eva": "50.00 USD", "Ida": "40.00 USD"}
RESTORED = "restored"


@dataclass
class Installation:
    """One installation in a file of its own, its payees, and the provider it pays through."""

    file: Path
    payees: Payees
    simulator: Simulator

    def back_up(self) -> None:
        end_read()
        with closing(sqlite3.connect(self.file)) as now, closing(self._copy()) as copy:
            now.backup(copy)

    def restore(self) -> None:
        """The backup is the database again, and the installation has another name."""
        db.session.remove()
        db.engine.dispose()
        with closing(self._copy()) as copy, closing(sqlite3.connect(self.file)) as now:
            copy.backup(now)
        self.payees.use(self.simulator.rail(), RESTORED)

    def _copy(self) -> sqlite3.Connection:
        return sqlite3.connect(self.file.with_suffix(".copy"))

    def compare(self, run: PayoutRun) -> None:
        jobs.finish_runs({"stripe": self.simulator.rail()}, RESTORED)
        assert self.payees.again(run).difference_minor == 0
        assert books.violations() + queries.violations() == []


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    from portal.app import create_app

    for name in ("subscribers", "reactions", "functions", "schedule"):
        monkeypatch.setattr(registry, name, getattr(registry, name))
    url = sqlite_in(tmp_path)
    settings = Settings(
        database_url=url, data=tmp_path, secret_key="x" * 40, testing=True, instance="test"
    )
    with ExitStack() as stack:
        simulator = Simulator(stack.enter_context(running()))
        app = create_app(settings)
        stack.enter_context(app.app_context())
        schema.create()
        payees = Payees(World(app))
        payees.use(simulator.rail())
        yield Installation(Path(url.removeprefix("sqlite:///")), payees, simulator)
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def people(here: Installation) -> list[Creator]:
    return [
        here.payees.owed(name, amount, account=here.simulator.account(name))
        for name, amount in OWED.items()
    ]


def each_was_paid_once(here: Installation, run: PayoutRun, people: list[Creator]) -> None:
    made = Counter(t["metadata"]["payout"] for t in here.simulator.state()["transfers"])
    payouts = [here.payees.of(run, person) for person in people]
    assert made == {payout.public_id: 1 for payout in payouts}
    assert {payout.status for payout in payouts} == {PayoutStatus.SENT}
    assert books.balance(accounts.PAID_OUT, "USD").minor == 17_000
    here.compare(run)


def begin(here: Installation, run: PayoutRun) -> None:
    """Sending has begun: the job that starts a run is done and will not ask again."""
    with unit_of_work():
        cancel(f"run:{run.id}:execute")
    jobs.execute_run(run.id, {"stripe": here.simulator.rail()}, "test")


def send(here: Installation, run: PayoutRun, person: Creator) -> None:
    payout_id = here.payees.of(run, person).id
    jobs.send_payout(payout_id, {"stripe": here.simulator.rail()}, "test")


def test_a_run_restored_while_it_was_sent(here: Installation, people: list[Creator]) -> None:
    run = here.payees.approved()
    begin(here, run)
    send(here, run, people[0])
    here.back_up()
    here.payees.work()
    here.restore()
    assert here.payees.of(run, people[1]).status is PayoutStatus.QUEUED
    here.payees.work()
    each_was_paid_once(here, run, people)
    assert all(key.startswith("test:") for key in here.simulator.state()["keys"])


def test_what_had_not_gone_out_is_sent_by_the_restored_installation(
    here: Installation, people: list[Creator]
) -> None:
    run = here.payees.approved()
    begin(here, run)
    here.back_up()
    send(here, run, people[0])
    here.restore()
    here.payees.work()
    each_was_paid_once(here, run, people)
    names = Counter(t["metadata"]["instance"] for t in here.simulator.state()["transfers"])
    assert names == {"test": 1, RESTORED: 2}


def test_a_run_restored_between_its_approval_and_its_start(
    here: Installation, people: list[Creator]
) -> None:
    run = here.payees.approved()
    here.back_up()
    here.payees.work()
    here.restore()
    here.payees.work()
    each_was_paid_once(here, run, people)


def test_a_run_restored_to_awaiting_approval_is_approved_again_and_sent_once(
    here: Installation, people: list[Creator]
) -> None:
    run = here.payees.submitted()
    here.back_up()
    approve(here, run)
    here.payees.work()
    here.restore()
    approve(here, run)
    here.payees.work()
    each_was_paid_once(here, run, people)


def approve(here: Installation, run: PayoutRun) -> None:
    with unit_of_work():
        commands.approve_run(run.id, run.control_hash, by=here.payees.faye.user_id)


def test_a_run_restored_to_in_review_and_changed_since_sends_nothing(
    here: Installation, people: list[Creator]
) -> None:
    ada, *_ = people
    run = here.payees.draft()
    here.back_up()
    run = submit_and_pay(here, run)
    here.restore()
    here.payees.owes(ada, "-5.00 USD")  # a refund that came after the backup
    by = here.payees.finn.user_id
    with unit_of_work():
        commands.calculate(run.id, by=by)
        run = commands.submit_run(run.id, "", by=by)
    end_read()
    approve(here, run)
    with pytest.raises(Conflict, match=r"sent \$80\.00 as tr_.* to Ada.*is \$75\.00 here"):
        jobs.execute_run(run.id, {"stripe": here.simulator.rail()}, RESTORED)
    assert here.payees.again(run).status is RunStatus.APPROVED
    assert len(here.simulator.state()["transfers"]) == 3
    page = f"/finance/glow/runs/{run.public_id}/progress"
    here.payees.faye.opens(page).sees("Nothing is sent until this is right", "to Ada")
    with unit_of_work():
        commands.stop(run.id, by=here.payees.faye.user_id)
    here.payees.work()
    assert here.payees.balances(ada) == {"payable": 0, "committed": 7500, "paid": 0}
    assert {here.payees.of(run, person).status for person in people[1:]} == {PayoutStatus.SENT}


def submit_and_pay(here: Installation, run: PayoutRun) -> PayoutRun:
    with unit_of_work():
        run = commands.submit_run(run.id, "", by=here.payees.finn.user_id)
    end_read()
    approve(here, run)
    here.payees.work()
    return run


def test_an_account_changed_after_the_restore_is_no_reason_to_forget_what_was_sent(
    here: Installation, people: list[Creator]
) -> None:
    run = here.payees.approved()
    begin(here, run)
    here.back_up()
    here.payees.work()
    here.restore()
    other = here.simulator.account("other")
    with unit_of_work():
        destinations.set_destination(people[0].id, Rail.STRIPE, other, by=None)
    here.payees.work()
    each_was_paid_once(here, run, people)


def test_stopping_a_restored_run_gives_back_only_what_was_never_sent(
    here: Installation, people: list[Creator]
) -> None:
    run = here.payees.approved()
    begin(here, run)
    here.back_up()
    send(here, run, people[0])
    here.restore()
    with unit_of_work():
        commands.stop(run.id, by=here.payees.faye.user_id)
    here.payees.work()
    assert [here.payees.of(run, person).status for person in people] == [
        PayoutStatus.SENT, PayoutStatus.ROLLED_OVER, PayoutStatus.ROLLED_OVER,
    ]  # fmt: skip
    assert here.payees.balances(people[0]) == {"payable": 0, "committed": 0, "paid": 8000}
    assert here.payees.balances(people[1]) == {"payable": 5000, "committed": 0, "paid": 0}
    here.compare(run)


def test_a_retry_that_the_backup_does_not_know_is_recorded(here: Installation) -> None:
    closed = here.simulator.account("Ada", is_payable=False)
    ada = here.payees.owed("Ada", "80.00 USD", account=closed)
    run = here.payees.approved()
    here.payees.work()
    jobs.finish_runs({"stripe": here.simulator.rail()}, "test")
    assert here.payees.of(run, ada).status is PayoutStatus.FAILED
    here.back_up()
    here.simulator.onboard(closed)
    with unit_of_work():
        commands.retry_failed(run.id, by=here.payees.finn.user_id)
    here.payees.work()
    here.restore()
    here.compare(run)
    assert here.payees.of(run, ada).status is PayoutStatus.SENT
    assert here.payees.balances(ada) == {"payable": 0, "committed": 0, "paid": 8000}
    assert here.payees.again(run).instance == RESTORED
    clock.pass_days(1)
    assert queries.unreconciled(RESTORED) == []
