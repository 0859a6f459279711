"""Change many rows with one statement, and know how many."""

from typing import Any, cast

from sqlalchemy import CursorResult, Delete, Update

from portal.storage.model import Model, db


def change(statement: Update | Delete) -> int:
    """Run an UPDATE or DELETE; returns how many rows it touched.

    Objects that are loaded stay as they are.
    """
    result = db.session.execute(statement, execution_options={"synchronize_session": False})
    return int(cast(CursorResult[Any], result).rowcount)


def refresh(model: type[Model]) -> None:
    """Read loaded rows of this table again when they are next asked for: a set changed them."""
    for one in [row for row in db.session.identity_map.values() if isinstance(row, model)]:
        db.session.expire(one)
