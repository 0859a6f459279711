"""P15: an upgrade in the middle of a payout run. The newest migrations run over a database in which
a run is executing; afterwards it goes on, and everybody is paid once."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade

from portal.config import Settings, sqlite_in
from portal.jobs.registry import registry
from portal.ledger import queries as books
from portal.payouts import queries
from portal.payouts.models import PayoutStatus, RunStatus
from portal.storage.model import db
from tests.support import schema
from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees
from tests.support.world import World

STEPS = 3


@pytest.fixture
def migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """An application over a database that the migrations made."""
    from portal.app import create_app

    for name in ("subscribers", "reactions", "functions", "schedule"):
        monkeypatch.setattr(registry, name, getattr(registry, name))
    with ExitStack() as stack:
        url = sqlite_in(tmp_path)
        if os.environ.get("PORTAL_TEST_DATABASE") == "postgresql":
            url = stack.enter_context(schema.postgresql(f"portal_upgrade_{os.getpid()}"))
        app = create_app(
            Settings(database_url=url, data=tmp_path, secret_key="x" * 40, testing=True,
                     instance="test")
        )  # fmt: skip
        stack.enter_context(app.app_context())
        upgrade()
        yield app
        db.session.remove()
        db.engine.dispose()


def before_the_newest() -> str:
    """The revision that many steps behind the head."""
    line = [script.revision for script in ScriptDirectory("migrations").walk_revisions()]
    return line[STEPS]


def test_P15_a_run_survives_an_upgrade(migrated: Flask) -> None:
    rail = ScriptedRail(script=["send", "lose"])
    payees = Payees(World(migrated))
    payees.use(rail)
    owed = [payees.owed(name, "80.00 USD") for name in ("Ada", "Eva", "Ida")]
    run = payees.approved()
    payees.world.settle()  # one is sent, of one nobody knows, one went out after it
    states = Counter(payees.of(run, creator).status for creator in owed)
    assert states[PayoutStatus.UNKNOWN] == 1
    assert payees.again(run).status is RunStatus.EXECUTING
    db.session.remove()
    downgrade(revision=before_the_newest())
    upgrade()
    payees.work()
    assert payees.again(run).status is RunStatus.COMPLETED
    assert Counter(found.payout for found in rail.made.values()) == {
        payees.of(run, creator).public_id: 1 for creator in owed
    }
    assert books.violations() + queries.violations() == []
