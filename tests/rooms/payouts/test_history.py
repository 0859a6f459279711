"""What was earned and paid before costs a run nothing (PERFORMANCE C): counted in steps of SQLite's
machine, which are the same on every computer, not in seconds."""

import pytest

from portal.bench import earned
from portal.bench.earned import Size
from portal.bench.ground import Ground, ground
from portal.jobs.registry import registry
from portal.kernel import clock
from portal.payouts import commands, queries
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work

CREATORS, LINES, ONCE, TENFOLD = 60, 10, 1, 10
STEPS_AT_ONCE, MOST = 100, 1.25


@pytest.fixture(autouse=True)
def still_clock() -> None:
    """Not here: the ground is laid in real time."""


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ground brings up a portal of its own."""
    for name in ("subscribers", "reactions", "functions", "schedule"):
        monkeypatch.setattr(registry, name, getattr(registry, name))


def steps_of_calculating(months: int) -> int:
    """Of a run over the same unpaid lines, after so many paid months."""
    with ground("", 1) as laid:
        earned.write(laid, Size(CREATORS, LINES, months, currencies=1))
        with unit_of_work():
            run = drafted(laid)
        return counted(run)


def drafted(laid: Ground) -> int:
    made = commands.draft_run(laid.brand.id, "USD", "Run", clock.now(), by=laid.owner)
    db.session.flush()
    return made.id


def counted(run_id: int) -> int:
    steps = 0

    def one_more() -> None:
        nonlocal steps
        steps += 1

    with unit_of_work():
        connection = db.session.connection().connection.driver_connection
        connection.set_progress_handler(one_more, STEPS_AT_ONCE)
        commands.calculate(run_id, by=None)
        connection.set_progress_handler(None, 0)
        assert queries.run(run_id).payout_count == CREATORS
    return steps


def test_ten_times_the_history_costs_a_run_no_more() -> None:
    assert steps_of_calculating(TENFOLD) <= MOST * steps_of_calculating(ONCE)
