"""Bulk orders from a file: every row is accepted, known already, or rejected with its reason."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import islice
from operator import attrgetter
from typing import Any, BinaryIO

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.integrations.csv_orders.rows import Row, rows
from portal.kernel import clock
from portal.kernel.errors import PortalError
from portal.kernel.money import Money
from portal.sales import commands as sales
from portal.sales.commands import PlainOrder
from portal.sales.models import Order, Refund
from portal.sales.rules import OrderReport, RefundReport
from portal.storage.model import db
from portal.storage.unit_of_work import savepoint, unit_of_work

SLICE = 2000
Name = tuple[bool, str]  # whether it is an order, and its id
# An order's base, currency, code and moment; a refund's amount, currency and order.
Figures = tuple[int, str, str, datetime | None]


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
    """Record a file's orders and refunds, some 2,000 rows to a unit of work; repeat it freely.

    A row that is there already with the same figures is known; with others it is rejected, since
    a recorded order is a fact. A dry run says the same and keeps nothing. Raises InvalidInput
    when the file has no usable header.
    """
    report, seen = Report(), dict[Name, Figures]()
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


def _take(connection_id: int, some: list[Row], report: Report, seen: dict[Name, Figures]) -> None:
    """Orders first, in sets; then what must go one by one; then what was told before."""
    first, again = _parted(some, report, seen)
    orders = [row for row in first if isinstance(row.told, PlainOrder)]
    left = _record_together(connection_id, orders)
    report.accepted += len(orders) - len(left)
    rest = [*left, *(row for row in first if isinstance(row.told, RefundReport))]
    recorded = _recorded(connection_id, rest)
    for row in rest:
        name = _name(row)
        if name in recorded:
            seen[name] = recorded[name]
            again.append(row)
        else:
            _record(connection_id, row, report)
    for row in again:
        _compare(row, seen[_name(row)], report)
    report.rejected.sort(key=attrgetter("row"))


def _parted(
    some: list[Row], report: Report, seen: dict[Name, Figures]
) -> tuple[list[Row], list[Row]]:
    """Rows that the file tells for the first time, and those it told before."""
    first: list[Row] = []
    again: list[Row] = []
    for row in some:
        report.rows += 1
        if row.told is None:
            report.rejected.append(Rejection(row.number, row.reason))
            continue
        figures = _figures(row)
        is_new = seen.setdefault(_name(row), figures) is figures
        (first if is_new else again).append(row)
    return first, again


def _compare(row: Row, before: Figures, report: Report) -> None:
    """Count a row that was told before as known, or reject it when it says something else."""
    figures = _figures(row)
    if before == figures:
        report.known += 1
        return
    what = "order" if isinstance(row.told, PlainOrder) else "refund"
    told = f"{_in_words(before)}; this row says {_in_words(figures)}."
    reason = f"This {what} is recorded already, as {told}"
    report.rejected.append(Rejection(row.number, reason))


def _record_together(connection_id: int, rows: Sequence[Row]) -> Sequence[Row]:
    """Record a slice's orders in sets; returns the rows that need to be recorded by themselves."""
    orders = [row.told for row in rows if isinstance(row.told, PlainOrder)]
    if not orders:
        return rows
    try:
        with savepoint():
            left = set(sales.record_staged(connection_id, orders, clock.now()))
    except (PortalError, IntegrityError):
        return rows
    return [row for row in rows if row.told in left] if left else []


def _record(connection_id: int, row: Row, report: Report) -> None:
    told = row.report
    try:
        with savepoint():
            if isinstance(told, OrderReport):
                sales.record_order(connection_id, told, heard_at=clock.now())
            elif told is not None:
                sales.record_refund(connection_id, told, heard_at=clock.now())
    except PortalError as refused:
        report.rejected.append(Rejection(row.number, refused.message))
    else:
        report.accepted += 1


def _name(row: Row) -> Name:
    assert row.told is not None
    return isinstance(row.told, PlainOrder), row.told.external_id


def _figures(row: Row) -> Figures:
    """What must not differ when a row is told again: to the second, as pages show it."""
    told = row.told
    assert told is not None
    if isinstance(told, RefundReport):
        return told.amount.minor, told.amount.currency, told.order_references[0], None
    return told.base_minor, told.currency, told.code, told.placed_at.replace(microsecond=0)


def _in_words(figures: Figures) -> str:
    minor, currency, name, placed_at = figures
    amount = Money(minor, currency)
    if placed_at is None:
        return f"{amount} of order {name}"
    return f"{amount} on {placed_at:%Y-%m-%d %H:%M:%S}{f' with code {name}' if name else ''}"


def _recorded(connection_id: int, some: Sequence[Row]) -> dict[Name, Figures]:
    """How the database tells the same orders and refunds; those it has not are left out."""
    orders = [row.told.external_id for row in some if isinstance(row.told, PlainOrder)]
    refunds = {row.told.external_id: row.told for row in some
               if isinstance(row.told, RefundReport)}  # fmt: skip
    found: dict[Name, Figures] = {}
    columns = (Order.external_id, Order.base_minor, Order.currency, Order.codes, Order.placed_at)
    known = select(*columns).where(
        Order.connection_id == connection_id, Order.external_id.in_(orders)
    )
    for name, minor, currency, codes, placed_at in db.session.execute(known) if orders else ():
        at = placed_at.replace(microsecond=0)
        found[True, name] = minor, currency, ", ".join(codes), at
    given = select(Refund, Order.external_id).where(
        Refund.connection_id == connection_id, Refund.external_id.in_(refunds)
    )
    given = given.outerjoin(Order, Order.id == Refund.order_id)
    for refund, order_name in db.session.execute(given) if refunds else ():
        named = order_name or refunds[refund.external_id].order_references[0]
        found[False, refund.external_id] = refund.amount.minor, refund.amount.currency, named, None
    return found
