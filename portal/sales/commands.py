"""Record what shops report. Every command may be repeated, in any order, with the same result."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from portal.jobs import commands as jobs
from portal.kernel import clock, codes
from portal.kernel.errors import Conflict, InvalidInput
from portal.sales import customers, matching, reporting
from portal.sales.events import OrderCancelled, OrderDisputed, OrderRecorded, OrderRefunded
from portal.sales.models import (
    Connection,
    Dispute,
    Order,
    OrderLine,
    Refund,
    Source,
)
from portal.sales.rules import DisputeReport, OrderPayment, OrderReport, RefundReport
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
    public_id = f"csv-{brand_id}"
    insert_once(
        Connection, public_id=public_id, brand_id=brand_id, source=Source.CSV, name="CSV",
        secret=codes.secret(), is_active=True, created_at=clock.now(),
    )  # fmt: skip
    found: int = db.session.scalar(select(Connection.id).where(Connection.public_id == public_id))
    return found


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
    references = list(dict.fromkeys([report.external_id, *report.references]))
    brand_id = _brand_of(connection_id)
    order, names, is_new = _order_for(connection_id, brand_id, report, references, heard_at)
    before = _facts(order)
    _take_in(order, report, heard_at)
    key = reporting.order_key(report)
    if key > order.told:
        _apply(order, report, key)
    disputes = matching.attach_waiting(order, names)
    for refund in report.refunds:
        _store_refund(connection_id, refund, heard_at, order.id)
    _settle(order, before, disputes, is_new=is_new)
    return order.id


def record_refund(connection_id: int, report: RefundReport, *, heard_at: datetime) -> int | None:
    """Record one report of a refund; returns its order's row id, or None while parked (R77)."""
    order_id = matching.order_known_by(connection_id, report.order_references)
    if order_id is None:
        _store_refund(connection_id, report, heard_at, None)
        return None
    order = lock(Order, order_id)
    before = _facts(order)
    _store_refund(connection_id, report, heard_at, order.id)
    _settle(order, before)
    return order.id


def record_dispute(connection_id: int, report: DisputeReport, *, heard_at: datetime) -> int | None:
    """Record one report of a chargeback; returns its order's row id, or None when it is parked."""
    order_id = matching.order_known_by(connection_id, report.order_references)
    order = lock(Order, order_id) if order_id is not None else None
    before = _facts(order) if order else None
    changed = _store_dispute(connection_id, report, heard_at, order_id)
    if order is None or before is None:
        return None
    _settle(order, before, [changed] if changed else [])
    return order.id


def record_deletion(connection_id: int, external_id: str) -> int | None:
    """The shop deleted an order: it earns nothing, now or when its older reports arrive."""
    order_id = matching.order_known_by(connection_id, [external_id])
    if order_id is None:
        matching.park(connection_id, [external_id])
        return None
    order = lock(Order, order_id)
    before = _facts(order)
    order.is_deleted = order.is_cancelled = True
    _settle(order, before)
    return order.id


def record_links(connection_id: int, links: Sequence[str]) -> int | None:
    """These ids name one order; what waited for it under one of them is now its own."""
    order_id = matching.order_known_by(connection_id, links)
    if order_id is None:
        matching.link(connection_id, links)
        return None
    order = lock(Order, order_id)
    before = _facts(order)
    _settle(order, before, matching.attach_waiting(order, matching.claim(order, links)))
    return order.id


def match_waiting(limit: int = 500) -> int:
    """Attach what was parked in the very moment its order was recorded by another worker.

    Returns how many orders took something in.
    """
    pairs = matching.waiting_for_known_orders(limit)
    for order_id, references in pairs.items():
        order = lock(Order, order_id)
        before = _facts(order)
        _settle(order, before, matching.attach_waiting(order, references))
    return len(pairs)


def note_event(connection_id: int, heard_at: datetime) -> None:
    """When a connection was last heard of."""
    db.session.execute(
        update(Connection).where(Connection.id == connection_id).values(last_event_at=heard_at)
    )


# ---- inside
def _brand_of(connection_id: int) -> int:
    brand_id: int | None = db.session.scalar(
        select(Connection.brand_id).where(Connection.id == connection_id)
    )
    if brand_id is None:
        raise InvalidInput("connection", "There is no such shop connection.")
    return brand_id


def _order_for(
    connection_id: int,
    brand_id: int,
    report: OrderReport,
    references: list[str],
    heard_at: datetime,
) -> tuple[Order, list[str], bool]:
    """The order these ids name, locked; made when they name none yet. With all its new ids."""
    known = matching.order_known_by(connection_id, references)
    if known is not None:
        order = lock(Order, known)
        return order, matching.claim(order, references), False
    order_id = insert_once(Order, **_first_values(connection_id, brand_id, report, heard_at))
    if order_id is None:
        raise Conflict("Another worker is recording this order; it is tried again.")
    order = lock(Order, order_id)
    names = matching.claim(order, references)
    if matching.order_known_by(connection_id, names, beside=order_id) is not None:
        raise Conflict("Another worker is recording the same purchase; it is tried again.")
    return order, names, True


def _first_values(
    connection_id: int, brand_id: int, report: OrderReport, heard_at: datetime
) -> dict[str, object]:
    return {
        "public_id": codes.public_id("ord"), "brand_id": brand_id, "connection_id": connection_id,
        "external_id": report.external_id, "number": report.number, "currency": report.currency,
        "placed_at": report.placed_at or heard_at, "recorded_at": heard_at, "told": "",
        "payment": OrderPayment.OPEN, "is_paid": False, "is_test": False, "is_cancelled": False,
        "is_deleted": False, "base_minor": 0, "taken_back_minor": 0, "total_minor": 0,
        "tax_minor": 0, "shipping_minor": 0, "discount_minor": 0, "codes": [],
    }  # fmt: skip


