"""Load a row for change: locked, and as it is now."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from sqlalchemy import select

from portal.kernel.errors import NotFound
from portal.storage.model import Model, db

Row = TypeVar("Row", bound=Model)


def lock(model: type[Row], row_id: int) -> Row:
    """SELECT … FOR UPDATE, refreshing what the session may hold. Raises NotFound.

    Lock order everywhere: the subject row first, then ledger accounts by name (HOUSE §7).
    """
    found = db.session.execute(
        select(model)
        .where(model.id == row_id)
        .with_for_update(of=model)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def lock_each(model: type[Row], row_ids: Iterable[int]) -> Sequence[Row]:
    """`lock` for several rows, by id; those that are gone are left out."""
    wanted = select(model).where(model.id.in_(set(row_ids))).order_by(model.id)
    wanted = wanted.with_for_update(of=model).execution_options(populate_existing=True)
    return db.session.scalars(wanted).all()  # type: ignore[no-any-return]


def as_python_sorts(text_column: Any) -> Any:
    """To order rows that are locked: by code points, on PostgreSQL too, whose own order leaves
    signs out of account. Locks taken in two orders wait for each other."""
    is_sqlite = db.engine.dialect.name == "sqlite"  # sorts like that by itself
    return text_column if is_sqlite else text_column.collate("C")
