"""One CSV row: an order or a refund, or a sentence that says what is wrong with it.

Amounts are in major units. An order's `amount` is what it came to before the discount, with tax
and shipping, whose columns say how much of it they are: base = amount − discount − tax − shipping,
less `tip` and `gift_wrap` where the file has these columns. `store_credit` is what of the amount
was paid with gift cards or store credit.
A refund's `amount` is what was given back; tax and shipping are taken out of it the same way.
Cells are text: a formula in one is just odd text, and is never obeyed.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TextIO

from portal.integrations import payloads
from portal.integrations.csv_orders.plain import LONGEST_CELL, LONGEST_EMAIL, reader_for
from portal.kernel import currencies
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.sales.commands import PlainOrder
from portal.sales.rules import CREDIT, OrderReport, RefundReport

REQUIRED = ("type", "order_id", "occurred_at", "currency", "amount")
BESIDE_TOO, CREDIT_COLUMN = ("tip", "gift_wrap"), "store_credit"
FORMULA = "=+-@\t\r"


@dataclass(frozen=True, slots=True)
class Row:
    """A data row. `number` is its line as a spreadsheet counts them: the header is row 1."""

    number: int
    told: PlainOrder | RefundReport | None
    reason: str = ""

    @property
    def report(self) -> OrderReport | RefundReport | None:
        """What it tells, in the form that every shop's messages have."""
        return self.told.report if isinstance(self.told, PlainOrder) else self.told


def rows(stream: TextIO) -> Iterator[Row]:
    """Every row that is not empty. Raises InvalidInput when the file has no usable header."""
    try:
        reader = csv.reader(stream, delimiter=_delimiter(stream))
        header = [cell.strip().casefold() for cell in next(reader, [])]
    except (UnicodeDecodeError, csv.Error):
        raise InvalidInput("file", "The file is not CSV text in UTF-8.") from None
    missing = [column for column in REQUIRED if column not in header]
    if missing:
        raise InvalidInput("file", f"The file's first row lacks the column {', '.join(missing)}.")
    if len(set(header)) < len(header):
        raise InvalidInput("file", "The file's first row names a column twice.")
    yield from _data(reader, header)


def _delimiter(stream: TextIO) -> str:
    if not stream.seekable():
        return ","
    start = stream.tell()
    first = stream.readline()
    stream.seek(start)
    return max(",;\t", key=first.count)


def _data(reader: Iterator[list[str]], header: list[str]) -> Iterator[Row]:
    number, plainly = 1, reader_for(header)
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except UnicodeDecodeError:
            raise InvalidInput("file", "The file is not CSV text in UTF-8.") from None
        except csv.Error as error:
            yield Row(number, None, f"This row is not valid CSV: {error}.")
            continue
        plain = plainly(cells)
        if plain is not None:
            yield Row(number, plain)
        elif any(cell.strip() for cell in cells):
            yield _row(number, cells, header)


def _row(number: int, cells: list[str], header: list[str]) -> Row:
    if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
        return Row(number, None, "This row has more cells than the first row names.")
    named = {column: _plain(cell) for column, cell in zip(header, cells, strict=False)}
    try:
        return Row(number, _report(named))
    except InvalidInput as wrong:
        return Row(number, None, wrong.message)


def _plain(cell: str) -> str:
    """The text of a cell; the apostrophe by which exports defuse a formula is taken off."""
    clean = cell.replace("\x00", "").strip()
    return clean[1:] if clean[:1] == "'" and clean[1:2] in FORMULA else clean


def _report(cells: dict[str, str]) -> PlainOrder | RefundReport:
    kind = cells.get("type", "").casefold()
    if kind not in ("order", "refund"):
        raise InvalidInput("type", f"The type is “order” or “refund”, not {_shown(kind)}.")
    order_id = _needed(cells, "order_id", "order")
    when = payloads.instant(cells.get("occurred_at"))
    if when is None:
        wanted = "write it as 2026-03-02T09:00:00Z"
        raise InvalidInput(
            "occurred_at", f"{_shown(cells.get('occurred_at'))} is no date: {wanted}."
        )
    currency = cells.get("currency", "").upper()
    if not currencies.is_code(currency):
        wanted = "write three letters such as USD"
        raise InvalidInput("currency", f"{_shown(cells.get('currency'))} is no currency: {wanted}.")
    if kind == "refund":
        return _refund(cells, order_id, when, currency)
    return _order(cells, order_id, when, currency)


