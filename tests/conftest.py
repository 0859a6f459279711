"""One database per worker, an empty one for every test, and the cast."""

import gc
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings

from portal.config import Settings, sqlite_in
from portal.kernel import clock
from portal.storage import vault
from portal.storage.model import db
from tests.support import clicks, schema
from tests.support.browser import Browser
from tests.support.world import World

START = "2026-03-02T09:00:00+00:00"
WITH_ONE_DEMO = ("test_story_in_chromium.py", "test_every_page.py")
# No test is timed: a busy machine must make none fail.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Tests spread over the workers one by one; a file that starts one demo for all its tests
    stays together, and comes first. (`--dist loadgroup` would not: xdist 3.8 names the group by
    `item._nodeid`, which pytest 9.2 no longer reads.)"""
    from xdist.scheduler import LoadScopeScheduling

    class Spread(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return file if file.endswith(WITH_ONE_DEMO) else nodeid

    return Spread(config, log) if config.getvalue("dist") == "load" else None


def pytest_collection_finish() -> None:
    """What is imported by now stays to the end: no look of the collector goes through it again,
    and it looks seldom, for a test leaves little behind."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """SQLite by default; a real PostgreSQL from its wheel with PORTAL_TEST_DATABASE=postgresql."""
    if os.environ.get("PORTAL_TEST_DATABASE") == "postgresql":
        with schema.postgresql(f"portal_{uuid.uuid4().hex[:10]}") as url:
            yield url
    else:
        yield sqlite_in(tmp_path_factory.mktemp("database"))


@pytest.fixture(scope="session")
def application(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    from portal.app import create_app

    configured = Settings(
        database_url=database_url,
        data=tmp_path_factory.mktemp("data"),
        secret_key="a-secret-only-for-tests-0123456789abcdef",
        base_url="http://localhost",
        testing=True,
        undo_seconds=300,
        instance="test",
    )
    app = create_app(configured)
    with app.app_context():
        schema.create()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(autouse=True)
def still_clock(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test starts on Monday 2 March 2026, 09:00 UTC, and moves the clock itself."""
    with clock.at(START):
        yield


@pytest.fixture
def app(application: Flask) -> Iterator[Flask]:
    with application.app_context():
        vault.install(application.config["PORTAL"].secret_key)  # another app of a test set its own
        yield application
        schema.empty()
        clicks.forget(application)
        for remembered in application.extensions["portal.brands"]:
            remembered.clear()


@pytest.fixture
def world(app: Flask) -> World:
    """The cast of tests/support/world.py, on an empty database."""
    return World(app)


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser nobody has signed in with."""
    return Browser(app)


@pytest.fixture
def repository() -> Path:
    return Path(__file__).parent.parent
