"""Many purchases that nobody told of before, recorded in one set of statements (PERFORMANCE §B).

What makes a purchase plain: none of its ids is known or waited for, no other of the set shares
one, and it tells of no refund and no cancellation. Everything else takes the road of one report.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from portal.jobs import commands as jobs
from portal.sales import recording
from portal.sales.events import OrderRecorded
from portal.sales.models import Order, OrderReference, WaitingReference
from portal.sales.rules import OrderReport
from portal.storage.insert_once import insert_rows
from portal.storage.model import db

NAMES_AT_ONCE = 500
REFERENCES: Any = OrderReference.__table__


@dataclass(frozen=True, slots=True)
class Arrival:
    """One report of an order, the connection it came by, and when it was heard."""

    connection_id: int
    report: OrderReport
    heard_at: datetime

    @property
    def names(self) -> list[str]:
        """Every id by which the shop may name this order."""
        return list(dict.fromkeys([self.report.external_id, *self.report.references]))


def record_plain(arrivals: Sequence[Arrival]) -> list[int | None]:
    """Row ids of the orders recorded, None for each arrival that is not plain.

    Raises IntegrityError when another worker records one of them at the same moment.
    """
    shared = Counter((one.connection_id, name) for one in arrivals for name in one.names)
    taken = _taken(arrivals) | {key for key, count in shared.items() if count > 1}
    plain = [number for number, one in enumerate(arrivals) if _is_plain(one, taken)]
    order_ids = _insert([arrivals[number] for number in plain])
    found: list[int | None] = [None] * len(arrivals)
    for number, order_id in zip(plain, order_ids, strict=True):
        found[number] = order_id
    return found


def _is_plain(one: Arrival, taken: set[tuple[int, str]]) -> bool:
    if one.report.refunds or one.report.is_cancelled:
        return False
    return not any((one.connection_id, name) in taken for name in one.names)


def _taken(arrivals: Sequence[Arrival]) -> set[tuple[int, str]]:
    """The ids among these that are known already, or that something waits for."""
    found: set[tuple[int, str]] = set()
    for connection_id, names in _named(arrivals):
        for model in (OrderReference, WaitingReference):
            mine = (model.connection_id == connection_id) & model.reference.in_(names)
            rows = db.session.scalars(select(model.reference).where(mine))
            found |= {(connection_id, reference) for reference in rows}
    return found


def _named(arrivals: Sequence[Arrival]) -> Iterator[tuple[int, list[str]]]:
    by_connection: dict[int, list[str]] = {}
    for one in arrivals:
        by_connection.setdefault(one.connection_id, []).extend(one.names)
    for connection_id, names in by_connection.items():
        for start in range(0, len(names), NAMES_AT_ONCE):
            yield connection_id, names[start : start + NAMES_AT_ONCE]


def _insert(arrivals: Sequence[Arrival]) -> list[int]:
    brands = {id_: recording.brand_of(id_) for id_ in {one.connection_id for one in arrivals}}
    rows = [
        recording.order_row(brands[one.connection_id], one.connection_id, one.report, one.heard_at)
        for one in arrivals
    ]
    order_ids = insert_rows(Order, rows)
    pairs = list(zip(order_ids, arrivals, strict=True))
    names = [
        {"connection_id": one.connection_id, "reference": name, "order_id": order_id}
        for order_id, one in pairs
        for name in one.names
    ]
    if names:
        db.session.execute(insert(REFERENCES), names)
    recording.write_lines((order_id, one.report) for order_id, one in pairs)
    jobs.announce_each([OrderRecorded(order_id) for order_id in order_ids])
    return order_ids
