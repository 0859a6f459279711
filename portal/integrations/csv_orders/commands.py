"""Bulk orders from a file: every row is accepted, known already, or rejected with its reason."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any, BinaryIO

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.integrations.csv_orders.rows import Row, rows
from portal.kernel import clock
from portal.kernel.errors import PortalError
from portal.sales import commands as sales
from portal.sales.commands import Arrival
from portal.sales.models import Order, Refund
from portal.sales.rules import OrderReport, RefundReport
from portal.storage.model import db
from portal.storage.unit_of_work import savepoint, unit_of_work

SLICE = 500
Name = tuple[str, str]  # what kind of row, and its id


@dataclass(slots=True)
class Rejection:
    row: int
    reason: str


@dataclass(slots=True)
class Report:
    """What became of a file's rows: rows = accepted + known + rejected."""

    rows: int = 0
    accepted: int = 0
    known: int = 0
    rejected: list[Rejection] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The keys of CONTRACTS: `portal orders import --json`."""
        return asdict(self)


class _Rehearsal(Exception):
    """Ends a dry run's unit of work without keeping it."""


def import_orders(connection_id: int, stream: BinaryIO, dry_run: bool = False) -> Report:
    """Record a file's orders and refunds, some 500 rows to a unit of work; repeat it freely.

    A row that is there already with the same figures is known; with others it is rejected, since
    a recorded order is a fact. A dry run says the same and keeps nothing. Raises InvalidInput
    when the file has no usable header.
    """
    report, seen = Report(), dict[Name, str]()
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    for some in _slices(rows(text)):
        try:
            with unit_of_work():
                _take(connection_id, some, report, seen)
                if dry_run:
                    raise _Rehearsal
        except _Rehearsal:
            continue
    text.detach()
    return report


def _slices(found: Iterator[Row]) -> Iterator[list[Row]]:
    while some := list(islice(found, SLICE)):
        yield some


def _take(connection_id: int, some: list[Row], report: Report, seen: dict[Name, str]) -> None:
    told = [row.report for row in some if row.report is not None]
    recorded = _recorded(connection_id, told)
    fresh = [row for row in some if _is_fresh(row, report, seen, recorded)]
    orders = [row for row in fresh if isinstance(row.report, OrderReport)]
    if orders and _record_together(connection_id, orders):
        report.accepted += len(orders)
        fresh = [row for row in fresh if isinstance(row.report, RefundReport)]
    for row in fresh:
        _record(connection_id, row, report)


def _is_fresh(row: Row, report: Report, seen: dict[Name, str], recorded: dict[Name, str]) -> bool:
    """Whether a row tells something new; otherwise it is counted as known or rejected here."""
    report.rows += 1
    if row.report is None:
        report.rejected.append(Rejection(row.number, row.reason))
        return False
    name, figures = _name(row.report), _figures(row.report)
    before = seen.setdefault(name, recorded.get(name, ""))
    if not before:
        seen[name] = figures
        return True
    if before == figures:
        report.known += 1
    else:
        what = "order" if isinstance(row.report, OrderReport) else "refund"
        reason = f"This {what} is recorded already, as {before}; this row says {figures}."
        report.rejected.append(Rejection(row.number, reason))
    return False


def _record_together(connection_id: int, some: Sequence[Row]) -> bool:
    """Record a slice's orders in sets; False when anything about them needs a row of its own."""
    heard_at = clock.now()
    arrivals = [
        Arrival(connection_id, row.report, heard_at)
        for row in some
        if isinstance(row.report, OrderReport)
    ]
    try:
        with savepoint():
            sales.record_orders(arrivals)
    except (PortalError, IntegrityError):
        return False
    return True


def _record(connection_id: int, row: Row, report: Report) -> None:
    try:
        with savepoint():
            if isinstance(row.report, OrderReport):
                sales.record_order(connection_id, row.report, heard_at=clock.now())
            elif row.report is not None:
                sales.record_refund(connection_id, row.report, heard_at=clock.now())
    except PortalError as refused:
        report.rejected.append(Rejection(row.number, refused.message))
    else:
        report.accepted += 1


def _name(found: OrderReport | RefundReport) -> Name:
    return type(found).__name__, found.external_id


def _figures(found: OrderReport | RefundReport) -> str:
    if isinstance(found, RefundReport):
        return f"{found.amount} of order {found.order_references[0]}"
    code = f" with code {', '.join(found.codes)}" if found.codes else ""
    assert found.placed_at is not None
    return f"{found.base} on {found.placed_at:%Y-%m-%d %H:%M:%S}{code}"


def _recorded(connection_id: int, told: Sequence[OrderReport | RefundReport]) -> dict[Name, str]:
    """How the database tells the same orders and refunds; those it has not are left out."""
    refunds = {one.external_id: one for one in told if isinstance(one, RefundReport)}
    names = [one.external_id for one in told if isinstance(one, OrderReport)]
    orders = select(Order).where(Order.connection_id == connection_id, Order.external_id.in_(names))
    given = select(Refund, Order.external_id).where(
        Refund.connection_id == connection_id, Refund.external_id.in_(refunds)
    )
    given = given.outerjoin(Order, Order.id == Refund.order_id)
    found = {("OrderReport", one.external_id): _order_figures(one)
             for one in db.session.scalars(orders)}  # fmt: skip
    for refund, order_name in db.session.execute(given) if refunds else ():
        named = order_name or refunds[refund.external_id].order_references[0]
        found["RefundReport", refund.external_id] = f"{refund.amount} of order {named}"
    return found


def _order_figures(order: Order) -> str:
    code = f" with code {', '.join(order.codes)}" if order.codes else ""
    return f"{order.base} on {order.placed_at:%Y-%m-%d %H:%M:%S}{code}"
