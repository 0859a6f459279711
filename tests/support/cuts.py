"""What happens to a process at one exact step of its talk with the database.

A step is a statement, or the commit. `cut(3, killed)` lets the process die at the third: nothing
behind it runs, as after SIGKILL. `cut(3, dropped)` ends the connection there: PostgreSQL's side of
it is terminated by another connection; SQLite answers that it cannot go on.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

from portal.storage.model import db

Blow = Callable[[Connection], None]


class Killed(BaseException):
    """The process ends here: nothing catches it."""


class Steps:
    """How many steps there were, and whether the one in question was among them."""

    def __init__(self) -> None:
        self.count, self.was_cut = 0, False


def killed(_connection: Connection) -> None:
    raise Killed


def dropped(connection: Connection) -> None:
    """The connection is gone: what was written on it and not committed is too."""
    if connection.dialect.name != "postgresql":
        raise OperationalError("", {}, sqlite3.OperationalError("disk I/O error"))
    raw = connection.connection.dbapi_connection
    assert raw is not None
    pid = raw.info.backend_pid  # type: ignore[attr-defined]
    side = sqlalchemy.create_engine(db.engine.url, poolclass=sqlalchemy.NullPool)
    with side.connect() as other:
        other.execute(sqlalchemy.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})


@contextmanager
def cut(step: int, blow: Blow) -> Iterator[Steps]:
    """Inside, this step (counted from 1) meets the blow, once."""
    steps, engine = Steps(), db.engine

    def meet(connection: Connection) -> None:
        steps.count += 1
        if steps.count == step:
            steps.was_cut = True
            blow(connection)

    def statement(connection: Connection, *_: Any) -> None:
        meet(connection)

    with _listening(engine, "before_cursor_execute", statement), _listening(engine, "commit", meet):
        try:
            yield steps
        finally:
            db.session.remove()
            if steps.was_cut:
                engine.dispose()  # a dead process holds no connection


@contextmanager
def _listening(engine: Engine, what: str, listener: Callable[..., None]) -> Iterator[None]:
    event.listen(engine, what, listener)
    try:
        yield
    finally:
        event.remove(engine, what, listener)
