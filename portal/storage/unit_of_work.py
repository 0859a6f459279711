"""The only commit in the portal (tests/house/test_commits.py)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import has_request_context, request
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.storage.model import db
from portal.storage.write_turns import turns_of

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
TURN_SECONDS = 10.0  # past what SQLite itself would wait its own answer decides
_OPEN = "portal.unit_of_work"
_READ = "portal.rows_read"


@contextmanager
def unit_of_work() -> Iterator[None]:
    """All that is written inside is committed together, or not at all.

    Refuses to nest (RuntimeError). On SQLite the transaction begins IMMEDIATE: a read that later
    writes would otherwise fail on a busy snapshot. An open read transaction is ended by commit,
    since a rollback would expire every loaded object.
    """
    session = db.session
    if session.info.get(_OPEN):
        raise RuntimeError("A unit of work is already open; commands never open one.")
    session.commit()
    is_sqlite = db.engine.dialect.name == "sqlite"
    turns = turns_of(db.engine.url.database) if is_sqlite and db.engine.url.database else None
    has_turn = turns is not None and turns.take(TURN_SECONDS)
    session.info[_OPEN] = True
    try:
        if is_sqlite:
            session.connection(execution_options={"begin": "IMMEDIATE"})
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        if turns is not None and has_turn:
            turns.give()
        session.info[_OPEN] = False


def is_open() -> bool:
    """Whether the caller runs inside a unit of work."""
    return bool(db.session.info.get(_OPEN))


def savepoint() -> Any:
    """A transaction inside the unit of work that may fail alone: `with savepoint(): …`."""
    return db.session.begin_nested()


def end_read() -> None:
    """End the read transaction between two units, so that the next one sees what others wrote."""
    db.session.remove()


def _refuse_stray_writes(session: Session, *_: Any) -> None:
    if not (session.new or session.dirty or session.deleted):
        return
    if has_request_context() and request.method in SAFE_METHODS and not session.info.get(_OPEN):
        raise RuntimeError(f"{request.method} {request.path} tried to write; a GET never writes.")


def _keep_what_a_page_reads(_session: Session, row: Any) -> None:
    # A session forgets rows that nobody holds, so a page would ask for its brand three times.
    if has_request_context() and request.method in SAFE_METHODS:
        request.environ.setdefault(_READ, []).append(row)


event.listen(Session, "before_flush", _refuse_stray_writes)
event.listen(Session, "loaded_as_persistent", _keep_what_a_page_reads)
