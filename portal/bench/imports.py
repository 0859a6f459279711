"""Order files: a real shop's invoices to the cent, and a long file against raw set SQL."""

import csv
import io
import os
import resource
import time
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, text

from portal.bench import invoices
from portal.bench.ground import Ground, databases, ground
from portal.commissions.models import Commission
from portal.creators.models import Creator
from portal.integrations.csv_orders.commands import import_orders
from portal.jobs import worker
from portal.kernel import clock
from portal.sales import commands as sales
from portal.sales.models import Order
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work

MEMBERS, RATE = 50, Decimal("0.10")
BEFORE_ALL = "2010-11-01T00:00:00Z"
ORDERS = int(os.environ.get("PORTAL_BENCH_ORDERS", "20000"))


def measure() -> Iterator[dict[str, Any]]:
    """A generated file of orders on each database, and the invoices where they are at hand."""
    invoices.path()  # a name that leads nowhere is told before the work, not after it
    for label, url in databases().items():
        for part in (_long_file, _invoices):
            yield {f"{label}, {key}": value for key, value in part(url).items()}


def _invoices(url: str) -> dict[str, Any]:
    file = invoices.path()
    if file is None:
        return {"real invoices": "not here (PORTAL_REAL_ORDERS)"}
    with clock.at(BEFORE_ALL), ground(url, MEMBERS) as laid:
        codes = [f"BENCH{number:04d}" for number in range(MEMBERS)]
        real = invoices.read(file, codes, RATE)
        started = time.perf_counter()
        report = import_orders(_connection(laid), _file(invoices.HEADER, real.lines))
        imported = time.perf_counter() - started
        worker.drain()
        booked = time.perf_counter() - started
        differ = sum(1 for code, net in _nets().items() if net != real.expected.get(code))
    return {
        f"{report.rows:,} real invoices imported, s (rejected)": f"{imported:.1f} "
        f"({len(report.rejected)})",
        "  … to commissions in the books, s": f"{booked:.1f}",
        "  creators whose net differs from csv and Decimal": f"{differ} of {MEMBERS}",
        "  largest memory of the process so far, MB": _peak(),
    }


def _nets() -> dict[str, Decimal]:
    """Net of every creator in pounds, by her code."""
    net = func.sum(Commission.amount_minor - Commission.reversed_minor)
    rows = db.session.execute(
        select(Creator.handle, net)
        .join(Commission, Commission.creator_id == Creator.id)
        .group_by(Creator.handle)
    )
    return {f"BENCH{int(handle[7:]):04d}": Decimal(int(minor)) / 100 for handle, minor in rows}


def _long_file(url: str) -> dict[str, Any]:
    header = (*invoices.HEADER, "discount", "tax", "shipping", "customer_email")
    rows = [_row(number) for number in range(ORDERS)]
    with ground(url, MEMBERS) as laid:
        started = time.perf_counter()
        report = import_orders(_connection(laid), _file(header, rows))
        ours = time.perf_counter() - started
        stored = int(db.session.scalar(select(func.count(Order.id))) or 0)
    with ground(url, MEMBERS) as laid:
        raw = _raw(_connection(laid), laid, _file(header, rows))
    key = f"{ORDERS:,} orders imported, s (÷ raw staging + set SQL)"
    return {
        key: f"{ours:.1f} ({ours / raw:.1f}×)",
        "  accepted and stored": f"{report.accepted:,} and {stored:,}",
        "  largest memory of the process so far, MB": _peak(),
    }


def _row(number: int) -> tuple[str, ...]:
    amount = f"{20 + number % 180}.{number % 100:02d}"
    at = f"2026-03-{1 + number % 28:02d}T{number % 24:02d}:{number % 60:02d}:00Z"
    code = f"BENCH{number % MEMBERS:04d}"
    email = f"buyer{number % 9000}@bench.example"
    return ("order", f"B-{number}", "", at, "USD", amount, code, "1.00", "2.00", "3.00", email)


def _file(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> io.BytesIO:
    stream = io.StringIO()
    csv.writer(stream).writerow(header)
    csv.writer(stream).writerows(rows)
    return io.BytesIO(stream.getvalue().encode())


def _connection(laid: Ground) -> int:
    with unit_of_work():
        connection_id = sales.csv_connection(laid.brand.id)
    end_read()
    return connection_id


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


STAGE = """CREATE TEMPORARY TABLE stage
    (n INTEGER, name TEXT, at TEXT, amount TEXT, code TEXT, email TEXT)"""
MINOR = "(CAST(REPLACE(amount, '.', '') AS INTEGER) - 600)"
ORDER = """INSERT INTO orders (public_id, brand_id, connection_id, external_id, number, currency,
    placed_at, paid_at, recorded_at, told, payment, is_paid, is_test, is_cancelled, is_deleted,
    base_minor, taken_back_minor, total_minor, tax_minor, shipping_minor, discount_minor, codes,
    customer_key)
    SELECT 'raw_' || n, :brand, :shop, name, name, 'USD', {at}, {at}, {at}, at, 'paid',
    {yes}, {no}, {no}, {no}, {minor}, 0, {minor} + 500, 200, 300, 100,
    {json}, email FROM stage"""
LINE = """INSERT INTO order_lines (order_id, position, external_id, title, quantity, product_id,
    sku, is_gift_card, currency, gross_minor, net_minor)
    SELECT o.id, 0, name, 'Order', '1', '', '', {no}, 'USD', {minor} + 100, {minor}
    FROM stage JOIN orders o ON o.connection_id = :shop AND o.external_id = name"""
NAME = """INSERT INTO order_references (connection_id, reference, order_id)
    SELECT :shop, o.external_id, o.id FROM orders o WHERE o.connection_id = :shop"""


def _raw(shop: int, laid: Ground, stream: io.BytesIO) -> float:
    """Seconds of the least a database can do: the file into a staging table, then set SQL."""
    words = {"at": "at", "yes": "1", "no": "0", "minor": MINOR, "json": """'["' || code || '"]'"""}
    if db.engine.dialect.name == "postgresql":
        words = {"at": "at::timestamptz", "yes": "true", "no": "false",
                 "minor": MINOR, "json": "json_build_array(code)"}  # fmt: skip
    started = time.perf_counter()
    with unit_of_work():
        db.session.execute(text(STAGE))
        reader = csv.reader(io.TextIOWrapper(stream, encoding="utf-8", newline=""))
        next(reader)
        staged = [
            {"n": n, "name": row[1], "at": row[3].replace("T", " ").rstrip("Z"), "amount": row[5],
             "code": row[6], "email": row[10]}
            for n, row in enumerate(reader)
        ]  # fmt: skip
        db.session.execute(
            text("INSERT INTO stage VALUES (:n, :name, :at, :amount, :code, :email)"), staged
        )
        for statement in (ORDER, LINE, NAME):
            values = (
                {"shop": shop, "brand": laid.brand.id} if ":brand" in statement else {"shop": shop}
            )
            db.session.execute(text(statement.format(**words)), values)
    return time.perf_counter() - started