def _take_in(order: Order, report: OrderReport, heard_at: datetime) -> None:
    """What every report may add, new or old: the earliest moments, the ids that came along."""
    email, customer_id = report.customer_email, report.customer_id
    key = customers.key_of(
        order.brand_id,
        email=email,
        customer_id=f"{order.connection_id}:{customer_id}" if customer_id else "",
    )
    order.customer_key = min(filter(None, (order.customer_key, key)), default=None)
    order.click_id = min(filter(None, (order.click_id, report.click_id)), default=None)
    order.external_id = min(order.external_id, report.external_id)
    order.placed_at = min(order.placed_at, report.placed_at or heard_at)
    order.recorded_at = min(order.recorded_at, heard_at)
    if report.is_paid:
        paid_at = report.updated_at or report.placed_at or heard_at
        order.paid_at = min(filter(None, (order.paid_at, paid_at)))


def _apply(order: Order, report: OrderReport, key: str) -> None:
    """What the newest report says, whole."""
    if order.told and report.currency != order.currency:
        raise InvalidInput("currency", "The order was first told in another currency.")
    if order.told:
        db.session.execute(delete(OrderLine).where(OrderLine.order_id == order.id))
    order.told, order.shop_updated_at = key, report.updated_at
    order.number, order.currency = report.number, report.currency
    order.codes = list(report.codes)
    order.is_paid, order.is_test = report.is_paid, report.is_test
    order.is_cancelled = report.is_cancelled or order.is_deleted
    order.base_minor = report.base.minor
    order.taken_back_minor = min(order.taken_back_minor, order.base_minor)
    order.total_minor, order.tax_minor = report.total.minor, report.tax.minor
    order.shipping_minor, order.discount_minor = report.shipping.minor, report.discount.minor
    rows = [
        {
            "order_id": order.id, "position": position, "external_id": line.external_id,
            "title": line.title, "quantity": line.quantity[:40], "product_id": line.product_id,
            "sku": line.sku, "is_gift_card": line.is_gift_card, "currency": order.currency,
            "gross_minor": line.gross.minor, "net_minor": line.net.minor,
        }
        for position, line in enumerate(report.lines)
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(OrderLine), rows)


def _store_refund(
    connection_id: int, report: RefundReport, heard_at: datetime, order_id: int | None
) -> None:
    key = reporting.refund_key(report)
    told = {
        "family": report.family, "precision": int(report.precision), "told": key,
        "currency": report.amount.currency, "amount_minor": report.amount.minor,
        "charged_minor": report.cumulative_of.minor if report.cumulative_of else None,
        "stated": report.stated[:40], "is_withdrawn": report.is_withdrawn,
        "lines": [[line, worth.minor] for line, worth in report.lines],
        "review": report.review, "occurred_at": report.occurred_at,
    }  # fmt: skip
    refund_id = insert_once(
        Refund, connection_id=connection_id, external_id=report.external_id, order_id=order_id,
        recorded_at=heard_at, **told,
    )  # fmt: skip
    mine = (Refund.connection_id == connection_id) & (Refund.external_id == report.external_id)
    if refund_id is None:
        db.session.execute(update(Refund).where(mine, Refund.told < key).values(**told))
        if order_id is not None:
            unattached = Refund.order_id.is_(None)
            db.session.execute(update(Refund).where(mine, unattached).values(order_id=order_id))
    elif order_id is None:
        matching.park(connection_id, report.order_references, refund_id=refund_id)


def _store_dispute(
    connection_id: int, report: DisputeReport, heard_at: datetime, order_id: int | None
) -> str:
    """The dispute's state when this report changed anything, else ""."""
    key = reporting.dispute_key(report)
    told = {
        "state": report.state, "told": key, "currency": report.amount.currency,
        "amount_minor": report.amount.minor, "occurred_at": report.occurred_at,
    }  # fmt: skip
    dispute_id = insert_once(
        Dispute, connection_id=connection_id, external_id=report.external_id, order_id=order_id,
        recorded_at=heard_at, **told,
    )  # fmt: skip
    if dispute_id is not None:
        if order_id is None:
            matching.park(connection_id, report.order_references, dispute_id=dispute_id)
        return report.state.value
    mine = (Dispute.connection_id == connection_id) & (Dispute.external_id == report.external_id)
    result = db.session.execute(update(Dispute).where(mine, Dispute.told < key).values(**told))
    return report.state.value if result.rowcount else ""


def _facts(order: Order) -> tuple[object, ...]:
    """What attribution and commissions read of an order."""
    return (
        order.base_minor, tuple(order.codes), order.click_id, order.customer_key, order.is_paid,
        order.placed_at, order.is_test, order.is_cancelled, order.taken_back_minor,
    )  # fmt: skip


def _settle(
    order: Order,
    before: tuple[object, ...],
    disputes: Sequence[str] = (),
    *,
    is_new: bool = False,
) -> None:
    """Count again what was given back, name the payment state, and tell the rooms above."""
    matching.recount(order)
    db.session.flush()
    after = _facts(order)
    was_cancelled, had_taken = before[-2], before[-1]
    if is_new or after[:-2] != before[:-2] or (was_cancelled and not order.is_cancelled):
        jobs.announce(OrderRecorded(order.id))
    if order.is_cancelled and not was_cancelled:
        jobs.announce(OrderCancelled(order.id))
    if order.taken_back_minor != had_taken:
        jobs.announce(OrderRefunded(order.id))
    for state in disputes:
        jobs.announce(OrderDisputed(order.id, state))
