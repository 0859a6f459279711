"""CSV downloads."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from flask import Response, stream_with_context

from portal.kernel.sheets import Cell, lines, sheet

ROWS_AT_ONCE = 1_000


def answer(name: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """A download, in the encoding a spreadsheet expects; cells as `kernel.sheets` writes them."""
    return _named(name, "\N{ZERO WIDTH NO-BREAK SPACE}" + sheet(head, rows))


def stream(name: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """`answer` for a file of any length: rows go out as they are read, a thousand at a time."""

    def parts() -> Iterator[str]:
        yield "\N{ZERO WIDTH NO-BREAK SPACE}" + sheet(head, ())
        left = iter(rows)
        while some := list(islice(left, ROWS_AT_ONCE)):
            yield lines(some)

    return _named(name, stream_with_context(parts()))


def _named(name: str, body: str | Iterator[str]) -> Response:
    response = Response(body, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
