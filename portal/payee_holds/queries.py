"""Who is held, and who was."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select

from portal.kernel.errors import NotFound
from portal.payee_holds.models import PayeeHold
from portal.storage.model import db


def held_by_brand(brand_id: int) -> Select[Any]:
    """Row ids of the creators whom a brand holds now, as a set for other statements."""
    return select(PayeeHold.creator_id).where(
        PayeeHold.brand_id == brand_id, PayeeHold.released_at.is_(None)
    )


def hold(hold_id: int) -> PayeeHold:
    """One hold by its row id. Raises NotFound."""
    found = db.session.get(PayeeHold, hold_id)
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def open_hold(brand_id: int, creator_id: int) -> PayeeHold | None:
    """Why and since when a brand holds a creator; None: it does not."""
    return open_holds_of(creator_id).get(brand_id)


def open_holds_of(creator_id: int) -> dict[int, PayeeHold]:
    """The holds of a creator now, by the row id of the brand."""
    rows = db.session.scalars(
        select(PayeeHold).where(PayeeHold.creator_id == creator_id, PayeeHold.released_at.is_(None))
    )
    return {row.brand_id: row for row in rows}


def history_of(brand_id: int, creator_id: int) -> Sequence[PayeeHold]:
    """Every hold of a creator by a brand, the newest first."""
    return db.session.scalars(  # type: ignore[no-any-return]
        select(PayeeHold)
        .where(PayeeHold.brand_id == brand_id, PayeeHold.creator_id == creator_id)
        .order_by(PayeeHold.id.desc())
    ).all()
