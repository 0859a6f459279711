"""CSV files that a spreadsheet opens without running anything (R149)."""

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def neutral(text: str) -> str:
    """A cell of words: one that would be a formula gets an apostrophe before it."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def answer(name: str, head: Sequence[str], rows: Iterable[Sequence[str | int | None]]) -> Response:
    """A download. Words are neutralised; figures must come as plain digits and stay as they are."""
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(head)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    response = Response("\N{ZERO WIDTH NO-BREAK SPACE}" + sheet.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _cell(value: str | int | None) -> str:
    text = "" if value is None else str(value)
    bare = text.removeprefix("-")
    is_figure = bare.replace(".", "", 1).isdigit() and bare.isascii()
    return text if is_figure else neutral(text)
