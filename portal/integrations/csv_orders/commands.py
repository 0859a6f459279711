"""Bulk orders from a file: every row is accepted, known already, or rejected with its reason."""

import io
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any, BinaryIO

from sqlalchemy import select

from portal.integrations.csv_orders.rows import Row, rows
from portal.kernel import clock
from portal.kernel.errors import PortalError
from portal.sales import commands as sales
from portal.sales.models import Order, Refund
from portal.sales.rules import OrderReport, RefundReport
from portal.storage.model import db
from portal.storage.unit_of_work import savepoint, unit_of_work

SLICE = 200


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
    """Record a file's orders and refunds, some 200 rows to a unit of work; repeat it freely.

    A row that is there already with the same figures is known; with others it is rejected, since
    a recorded order is a fact. A dry run says the same and keeps nothing. Raises InvalidInput
    when the file has no usable header.
    """
    report, seen = Report(), dict[tuple[str, str], str]()
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    for some in _slices(rows(text)):
        try:
            with unit_of_work():
                for row in some:
                    _one(connection_id, row, report, seen)
                if dry_run:
                    raise _Rehearsal
        except _Rehearsal:
            continue
    text.detach()
    return report


def _slices(found: Iterator[Row]) -> Iterator[list[Row]]:
    while some := list(islice(found, SLICE)):
        yield some


def _one(connection_id: int, row: Row, report: Report, seen: dict[tuple[str, str], str]) -> None:
    report.rows += 1
    if row.report is None:
        report.rejected.append(Rejection(row.number, row.reason))
        return
    name, figures = _name(row.report), _figures(row.report)
    before = seen.get(name) or _recorded(connection_id, row.report)
    if before is not None:
        if before == figures:
            report.known += 1
        else:
            what = "order" if isinstance(row.report, OrderReport) else "refund"
            reason = f"This {what} is recorded already, as {before}; this row says {figures}."
            report.rejected.append(Rejection(row.number, reason))
        return
    try:
        with savepoint():
            _record(connection_id, row.report)
    except PortalError as refused:
        report.rejected.append(Rejection(row.number, refused.message))
    else:
        seen[name] = figures
        report.accepted += 1


def _record(connection_id: int, found: OrderReport | RefundReport) -> None:
    if isinstance(found, OrderReport):
        sales.record_order(connection_id, found, heard_at=clock.now())
    else:
        sales.record_refund(connection_id, found, heard_at=clock.now())


def _name(found: OrderReport | RefundReport) -> tuple[str, str]:
    return type(found).__name__, found.external_id


def _figures(found: OrderReport | RefundReport) -> str:
    if isinstance(found, RefundReport):
        return f"{found.amount} of order {found.order_references[0]}"
    code = f" with code {', '.join(found.codes)}" if found.codes else ""
    assert found.placed_at is not None
    return f"{found.base} on {found.placed_at:%Y-%m-%d %H:%M:%S}{code}"


def _recorded(connection_id: int, found: OrderReport | RefundReport) -> str | None:
    """How the database tells the same order or refund; None when it has none."""
    if isinstance(found, OrderReport):
        order = db.session.scalar(
            select(Order).where(
                Order.connection_id == connection_id, Order.external_id == found.external_id
            )
        )
        return _order_figures(order) if order else None
    refund = db.session.scalar(
        select(Refund).where(
            Refund.connection_id == connection_id, Refund.external_id == found.external_id
        )
    )
    return _refund_figures(refund, found) if refund else None


def _order_figures(order: Order) -> str:
    code = f" with code {', '.join(order.codes)}" if order.codes else ""
    return f"{order.base} on {order.placed_at:%Y-%m-%d %H:%M:%S}{code}"


def _refund_figures(refund: Refund, found: RefundReport) -> str:
    of_order = db.session.get(Order, refund.order_id) if refund.order_id else None
    named = of_order.external_id if of_order else found.order_references[0]
    return f"{refund.amount} of order {named}"
