"""INSERT that gives way to a row already there: the unique key decides, not a SELECT before it.

Core statements, built once per table: this is the path every order takes (PERFORMANCE §B).
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import insert
from sqlalchemy.dialects import postgresql, sqlite

from portal.storage.model import Model, db


def insert_once(model: type[Model], **values: Any) -> int | None:
    """The new row's id, or None when a unique key already holds such a row.

    Column defaults in Python do not apply to values left out; give them.
    """
    found: int | None = db.session.execute(
        _statement(model, db.engine.dialect.name), values
    ).scalar_one_or_none()
    return found


def insert_missing(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert those of these rows whose unique keys are not taken yet; returns how many.

    All rows name the same columns.
    """
    if not rows:
        return 0
    statement = _statement(model, db.engine.dialect.name)
    return len(db.session.execute(statement, list(rows)).all())


def insert_new(
    model: type[Model], rows: Sequence[Mapping[str, Any]], key: str = "public_id"
) -> dict[Any, int]:
    """`insert_missing`, telling which: the ids of the rows inserted, by their value of `key`."""
    if not rows:
        return {}
    statement = _missing(model, key, db.engine.dialect.name)
    return {value: row_id for row_id, value in db.session.execute(statement, list(rows))}


@cache
def _missing(model: type[Model], key: str, dialect_name: str) -> Any:
    dialect: Any = sqlite if dialect_name == "sqlite" else postgresql
    table: Any = model.__table__
    return dialect.insert(table).on_conflict_do_nothing().returning(table.c.id, table.c[key])


def insert_rows(
    model: type[Model], rows: Sequence[Mapping[str, Any]], key: str = "public_id"
) -> list[int]:
    """Insert new rows with one statement; their ids, in the order given.

    `key` is a column whose values differ among these rows: databases may return ids in any order,
    and asking SQLite for the order given costs a statement a row. All rows name the same columns;
    defaults in Python do not apply to columns left out. Raises IntegrityError when a unique key
    is taken.
    """
    if not rows:
        return []
    ids = {value: row_id for row_id, value in db.session.execute(_adding(model, key), list(rows))}
    return [ids[row[key]] for row in rows]


@cache
def _adding(model: type[Model], key: str) -> Any:
    table: Any = model.__table__
    return insert(table).returning(table.c.id, table.c[key])


@cache
def _statement(model: type[Model], dialect_name: str) -> Any:
    dialect: Any = sqlite if dialect_name == "sqlite" else postgresql
    table: Any = model.__table__
    return dialect.insert(table).on_conflict_do_nothing().returning(table.c.id)
