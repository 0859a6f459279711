"""Change many rows with one statement, and know how many."""

from typing import Any, cast

from sqlalchemy import CursorResult, Delete, Update

from portal.storage.model import db


def change(statement: Update | Delete) -> int:
    """Run an UPDATE or DELETE; returns how many rows it touched.

    Objects that are loaded stay as they are.
    """
    result = db.session.execute(statement, execution_options={"synchronize_session": False})
    return int(cast(CursorResult[Any], result).rowcount)
