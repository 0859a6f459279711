"""Look at a brand's shops: how each is connected, what came last, whether we are let in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, union_all

from portal.api import queries as api
from portal.api.models import ApiKey
from portal.integrations import wizard_rules
from portal.integrations.models import (
    CodeSync,
    HookSighting,
    InboundEvent,
    ShopAccess,
    SightingKind,
    SyncState,
)
from portal.integrations.shop_api import READ
from portal.integrations.wizard_rules import Progress, Seen
from portal.sales import queries as sales
from portal.sales.models import Connection, Order, Source
from portal.storage.model import db

LATEST = 20


@dataclass(frozen=True, slots=True)
class Shop:
    """One row of the shops page."""

    connection: Connection
    progress: Progress
    access: ShopAccess | None
    codes: dict[SyncState, int]
    keys: list[ApiKey]


def shops(brand_id: int) -> list[Shop]:
    """A brand's shops, the oldest first, in a fixed number of queries."""
    return _shops(brand_id, sales.connections_of(brand_id))


def shop_of_brand(brand_id: int, public_id: str) -> Shop:
    """One of a brand's shops. Raises NotFound, for another brand's too."""
    return _shops(brand_id, [connection_of_brand(brand_id, public_id)])[0]


def _shops(brand_id: int, found: Sequence[Connection]) -> list[Shop]:
    ids = [connection.id for connection in found]
    seen, sightings, with_orders = _seen(ids), _sightings(ids), _with_orders(ids)
    wanted = select(ShopAccess).where(ShopAccess.connection_id.in_(ids))
    accesses = {access.connection_id: access for access in db.session.scalars(wanted)}
    with_keys = [connection.id for connection in found if connection.source is Source.API]
    codes = _codes(brand_id)
    keys = api.keys_of_connections(with_keys) if with_keys else {}
    return [
        Shop(
            one,
            wizard_rules.wizard_progress(
                one,
                seen.get(one.id, []),
                sightings.get(one.id, {}),
                one.id in with_orders,
                has_key=one.id in keys,
            ),
            accesses.get(one.id),
            codes.get(one.id, {}),
            keys.get(one.id, []),
        )
        for one in found
    ]


def connection_of_brand(brand_id: int, public_id: str) -> Connection:
    """Raises NotFound."""
    return sales.one_connection_of_brand(brand_id, public_id)


def access_of(connection_id: int) -> ShopAccess | None:
    """How a shop's own interface is reached; None while nobody has said."""
    found: ShopAccess | None = db.session.scalar(
        select(ShopAccess).where(ShopAccess.connection_id == connection_id)
    )
    return found


def sighting_of(connection_id: int, kind: SightingKind) -> datetime | None:
    """When something of this kind last came to the hook, in wall time."""
    return _sightings([connection_id]).get(connection_id, {}).get(kind)


def outgoing_at(connection: Connection) -> datetime | None:
    """When the shop last signed with the secret that is going out, in wall time."""
    if not connection.previous_secret:
        return None
    return sighting_of(connection.id, SightingKind.OUTGOING)


def is_proved(connection: Connection) -> bool:
    """Whether the shop has signed anything with the secret it signs with last."""
    if connection.previous_secret:
        return sighting_of(connection.id, SightingKind.INCOMING) is not None
    return bool(_seen([connection.id]))


def was_refused(connection_id: int) -> bool:
    """Whether anything was refused at the hook since its signature last proved right."""
    return not wizard_rules.REFUSALS.isdisjoint(_sightings([connection_id]).get(connection_id, {}))


def _seen(connection_ids: Sequence[int]) -> dict[int, list[Seen]]:
    """The newest messages of each connection's hook, without their bodies; the newest first. What
    we read at the shop ourselves proves no signature."""
    if not connection_ids:
        return {}
    newest = [
        select(
            InboundEvent.connection_id,
            InboundEvent.topic,
            InboundEvent.state,
            InboundEvent.kind,
            func.coalesce(InboundEvent.last_error, InboundEvent.note),
            InboundEvent.received_at,
            InboundEvent.public_id,
        )
        .where(
            InboundEvent.connection_id == connection_id,
            InboundEvent.provider_event_id.not_like(f"{READ}%"),
        )
        .order_by(InboundEvent.id.desc())
        .limit(LATEST)
        .subquery()
        for connection_id in connection_ids
    ]
    found: dict[int, list[Seen]] = {}
    for connection_id, *values in db.session.execute(union_all(*map(select, newest))):
        found.setdefault(connection_id, []).append(Seen(*values))
    return found


def _with_orders(connection_ids: Sequence[int]) -> set[int]:
    real = (Order.connection_id == Connection.id) & Order.is_test.is_(False)
    has_one = select(Order.id).where(real).exists()
    wanted = select(Connection.id).where(Connection.id.in_(connection_ids), has_one)
    return set(db.session.scalars(wanted))


def _sightings(connection_ids: Sequence[int]) -> dict[int, dict[SightingKind, datetime]]:
    found: dict[int, dict[SightingKind, datetime]] = {}
    rows = select(HookSighting.connection_id, HookSighting.kind, HookSighting.last_at)
    for connection_id, kind, last_at in db.session.execute(
        rows.where(HookSighting.connection_id.in_(connection_ids))
    ):
        found.setdefault(connection_id, {})[kind] = last_at
    return found


def _codes(brand_id: int) -> dict[int, dict[SyncState, int]]:
    rows = db.session.execute(
        select(CodeSync.connection_id, CodeSync.state, func.count())
        .where(CodeSync.brand_id == brand_id)
        .group_by(CodeSync.connection_id, CodeSync.state)
    )
    found: dict[int, dict[SyncState, int]] = {}
    for connection_id, state, count in rows:
        found.setdefault(connection_id, {})[state] = count
    return found
