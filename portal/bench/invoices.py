"""A real shop's invoices as orders and refunds of ours, and what each creator must earn of them.

The data is the UCI “Online Retail” table (25,900 invoices, 3,836 of them cancellations), read from
PORTAL_REAL_ORDERS or from the folder beside the checkout; it is never copied into the project. A
cancellation names no invoice, so it is taken as a refund of the customer's latest invoice before
it. The expected net is computed here with csv and Decimal alone, without a line of the portal's.
"""

import csv
import gzip
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from zlib import crc32

from portal.kernel.errors import InvalidInput

BESIDE = Path(__file__).resolve().parents[3] / "shared/data/orders/online_retail_uci.csv.gz"
CENT = Decimal("0.01")
HEADER = ("type", "order_id", "refund_id", "occurred_at", "currency", "amount", "code")


@dataclass
class Invoices:
    """The file to import, line by line, and net commission per code in pounds."""

    lines: list[tuple[str, ...]] = field(default_factory=list)
    expected: dict[str, Decimal] = field(default_factory=dict)


def path() -> Path | None:
    """Where the invoices are, named as the file or as the folder it lies in; None when nothing
    is named and they are not beside the checkout. Raises InvalidInput for a name with no file."""
    named = os.environ.get("PORTAL_REAL_ORDERS")
    found = Path(named or BESIDE)
    if found.is_dir():
        found = found / BESIDE.name
    if found.is_file():
        return found
    if named:
        raise InvalidInput("", f"PORTAL_REAL_ORDERS names no file: {found} is not there.")
    return None


def read(file: Path, codes: list[str], rate: Decimal) -> Invoices:
    """Orders and refunds for `portal orders import`, each customer sent by one of these codes."""
    bases: dict[str, Decimal] = {}
    given: dict[str, Decimal] = {}
    owner: dict[str, str] = {}
    latest: dict[str, str] = {}
    found = Invoices()
    for number, customer, at, worth in _invoices(file):
        if number.startswith("C"):
            order = latest.get(customer, f"unknown-{number}")
            found.lines.append(("refund", order, number, at, "GBP", str(-worth), ""))
            given[order] = given.get(order, Decimal(0)) - worth
        elif worth >= 0:
            code = codes[crc32(customer.encode()) % len(codes)] if customer else ""
            found.lines.append(("order", number, "", at, "GBP", str(worth), code))
            bases[number], owner[number] = worth, code
            if customer:
                latest[customer] = number
    for number, code in owner.items():
        if code:
            net = _net(bases[number], given.get(number, Decimal(0)), rate)
            found.expected[code] = found.expected.get(code, Decimal(0)) + net
    return found


def _net(base: Decimal, given: Decimal, rate: Decimal) -> Decimal:
    """Commission on the base, less its share of what came back, each rounded half up once."""
    earned = (base * rate).quantize(CENT, ROUND_HALF_UP)
    left = base - min(given, base)
    return (earned * left / base).quantize(CENT, ROUND_HALF_UP) if base else Decimal(0)


def _invoices(file: Path) -> Iterator[tuple[str, str, str, Decimal]]:
    """(number, customer, instant, worth) of each invoice, in the order of their first lines."""
    for number, customer, at, things in baskets(file):
        worth = sum((quantity * price for quantity, price in things), Decimal())
        yield number, customer, at, worth.quantize(CENT, ROUND_HALF_UP)


def baskets(file: Path) -> Iterator[tuple[str, str, str, list[tuple[int, Decimal]]]]:
    """(number, customer, instant, its lines as quantity and price) of each invoice."""
    found: dict[str, tuple[str, str, list[tuple[int, Decimal]]]] = {}
    with gzip.open(file, "rt", encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            at = row["InvoiceDate"].replace(" ", "T") + "Z"
            customer = row["CustomerID"].partition(".")[0]
            one = found.setdefault(row["InvoiceNo"], (customer, at, []))
            one[2].append((int(row["Quantity"]), Decimal(row["UnitPrice"])))
    for number, (customer, at, things) in found.items():
        yield number, customer, at, things
