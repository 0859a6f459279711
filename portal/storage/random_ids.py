"""Random public ids made by the database, row by row, for set statements."""

from typing import Any

from sqlalchemy import String, cast, func, literal

from portal.storage.model import db


def new_public_id(prefix: str) -> Any:
    """An expression with the worth of `codes.public_id(prefix)`, another one for each row.

    SQLite asks that very function (`storage.engine`). PostgreSQL takes 60 of the random bits of a
    UUID, written in 15 of our symbols.
    """
    if db.engine.dialect.name == "sqlite":
        return func.new_public_id(prefix)
    digits = func.replace(cast(func.gen_random_uuid(), String), "-", "")
    return literal(f"{prefix}_", String) + func.translate(func.right(digits, 15), "01", "gh")
