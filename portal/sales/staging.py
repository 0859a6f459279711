"""Many purchases of one connection at once: staged, then recorded by set statements.

The columns are those of `recording.order_row`, asked for once a set: what differs from purchase to
purchase comes from the staging table, the rest is the same for all of them (PERFORMANCE §B).
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    bindparam,
    delete,
    exists,
    insert,
    or_,
    select,
)
from sqlalchemy.schema import CreateTable

from portal.jobs import commands as jobs
from portal.kernel import codes
from portal.kernel.money import Money
from portal.sales import customers, recording, reporting
from portal.sales.events import OrderRecorded
from portal.sales.models import Order, OrderLine, OrderReference, WaitingReference
from portal.sales.rules import LineReport, OrderReport
from portal.storage.model import db

ORDERS: Any = Order.__table__
LINES: Any = OrderLine.__table__
REFERENCES: Any = OrderReference.__table__
STAGED = (
    "public_id", "external_id", "placed_at", "told", "codes", "click_id", "customer_key",
    "currency", "base_minor", "total_minor", "tax_minor", "shipping_minor", "discount_minor",
    "beside",
)  # fmt: skip
TITLE = "Order"
STAGE = Table(
    "order_stage", MetaData(),
    *(Column(name, ORDERS.c[name].type) for name in STAGED),
    Column("gross_minor", LINES.c.gross_minor.type),
    prefixes=["TEMPORARY"],
)  # fmt: skip


class PlainOrder(NamedTuple):
    """A paid purchase of one line, as files tell it, of which nothing was given back yet.

    Amounts are minor units: gross − discount = base; total is the base with tax and shipping, and
    what `beside` names of tips and gift wrap; `credit` in it is a part of the total.
    """

    external_id: str
    placed_at: datetime
    currency: str
    gross_minor: int
    base_minor: int
    total_minor: int
    tax_minor: int
    shipping_minor: int
    discount_minor: int
    code: str
    click_id: str | None
    customer_email: str
    beside: tuple[tuple[str, int], ...] = ()

    @property
    def report(self) -> OrderReport:
        """The same, as every shop tells it."""
        money = partial(Money, currency=self.currency)
        gross, base = money(self.gross_minor), money(self.base_minor)
        return OrderReport(
            external_id=self.external_id, number=self.external_id, currency=self.currency,
            placed_at=self.placed_at, updated_at=None,
            lines=(LineReport(self.external_id, TITLE, "1", gross, base),),
            codes=(self.code,) if self.code else (), is_paid=True,
            total=money(self.total_minor), tax=money(self.tax_minor),
            shipping=money(self.shipping_minor), discount=money(self.discount_minor),
            click_id=self.click_id, customer_email=self.customer_email,
            beside=tuple((name, money(minor)) for name, minor in self.beside),
        )  # fmt: skip


def record_staged(
    connection_id: int, orders: Sequence[PlainOrder], heard_at: datetime
) -> list[PlainOrder]:
    """Record new purchases, whose ids differ; returns those that are left for `record_order`:
    their id is known already, or something waits for it.

    Raises IntegrityError when another worker records one of them now: the caller's SAVEPOINT must
    roll back.
    """
    brand_id = recording.brand_of(connection_id)
    _stage(brand_id, orders)
    left = set(db.session.scalars(_unstage_taken(connection_id)))
    fresh = [order for order in orders if order.external_id not in left]
    if fresh:
        row = recording.order_row(brand_id, connection_id, fresh[0].report, heard_at)
        order_ids = db.session.scalars(_into_orders(row)).all()
        db.session.execute(_into_references(connection_id))
        db.session.execute(_into_lines(connection_id))
        jobs.announce_each([OrderRecorded(order_id) for order_id in order_ids])
    return [order for order in orders if order.external_id in left]


def _staged(brand_id: int, order: PlainOrder, placed_at: datetime | str) -> tuple[Any, ...]:
    digest = hashlib.sha256(repr(order).encode()).hexdigest()
    return (
        codes.public_id("ord"), order.external_id, placed_at,
        reporting.plain_key(1 if order.code else 0, digest),
        _as_json(order.code), order.click_id,
        customers.key_of(brand_id, email=order.customer_email),
        order.currency, order.base_minor, order.total_minor, order.tax_minor,
        order.shipping_minor, order.discount_minor,
        json.dumps(dict(order.beside)) if order.beside else None, order.gross_minor,
    )  # fmt: skip


@lru_cache(10_000)
def _as_json(code: str) -> str:
    return json.dumps([code] if code else [])


def _stage(brand_id: int, orders: Sequence[PlainOrder]) -> None:
    """Fill this database connection's staging table with these, and nothing else.

    Not through Core: its row by row processing costs more than all the set statements together.
    """
    connection = db.session.connection()
    connection.execute(CreateTable(STAGE, if_not_exists=True))
    connection.execute(delete(STAGE))
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(STAGE.columns))
        rows = [_staged(brand_id, order, _as_text(order.placed_at)) for order in orders]
        connection.exec_driver_sql(f"INSERT INTO order_stage VALUES ({marks})", rows)  # noqa: S608 — marks
        return
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy("COPY order_stage FROM STDIN") as copy:
        for order in orders:
            copy.write_row(_staged(brand_id, order, order.placed_at))


def _as_text(at: datetime) -> str:
    """An instant as SQLAlchemy keeps it in SQLite."""
    return at.replace(tzinfo=None).isoformat(" ", "microseconds")


def _unstage_taken(connection_id: int) -> Any:
    taken = [
        exists().where(
            model.connection_id == connection_id, model.reference == STAGE.c.external_id
        )
        for model in (OrderReference, WaitingReference)
    ]  # fmt: skip
    return delete(STAGE).where(or_(*taken)).returning(STAGE.c.external_id)


def _into_orders(row: dict[str, Any]) -> Any:
    """All that is staged as purchases; `row` is one of them, for what is the same in all."""
    staged = {name: STAGE.c[name] for name in STAGED}
    staged |= {"number": STAGE.c.external_id, "paid_at": STAGE.c.placed_at}
    same = {
        name: bindparam(f"same_{name}", value, ORDERS.c[name].type)
        for name, value in row.items()
        if name not in staged
    }
    columns = staged | same
    return (
        insert(ORDERS)
        .from_select(list(columns), select(*columns.values()))
        .returning(ORDERS.c.id)
    )  # fmt: skip


def _recorded(connection_id: int, *columns: Any) -> Select[Any]:
    """These columns of what was staged and is recorded now."""
    return select(*columns).select_from(STAGE).join(
        ORDERS,
        (ORDERS.c.connection_id == connection_id) & (ORDERS.c.external_id == STAGE.c.external_id),
    )  # fmt: skip


def _into_references(connection_id: int) -> Any:
    names = ["connection_id", "reference", "order_id"]
    columns = (ORDERS.c.connection_id, STAGE.c.external_id, ORDERS.c.id)
    return insert(REFERENCES).from_select(names, _recorded(connection_id, *columns))


def _into_lines(connection_id: int) -> Any:
    columns = {
        "order_id": ORDERS.c.id, "position": bindparam("position", 0, Integer),
        "external_id": STAGE.c.external_id, "currency": STAGE.c.currency,
        "gross_minor": STAGE.c.gross_minor, "net_minor": STAGE.c.base_minor,
        "title": bindparam("title", TITLE, String), "quantity": bindparam("quantity", "1", String),
        "product_id": bindparam("product_id", "", String), "sku": bindparam("sku", "", String),
    }  # fmt: skip
    return insert(LINES).from_select(
        list(columns), _recorded(connection_id, *columns.values())
    )  # fmt: skip
