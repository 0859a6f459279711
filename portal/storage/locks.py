"""Load a row for change: locked, and as it is now."""

from typing import TypeVar

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