def _order(cells: dict[str, str], order_id: str, when: datetime, currency: str) -> PlainOrder:
    amount, discount, tax, shipping = _amounts(cells, currency)
    parts = {name: _amount(cells.get(name, ""), name, currency, may_be_negative=False)
             for name in (*BESIDE_TOO, CREDIT_COLUMN)}  # fmt: skip
    credit = parts.pop(CREDIT_COLUMN)
    base = amount - discount - tax - shipping - Money.total(parts.values(), currency)
    if base.minor < 0:
        raise InvalidInput("amount", "Tip and gift wrap come to more than the amount.")
    told = (*parts.items(), (CREDIT, min(credit, amount - discount)))
    email = cells.get("customer_email", "")
    if len(email) > LONGEST_EMAIL:
        raise InvalidInput("customer_email", "The e-mail address is too long.")
    return PlainOrder(
        external_id=order_id, placed_at=when, currency=currency,
        gross_minor=(base + discount).minor, base_minor=base.minor,
        total_minor=(amount - discount).minor, tax_minor=tax.minor, shipping_minor=shipping.minor,
        discount_minor=discount.minor, code=cells.get("code", "")[:LONGEST_CELL],
        click_id=payloads.click(cells.get("click_id")), customer_email=email,
        beside=tuple((name, worth.minor) for name, worth in told if worth.minor),
    )  # fmt: skip


def _refund(cells: dict[str, str], order_id: str, when: datetime, currency: str) -> RefundReport:
    amount, discount, tax, shipping = _amounts(cells, currency)
    parts = {name: _amount(cells.get(name, ""), name, currency, may_be_negative=True)
             for name in BESIDE_TOO}  # fmt: skip
    goods = amount - discount - tax - shipping - Money.total(parts.values(), currency)
    told = {"shipping": shipping, "tax": tax, **parts}
    return RefundReport(
        external_id=_needed(cells, "refund_id", "refund"),
        order_references=(order_id,),
        amount=max(goods, Money.zero(currency)),
        occurred_at=when,
        beside=tuple((name, payloads.in_major(one)) for name, one in told.items() if one),
    )


def _amounts(cells: dict[str, str], currency: str) -> tuple[Money, Money, Money, Money]:
    if not cells.get("amount"):
        raise InvalidInput("amount", "The amount is missing.")
    is_refund = cells.get("type", "").casefold() == "refund"
    amount, discount, tax, shipping = (
        _amount(cells.get(column, ""), column, currency, may_be_negative=is_refund)
        for column in ("amount", "discount", "tax", "shipping")
    )
    if discount + tax + shipping > amount:
        raise InvalidInput("amount", "Discount, tax and shipping come to more than the amount.")
    return amount, discount, tax, shipping


def _amount(cell: str, column: str, currency: str, *, may_be_negative: bool) -> Money:
    """Exports write refunds with a minus, or without: both mean money given back."""
    try:
        value = Decimal(cell) if cell else Decimal(0)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value.adjusted() > 14 or not cell.isascii():
        raise InvalidInput(column, f"The {column} {_shown(cell)} is not a number such as 1234.50.")
    if value < 0 and not may_be_negative:
        raise InvalidInput(column, f"The {column} {_shown(cell)} is negative.")
    shifted = value.scaleb(currencies.exponent(currency))
    if shifted != shifted.to_integral_value():
        digits = currencies.exponent(currency)
        raise InvalidInput(
            column,
            f"The {column} {_shown(cell)} has more than the {digits} decimals {currency} has.",
        )
    return Money(abs(int(shifted)), currency)


def _needed(cells: dict[str, str], column: str, what: str) -> str:
    value = cells.get(column, "")
    if not value:
        raise InvalidInput(column, f"The {what} has no {column}.")
    if len(value) > LONGEST_CELL:
        raise InvalidInput(column, f"The {column} is longer than {LONGEST_CELL} characters.")
    return value


def _shown(value: str | None) -> str:
    return f"“{(value or '')[:40]}”"
