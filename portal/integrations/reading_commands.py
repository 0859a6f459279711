"""Reading a shop again: what its webhooks missed goes through the same inbox as they do."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from portal.audit.commands import note
from portal.integrations import commands as inbox
from portal.integrations import preview
from portal.integrations.doors import Door, Label
from portal.integrations.models import (
    AccessState,
    Reconciliation,
    ReconciliationState,
    ShopAccess,
)
from portal.integrations.shop_api import Told
from portal.jobs import commands as jobs
from portal.kernel import clock
from portal.kernel.errors import PortalError
from portal.sales.models import Connection, Order, OrderReference, Refund, Source
from portal.sales.rules import OrderReport, Reading, RefundReport
from portal.storage.locks import lock
from portal.storage.model import db

FIRST_WINDOW, LONGEST_WINDOW = timedelta(days=3), timedelta(days=29)
OVERLAP, IN_FLIGHT = timedelta(hours=1), timedelta(minutes=2)
EVERY = timedelta(hours=6)
KEPT = 200
WHAT = ("Order", "Amount", "Refund", "Payment", "Cancellation")  # as `_picture` holds them
NEW = "No webhook had told of it."
CHANGED = "The webhook with this change had not come."


def ask(connection_id: int, days: int, *, by: int | None) -> None:
    """A person wants the last days of this shop read again, now."""
    connection = lock(Connection, connection_id)
    note(by, "shop.read-again", connection.id, brand_id=connection.brand_id, days=days)
    jobs.enqueue(
        "integrations.reconcile", {"connection_id": connection_id, "days": days},
        dedupe=f"reconcile:{connection_id}",
    )  # fmt: skip


def ask_due() -> int:
    """Every shop whose key works, not read for six hours, is read again; returns how many."""
    due = (
        select(ShopAccess.connection_id)
        .join(Connection, Connection.id == ShopAccess.connection_id)
        .where(
            Connection.is_active.is_(True),
            ShopAccess.state != AccessState.REFUSED,
            (ShopAccess.reconciled_until < clock.now() - EVERY)
            | ShopAccess.reconciled_until.is_(None),
        )
    )
    found = db.session.scalars(due).all()
    for connection_id in found:
        jobs.enqueue(
            "integrations.reconcile", {"connection_id": connection_id},
            dedupe=f"reconcile:{connection_id}",
        )  # fmt: skip
    return len(found)


def start(connection_id: int, days: int | None = None) -> Reconciliation:
    """Open a reading: from an hour before the last one ended (three days at first, 29 at most)
    to two minutes ago, since webhooks may still be on their way."""
    connection = lock(Connection, connection_id)
    _close_interrupted(connection_id)
    last = db.session.scalar(
        select(ShopAccess.reconciled_until).where(ShopAccess.connection_id == connection_id)
    )
    until = clock.now() - IN_FLIGHT
    since = last - OVERLAP if last else until - FIRST_WINDOW
    if days:
        since = until - timedelta(days=days)
    reading = Reconciliation(
        brand_id=connection.brand_id, connection_id=connection_id,
        since=min(max(since, until - LONGEST_WINDOW), until - OVERLAP), until=until,
        started_at=clock.now(), missing=[],
    )  # fmt: skip
    db.session.add(reading)
    db.session.flush()
    return reading


def take_in(reading_id: int, some: Sequence[Told]) -> None:
    """Compare what the shop told with what is recorded; what differs goes through the inbox."""
    reading = lock(Reconciliation, reading_id)
    connection = db.session.get_one(Connection, reading.connection_id)
    found = [missed for told in some if (missed := _take_in(connection, told))]
    reading.seen += len(some)
    reading.missed += len(found)
    reading.missing = [*reading.missing, *found][:KEPT]


def finish(reading_id: int, problem: str = "") -> None:
    """Close a reading; with a problem the same window is read again next time."""
    reading = lock(Reconciliation, reading_id)
    reading.finished_at, reading.problem = clock.now(), problem[:1000]
    reading.state = ReconciliationState.FAILED if problem else ReconciliationState.DONE
    access = db.session.scalar(
        select(ShopAccess).where(ShopAccess.connection_id == reading.connection_id)
    )
    if not problem and access is not None and _leaves_no_gap(access, reading):
        access.reconciled_until = reading.until


def _leaves_no_gap(access: ShopAccess, reading: Reconciliation) -> bool:
    """Whether all before it was read, too: a person may ask for fewer days than are due."""
    read_until = access.reconciled_until or reading.until - FIRST_WINDOW
    return reading.since <= max(read_until, reading.until - LONGEST_WINDOW)


def _close_interrupted(connection_id: int) -> None:
    """A reading whose worker ended, or that was taken up anew, says so."""
    this = Reconciliation.connection_id == connection_id
    db.session.execute(
        update(Reconciliation)
        .where(this, Reconciliation.state == ReconciliationState.RUNNING)
        .values(
            state=ReconciliationState.FAILED, finished_at=clock.now(), problem="It was interrupted."
        )
    )


def _take_in(connection: Connection, told: Told) -> dict[str, str] | None:
    try:
        meaning = preview.read(connection.source.value, told.topic, told.body)
    except PortalError:
        return None  # what nobody can read was not missed
    if connection.source is not Source.STRIPE and _is_known(connection.id, meaning):
        return None
    before = _picture(connection.id, meaning)
    door = Door(connection.source, connection.public_id, (), connection.id, connection.brand_id)
    digest = hashlib.sha256(told.topic.encode() + b"\0" + told.body).hexdigest()
    event_id = inbox.accept_inbound(door, Label(told.event_id, told.topic, {}, digest), told.body)
    if event_id is None:
        return None
    inbox.process_inbound(event_id)
    db.session.flush()
    after = _picture(connection.id, meaning)
    return None if before == after else _words(meaning, before, after)


def _is_known(connection_id: int, meaning: Reading) -> bool:
    """Whether the orders and refunds of a message are recorded, and none of them older."""
    reports = [*meaning.refunds, *(meaning.order.refunds if meaning.order else ())]
    if meaning.order is None and not reports:
        return True
    if meaning.order is not None and not _is_recorded(connection_id, meaning.order):
        return False
    return all(_has_refund(connection_id, report) for report in reports)


def _is_recorded(connection_id: int, report: OrderReport) -> bool:
    told: datetime | None = db.session.scalar(
        select(Order.shop_updated_at).where(
            Order.connection_id == connection_id, Order.external_id == report.external_id
        )
    )
    return told is not None and (report.updated_at is None or told >= report.updated_at)


def _has_refund(connection_id: int, report: RefundReport) -> bool:
    known = db.session.scalar(
        select(Refund.precision).where(
            Refund.connection_id == connection_id, Refund.external_id == report.external_id
        )
    )
    return known is not None and known >= int(report.precision)


def _picture(connection_id: int, meaning: Reading) -> tuple[Any, ...] | None:
    """What is recorded of the order a message is about; None while it is not."""
    order = db.session.scalar(
        select(Order)
        .join(OrderReference, OrderReference.order_id == Order.id)
        .where(
            OrderReference.connection_id == connection_id,
            OrderReference.reference.in_(list(_names(meaning))),
        )
        .limit(1)
        .execution_options(populate_existing=True)
    )
    if order is None:
        return None
    return (
        order.number or order.external_id, order.base_minor, order.taken_back_minor, order.payment,
        order.is_cancelled, tuple(order.codes), order.click_id,
    )  # fmt: skip


def _names(meaning: Reading) -> Iterable[str]:
    if meaning.order is not None:
        yield from (meaning.order.external_id, *meaning.order.references)
    for refund in meaning.refunds:
        yield from refund.order_references
    if meaning.dispute is not None:
        yield from meaning.dispute.order_references
    yield from meaning.links


def _words(
    meaning: Reading, before: tuple[Any, ...] | None, after: tuple[Any, ...] | None
) -> dict[str, str]:
    number = str((after or before or ("",))[0])
    what = "Order"
    if before is not None and after is not None:
        kinds = zip(WHAT, before, after, strict=False)
        what = next((kind for kind, old, new in kinds if old != new), "Code or click")
    said = NEW if before is None else CHANGED
    return {"what": what, "number": number, "external_id": meaning.external_id, "note": said}
