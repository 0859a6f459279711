"""How reports become rows: what `commands` does, once it is known which order is meant."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from portal.jobs import commands as jobs
from portal.kernel import codes
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.money import Money
from portal.sales import customers, matching, reporting, rules
from portal.sales.events import OrderCancelled, OrderDisputed, OrderRecorded, OrderRefunded
from portal.sales.models import ID_CHARACTERS, Connection, Dispute, Order, OrderLine, Refund
from portal.sales.rules import DisputeReport, OrderReport, RefundReport
from portal.storage.insert_once import insert_once
from portal.storage.locks import lock
from portal.storage.model import db

LINES: Any = OrderLine.__table__


def first_report(
    connection_id: int, report: OrderReport, names: list[str], heard_at: datetime
) -> int:
    """A purchase nobody has told of before: one row, its lines, its ids, and what waits for it.

    Raises Conflict when another worker records it at the same moment.
    """
    brand_id = brand_of(connection_id)
    order_id = insert_once(Order, **order_row(brand_id, connection_id, report, heard_at))
    if order_id is None or not matching.claim(order_id, connection_id, names):
        raise Conflict("Another worker is recording this purchase; it is tried again.")
    write_lines([(order_id, report)])
    waiting = matching.waiting_under(connection_id, names)
    if waiting or report.refunds:
        order = lock(Order, order_id)
        before, disputes = facts(order), matching.attach(order, waiting)
        for refund in report.refunds:
            store_refund(connection_id, refund, heard_at, order_id)
        settle(order, before, disputes, is_new=True)
        return order_id
    jobs.announce(OrderRecorded(order_id))
    if report.is_cancelled:
        jobs.announce(OrderCancelled(order_id))
    return order_id


def order_row(
    brand_id: int, connection_id: int, report: OrderReport, heard_at: datetime
) -> dict[str, Any]:
    """The columns of a purchase told of for the first time; nothing was given back of it yet."""
    paid_at = report.paid_at or report.updated_at or report.placed_at or heard_at
    payment = rules.payment_state(
        is_paid=report.is_paid, is_cancelled=report.is_cancelled, is_charged_back=False,
        base=report.base, refunded=Money.zero(report.currency),
    )  # fmt: skip
    return {
        "public_id": codes.public_id("ord"), "brand_id": brand_id, "connection_id": connection_id,
        "external_id": report.external_id, "placed_at": report.placed_at or heard_at,
        "recorded_at": heard_at, "paid_at": paid_at if report.is_paid else None,
        "is_cancelled": report.is_cancelled, "is_deleted": False, "taken_back_minor": 0,
        "beside_taken": None,
        "click_id": report.click_id, "payment": payment,
        "customer_key": _customer(brand_id, connection_id, report),
        **_known_of_buyer(brand_id, connection_id, report),
        **_told(report, reporting.order_key(report)),
    }  # fmt: skip


def further_report(order: Order, report: OrderReport, names: list[str], heard_at: datetime) -> None:
    """One more report of a known order, locked. An older one than the last adds only what every
    report may add: the earliest moments, ids, refunds."""
    before = facts(order)
    _take_in(order, report, heard_at)
    key = reporting.order_key(report)
    _note_lines(order, report, is_newer=key > order.told)
    if key > order.told:
        _apply(order, report, key)
    disputes = matching.attach(order, matching.waiting_under(order.connection_id, names))
    for refund in report.refunds:
        store_refund(order.connection_id, refund, heard_at, order.id)
    settle(order, before, disputes)


def brand_of(connection_id: int) -> int:
    """Whose shop this is. Raises InvalidInput."""
    brand_id: int | None = db.session.scalar(
        select(Connection.brand_id).where(Connection.id == connection_id)
    )
    if brand_id is None:
        raise InvalidInput("connection", "There is no such shop connection.")
    return brand_id


def _customer(brand_id: int, connection_id: int, report: OrderReport) -> str | None:
    customer_id = f"{connection_id}:{report.customer_id}" if report.customer_id else ""
    return customers.key_of(brand_id, email=report.customer_email, customer_id=customer_id)


def _known_of_buyer(brand_id: int, connection_id: int, report: OrderReport) -> dict[str, Any]:
    """What attribution may read of who bought, as keyed hashes, and of which subscription."""
    clues = {
        kind: key
        for kind, value in (("surname", report.clues.surname), ("ip", report.clues.ip))
        if (key := customers.clue_of(brand_id, kind, value))
    }
    customer_id = f"{connection_id}:{report.customer_id}" if report.customer_id else ""
    return {
        "customer_id_key": customers.clue_of(brand_id, "customer", customer_id),
        "payment_key": customers.clue_of(brand_id, "payment", report.clues.payment),
        "clues": clues or None,
        "subscription_ref": report.subscription[:ID_CHARACTERS] or None,
        "checkout_started_at": report.checkout_started_at,
        "fulfilled_at": report.fulfilled_at,
        "delivered_at": report.delivered_at,
    }


def _told(report: OrderReport, key: str) -> dict[str, Any]:
    """What only the newest report decides."""
    return {
        "told": key, "shop_updated_at": report.updated_at, "number": report.number,
        "currency": report.currency, "codes": list(report.codes), "is_paid": report.is_paid,
        "is_test": report.is_test, "base_minor": report.base.minor,
        "total_minor": report.total.minor, "tax_minor": report.tax.minor,
        "shipping_minor": report.shipping.minor, "discount_minor": report.discount.minor,
        "tags": list(report.tags) or None, "action": report.action,
        "beside": {name: worth.minor for name, worth in report.beside if worth} or None,
    }  # fmt: skip


def _take_in(order: Order, report: OrderReport, heard_at: datetime) -> None:
    key = _customer(order.brand_id, order.connection_id, report)
    order.customer_key = min(filter(None, (order.customer_key, key)), default=None)
    order.click_id = min(filter(None, (order.click_id, report.click_id)), default=None)
    for column, told in _known_of_buyer(order.brand_id, order.connection_id, report).items():
        if column == "clues":
            both = [*(order.clues or {}).items(), *(told or {}).items()]
            order.clues = dict(sorted(both, reverse=True)) or None
        elif told is not None:
            known = getattr(order, column)
            setattr(order, column, told if known is None else min(known, told))
    order.external_id = min(order.external_id, report.external_id)
    order.placed_at = min(order.placed_at, report.placed_at or heard_at)
    order.recorded_at = min(order.recorded_at, heard_at)
    if report.is_paid:
        paid_at = report.paid_at or report.updated_at or report.placed_at or heard_at
        order.paid_at = min(filter(None, (order.paid_at, paid_at)))


def _note_lines(order: Order, report: OrderReport, *, is_newer: bool) -> None:
    """Remember every line that a report ever named, once the newest does not name them all."""
    rows = select(OrderLine.external_id).where(OrderLine.order_id == order.id)
    kept, told = set(db.session.scalars(rows)), {line.external_id for line in report.lines}
    known = {*(order.lines_known or ()), *kept, *told} - {""}
    order.lines_known = sorted(known) if known - (told if is_newer else kept) else None


def _apply(order: Order, report: OrderReport, key: str) -> None:
    if report.currency != order.currency:
        raise InvalidInput("currency", "The order was first told in another currency.")
    for column, value in _told(report, key).items():
        setattr(order, column, value)
    order.is_cancelled = report.is_cancelled or order.is_deleted
    order.taken_back_minor = min(order.taken_back_minor, order.base_minor)
    db.session.execute(delete(OrderLine).where(OrderLine.order_id == order.id))
    write_lines([(order.id, report)])


def write_lines(reports: Iterable[tuple[int, OrderReport]]) -> None:
    """Write the lines of these orders, by order row id."""
    rows = [
        {
            "order_id": order_id, "position": position, "external_id": line.external_id,
            "title": line.title, "quantity": line.quantity[:40], "product_id": line.product_id,
            "sku": line.sku, "is_gift_card": line.is_gift_card, "currency": report.currency,
            "category": line.category[:200], "tags": list(line.tags) or None,
            "gross_minor": line.gross.minor, "net_minor": line.net.minor,
        }
        for order_id, report in reports
        for position, line in enumerate(report.lines)
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(LINES), rows)


def store_refund(
    connection_id: int, report: RefundReport, heard_at: datetime, order_id: int | None
) -> None:
    """Keep a refund, or the better report of one; without an order it is parked (R77)."""
    key = reporting.refund_key(report)
    told = {
        "family": report.family, "precision": int(report.precision), "told": key,
        "currency": report.amount.currency, "amount_minor": report.amount.minor,
        "charged_minor": report.cumulative_of.minor if report.cumulative_of else None,
        "stated": report.stated[:40], "is_withdrawn": report.is_withdrawn,
        "lines": _refunded_lines(report),
        "review": report.review, "occurred_at": report.occurred_at,
        "beside": dict(report.beside) or None,
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


def _refunded_lines(report: RefundReport) -> list[list[str | int]]:
    pieces = report.pieces or (0,) * len(report.lines)
    told = zip(report.lines, pieces, strict=True)
    return [[line, worth.minor, many] for (line, worth), many in told]


def store_dispute(
    connection_id: int, report: DisputeReport, heard_at: datetime, order_id: int | None
) -> str:
    """Keep a chargeback's newest state; returns it when this report changed anything, else ""."""
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
    result: Any = db.session.execute(update(Dispute).where(mine, Dispute.told < key).values(**told))
    return report.state.value if result.rowcount else ""


