"""Random public ids made by the database, row by row, for set statements."""

from typing import Any

from sqlalchemy import String, func, literal

from portal.storage.model import db

FREE_BYTES = 6  # at the head of a random UUID, before its version: eight letters of base64
AMBIGUOUS, INSTEAD = "01ilo+/", "abcdefg"


def new_public_id(prefix: str) -> Any:
    """An expression with the worth of `codes.public_id(prefix)`, another one for each row: 12 of
    the same symbols.

    SQLite asks that very function (`storage.engine`). PostgreSQL writes random bytes of two UUIDs
    in base64 and folds that into our symbols: about 57 bits.
    """
    if db.engine.dialect.name == "sqlite":
        return func.new_public_id(prefix)
    return literal(f"{prefix}_", String) + _symbols(8) + _symbols(4)


def _symbols(count: int) -> Any:
    random = func.substring(func.uuid_send(func.gen_random_uuid()), 1, FREE_BYTES)
    text = func.lower(func.left(func.encode(random, "base64"), count))
    return func.translate(text, AMBIGUOUS, INSTEAD)
