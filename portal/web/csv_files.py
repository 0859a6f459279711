"""CSV downloads."""

from collections.abc import Iterable, Sequence

from flask import Response

from portal.kernel.sheets import Cell, sheet


def answer(name: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """A download, in the encoding a spreadsheet expects; cells as `kernel.sheets` writes them."""
    text = "\N{ZERO WIDTH NO-BREAK SPACE}" + sheet(head, rows)
    response = Response(text, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
