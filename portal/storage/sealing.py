"""All sealed columns at once: do they open, and seal them again with the newest key."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Column, MetaData, select, type_coerce, update
from sqlalchemy import String as Plain

from portal.storage import vault
from portal.storage.changes import change
from portal.storage.model import Model, db
from portal.storage.types import Sealed

ROWS_AT_ONCE = 500


def violations(metadata: MetaData = Model.metadata) -> list[str]:
    """Sentences; empty when every sealed value opens with the keys of this installation."""
    wrong = []
    for column in _columns(metadata):
        closed = sum(1 for _, stored in _stored(column) if not _opens(stored))
        if closed:
            wrong.append(
                f"{closed} of {column.table.name}.{column.name} open with none of the keys."
            )
    return wrong


def reseal(metadata: MetaData = Model.metadata) -> int:
    """Seal with the first key what an older one sealed; returns how many values. Repeatable.

    What somebody else changes meanwhile stays as she wrote it. Raises WrongKey, and nothing is
    changed, when one opens with none.
    """
    renewed = 0
    for column in _columns(metadata):
        old = [(key, stored) for key, stored in _stored(column) if not vault.is_current(stored)]
        for row_id, stored in old:
            as_read = (column.table.c.id == row_id) & (type_coerce(column, Plain) == stored)
            plain = vault.unseal(stored)
            renewed += change(update(column.table).where(as_read).values({column.name: plain}))
    return renewed


def _columns(metadata: MetaData) -> Sequence[Column[Any]]:
    tables = metadata.sorted_tables
    return [one for table in tables for one in table.columns if isinstance(one.type, Sealed)]


def _stored(column: Column[Any]) -> Iterator[Any]:
    """(row id, value as the database holds it) of every row that has one."""
    table = column.table
    rows = db.session.execute(
        select(table.c.id, type_coerce(column, Plain)).where(column.is_not(None)),
        execution_options={"yield_per": ROWS_AT_ONCE},
    )
    yield from rows


def _opens(stored: str) -> bool:
    try:
        vault.unseal(stored)
    except vault.WrongKey:
        return False
    return True
