"""The number by which every server process knows that what it remembers of links is old.

Whoever changes a link, a membership, a brand or a program moves it, in the same transaction:
not by remembering to, but because the session is watched.
"""

from typing import Any

from sqlalchemy import Connection, event, func, select, update
from sqlalchemy.orm import ORMExecuteState, Session

from portal.ambassadors.models import Ambassador
from portal.identity.models import Brand
from portal.kernel import clock
from portal.programs.models import Program
from portal.storage.changes import change
from portal.storage.insert_once import insert_once
from portal.tracking.click_models import LinksVersion
from portal.tracking.models import AffiliateLink

WATCHED = (AffiliateLink, Ambassador, Brand, Program)
TABLES = frozenset(model.__tablename__ for model in WATCHED)
_MOVED = "portal.links_moved"
NUMBER = select(func.max(LinksVersion.number))
ONE_MORE = update(LinksVersion).values(number=LinksVersion.number + 1)


def read(connection: Connection) -> int:
    """The number in force; 0 before the first link."""
    return int(connection.execute(NUMBER).scalar_one() or 0)


def _see_objects(session: Session, *_: Any) -> None:
    touched = (*session.new, *session.dirty, *session.deleted)
    if any(isinstance(thing, WATCHED) for thing in touched):
        session.info[_MOVED] = True


def _see_statements(state: ORMExecuteState) -> None:
    if state.is_select or _MOVED in state.session.info:
        return
    table = getattr(state.statement, "table", None)
    if getattr(table, "name", "") in TABLES:
        state.session.info[_MOVED] = True


def _move(session: Session) -> None:
    # At the end of the transaction, so that the one row is locked for a moment only.
    if session.in_nested_transaction() or not session.in_transaction():
        return
    session.flush()
    if not session.info.pop(_MOVED, False) or change(ONE_MORE):
        return
    # Begins at the wall's milliseconds: a database that was emptied never repeats a number.
    started = int(clock.wall().timestamp() * 1000)
    if insert_once(LinksVersion, id=1, number=started) is None:
        change(ONE_MORE)


def _forget(session: Session, *_: Any) -> None:
    session.info.pop(_MOVED, None)


event.listen(Session, "before_flush", _see_objects)
event.listen(Session, "do_orm_execute", _see_statements)
event.listen(Session, "before_commit", _move)
event.listen(Session, "after_rollback", _forget)
