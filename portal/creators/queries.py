"""Looking at creators, their channels and where their money goes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select

from portal.creators import rules
from portal.creators.models import Channel, Creator, PayoutDestination
from portal.kernel.errors import NotFound
from portal.storage.model import db

Found = TypeVar("Found")


def creator(creator_id: int) -> Creator:
    """A creator by row id. Raises NotFound."""
    return _found(db.session.get(Creator, creator_id))


def creators(creator_ids: Sequence[int]) -> dict[int, Creator]:
    """Several creators at once, for lists."""
    if not creator_ids:
        return {}
    rows = db.session.scalars(select(Creator).where(Creator.id.in_(set(creator_ids))))
    return {row.id: row for row in rows}


def of_user(user_id: int) -> Creator | None:
    """The creator this user is, or None."""
    return db.session.scalar(select(Creator).where(Creator.user_id == user_id))  # type: ignore[no-any-return]


def by_handle(handle: str) -> Creator:
    """A creator by handle, whatever its case. Raises NotFound."""
    query = select(Creator).where(Creator.folded_handle == rules.folded_handle(handle))
    return _found(db.session.scalar(query))


def channels_of(creator_id: int) -> Sequence[Channel]:
    """Where she posts, largest first."""
    query = select(Channel).where(Channel.creator_id == creator_id)
    return db.session.scalars(query.order_by(Channel.followers.desc(), Channel.id)).all()  # type: ignore[no-any-return]


def destination_of(creator_id: int) -> PayoutDestination | None:
    """Where her money goes: what she set last, or None."""
    return max(all_destinations_of(creator_id), key=_last_set, default=None)


def all_destinations_of(creator_id: int) -> Sequence[PayoutDestination]:
    """One row per rail she has set up."""
    query = select(PayoutDestination).where(PayoutDestination.creator_id == creator_id)
    return db.session.scalars(query.order_by(PayoutDestination.id)).all()  # type: ignore[no-any-return]


def destinations_of(creator_ids: Sequence[int]) -> dict[int, PayoutDestination]:
    """As `destination_of`, for many creators in one query."""
    if not creator_ids:
        return {}
    query = select(PayoutDestination).where(PayoutDestination.creator_id.in_(set(creator_ids)))
    found: dict[int, PayoutDestination] = {}
    for row in db.session.scalars(
        query.order_by(PayoutDestination.changed_at, PayoutDestination.id)
    ):
        found[row.creator_id] = row
    return found


def names_of(creator_ids: Sequence[int]) -> dict[int, str]:
    """Row id → name, without loading anybody: for runs over thousands."""
    rows = db.session.execute(select(Creator.id, Creator.name).where(Creator.id.in_(creator_ids)))
    return {row.id: row.name for row in rows}


def destination_facts_of(creator_ids: Sequence[int]) -> dict[int, Any]:
    """As `destinations_of`, as rows of what paying needs to know and nothing else."""
    one = PayoutDestination
    rows = db.session.execute(
        select(one.creator_id, one.rail, one.account_ref, one.state, one.changed_at,
               one.label_masked, one.cooling_until, one.country, Creator.country.label("home"))
        .join(Creator, Creator.id == one.creator_id)
        .where(one.creator_id.in_(creator_ids))
        .order_by(one.changed_at, one.id)
    )  # fmt: skip
    return {row.creator_id: row for row in rows}


def _last_set(row: PayoutDestination) -> tuple[datetime, int]:
    return row.changed_at, row.id


def _found(row: Found | None) -> Found:
    if row is None:
        raise NotFound()
    return row
