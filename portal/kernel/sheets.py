"""CSV text that a spreadsheet opens without running anything (R149)."""

import csv
import io
from collections.abc import Iterable, Sequence

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
Cell = str | int | None


def neutral(text: str) -> str:
    """A cell of words: one that would be a formula gets an apostrophe before it."""
    is_formula = text.startswith(DANGEROUS) or text.lstrip().startswith(DANGEROUS)
    return f"'{text}" if is_formula else text


def sheet(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A whole file. Words are neutralised; figures come as plain digits and stay as they are."""
    written = io.StringIO()
    csv.writer(written).writerow(head)
    return written.getvalue() + lines(rows)


def lines(rows: Iterable[Sequence[Cell]]) -> str:
    """Some of a file's rows, as `sheet` writes them."""
    written = io.StringIO()
    csv.writer(written).writerows([_cell(value) for value in row] for row in rows)
    return written.getvalue()


def _cell(value: Cell) -> str:
    text = "" if value is None else str(value)
    bare = text.removeprefix("-")
    is_figure = bare.replace(".", "", 1).isdigit() and bare.isascii()
    return text if is_figure else neutral(text)
