"""INSERT that gives way to a row already there: the unique key decides, not a SELECT before it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from portal.storage.model import Model, db


def insert_once(model: type[Model], **values: Any) -> int | None:
    """The new row's id, or None when a unique key already holds such a row.

    Column defaults in Python do not apply to values left out; give them.
    """
    statement = _insert(model).values(**values).on_conflict_do_nothing().returning(model.id)
    found: int | None = db.session.execute(statement).scalar_one_or_none()
    return found


def insert_missing(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert those of these rows whose unique keys are not taken yet; all name the same columns."""
    if rows:
        db.session.execute(_insert(model).values(list(rows)).on_conflict_do_nothing())


def _insert(model: type[Model]) -> Any:
    dialect: Any = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    return dialect.insert(model)
