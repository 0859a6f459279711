"""Record what shops report. Every command may be repeated, in any order, with the same result."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update

from portal.kernel import clock, codes
from portal.sales import matching, recording
from portal.sales.arrivals import Arrival as Arrival
from portal.sales.arrivals import record_plain
from portal.sales.models import Connection, Order, Source
from portal.sales.rules import DisputeReport, OrderReport, RefundReport
from portal.sales.staging import PlainOrder as PlainOrder
from portal.sales.staging import record_staged as record_staged
from portal.storage.insert_once import insert_once
from portal.storage.locks import lock
from portal.storage.model import db


# ---- connections
def connect(brand_id: int, source: Source, *, name: str = "", secret: str = "") -> Connection:
    """Open a door for a brand's shop. Without a secret one is made (Stripe gives its own)."""
    connection = Connection(
        public_id=codes.public_id("con") + codes.random_symbols(12).lower(),
        brand_id=brand_id,
        source=Source(source),
        name=name or Source(source).value.capitalize(),
        secret=secret or codes.secret(),
        created_at=clock.now(),
    )
    db.session.add(connection)
    db.session.flush()
    return connection


def csv_connection(brand_id: int) -> int:
    """The id of a brand's connection for CSV files, made on first use; it has no hook."""
    return _without_hook(brand_id, Source.CSV, "CSV")


def api_connection(brand_id: int) -> int:
    """The id of a brand's connection for keys of no shop, made on first use; it has no hook."""
    return _without_hook(brand_id, Source.API, "REST API")


def _without_hook(brand_id: int, source: Source, name: str) -> int:
    public_id = f"{source.value}-{brand_id}"
    insert_once(
        Connection, public_id=public_id, brand_id=brand_id, source=source, name=name,
        secret=codes.secret(), is_active=True, created_at=clock.now(),
    )  # fmt: skip
    return int(
        db.session.scalar(select(Connection.id).where(Connection.public_id == public_id)) or 0
    )


def rotate_secret(connection_id: int, secret: str = "") -> Connection:
    """Sign with a new secret; the old one stays good until the next rotation or `end_rotation`."""
    connection = lock(Connection, connection_id)
    connection.previous_secret, connection.secret = connection.secret, secret or codes.secret()
    return connection


def end_rotation(connection_id: int) -> Connection:
    """The shop uses the new secret: forget the old one."""
    connection = lock(Connection, connection_id)
    connection.previous_secret = None
    return connection


def set_active(connection_id: int, is_active: bool) -> Connection:
    """Close a shop's door, or open it again."""
    connection = lock(Connection, connection_id)
    connection.is_active = is_active
    return connection


# ---- reports
def record_order(connection_id: int, report: OrderReport, *, heard_at: datetime) -> int:
    """Record one report of an order; returns the order's row id.

    An older report than the one applied last changes nothing but its sums: money given back and
    ids are always taken in. Raises Conflict when another worker records the same purchase now.
    """
    names = list(dict.fromkeys([report.external_id, *report.references]))
    known, names = matching.known_by(connection_id, names)
    if known is None:
        return recording.first_report(connection_id, report, names, heard_at)
    order = lock(Order, known)
    matching.claim(order.id, connection_id, names)
    recording.further_report(order, report, names, heard_at)
    return order.id


def record_orders(arrivals: Sequence[Arrival]) -> list[int]:
    """`record_order` for many reports, new purchases in sets; their row ids, in the order given.

    Raises as `record_order` does, IntegrityError too: the caller's SAVEPOINT must roll back.
    """
    found = record_plain(arrivals)
    return [
        order_id
        if order_id is not None
        else record_order(one.connection_id, one.report, heard_at=one.heard_at)
        for one, order_id in zip(arrivals, found, strict=True)
    ]


def record_refund(connection_id: int, report: RefundReport, *, heard_at: datetime) -> int | None:
    """Record one report of a refund; returns its order's row id, or None while parked (R77)."""
    order_id, _ = matching.known_by(connection_id, report.order_references)
    if order_id is None:
        recording.store_refund(connection_id, report, heard_at, None)
        return None
    order = lock(Order, order_id)
    before = recording.facts(order)
    recording.store_refund(connection_id, report, heard_at, order.id)
    recording.settle(order, before)
    return order.id


def record_dispute(connection_id: int, report: DisputeReport, *, heard_at: datetime) -> int | None:
    """Record one report of a chargeback; returns its order's row id, or None when it is parked."""
    order_id, _ = matching.known_by(connection_id, report.order_references)
    if order_id is None:
        recording.store_dispute(connection_id, report, heard_at, None)
        return None
    order = lock(Order, order_id)
    before = recording.facts(order)
    changed = recording.store_dispute(connection_id, report, heard_at, order.id)
    recording.settle(order, before, [changed] if changed else [])
    return order.id


def record_deletion(connection_id: int, external_id: str) -> int | None:
    """The shop deleted an order: it earns nothing, now or when its older reports arrive."""
    order_id, _ = matching.known_by(connection_id, [external_id])
    if order_id is None:
        matching.park(connection_id, [external_id])
        return None
    order = lock(Order, order_id)
    before = recording.facts(order)
    order.is_deleted = order.is_cancelled = True
    recording.settle(order, before)
    return order.id


def record_links(connection_id: int, links: Sequence[str]) -> int | None:
    """These ids name one order; what waited for it under one of them is now its own."""
    order_id, names = matching.known_by(connection_id, links)
    if order_id is None:
        matching.link(connection_id, links)
        return None
    order = lock(Order, order_id)
    matching.claim(order_id, connection_id, names)
    _attach_waiting(order, names)
    return order.id


def match_waiting(limit: int = 500) -> int:
    """Attach what was parked in the very moment its order was recorded by another worker.

    Returns how many orders took something in.
    """
    pairs = matching.waiting_for_known_orders(limit)
    for order_id, names in pairs.items():
        _attach_waiting(lock(Order, order_id), names)
    return len(pairs)


def _attach_waiting(order: Order, names: Sequence[str]) -> None:
    before = recording.facts(order)
    waiting = matching.waiting_under(order.connection_id, names)
    recording.settle(order, before, matching.attach(order, waiting))


def note_event(connection_id: int, heard_at: datetime) -> None:
    """When a connection was last heard of."""
    db.session.execute(
        update(Connection).where(Connection.id == connection_id).values(last_event_at=heard_at)
    )