def facts(order: Order) -> tuple[object, ...]:
    """What attribution and commissions read of an order; the last two are commissions' alone: of
    which lines was given back is asked only where anything was."""
    return (
        order.base_minor, tuple(order.codes), order.click_id, order.customer_key, order.is_paid,
        order.customer_id_key, order.payment_key, order.subscription_ref, order.checkout_started_at,
        order.fulfilled_at, order.delivered_at,
        order.placed_at, order.is_test, order.is_cancelled,
        (
            order.taken_back_minor, matching.lines_back({order.id: order}),
            tuple(sorted((order.beside_taken or {}).items())),
        ),
    )  # fmt: skip


def settle(
    order: Order,
    before: tuple[object, ...],
    disputes: Sequence[str] = (),
    *,
    is_new: bool = False,
) -> None:
    """Count again what was given back, name the payment state, and tell the rooms above."""
    matching.recount(order)
    db.session.flush()
    after, was_cancelled = facts(order), before[-2]
    if is_new or after[:-2] != before[:-2] or (was_cancelled and not order.is_cancelled):
        jobs.announce(OrderRecorded(order.id))
    if order.is_cancelled and (is_new or not was_cancelled):
        jobs.announce(OrderCancelled(order.id))
    if after[-1] != before[-1]:
        jobs.announce(OrderRefunded(order.id))
    for state in disputes:
        jobs.announce(OrderDisputed(order.id, state))
