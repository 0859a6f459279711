"""Cursors of the interface: opaque outside, checked inside, so that a made-up one is refused in
words. They name the last row seen, so a list stays whole while rows are added.
"""

from datetime import datetime

from portal.kernel.errors import InvalidInput
from portal.kernel.pages import PageRequest, cursor_of

MOST_ROW_ID = (1 << 63) - 1


def cursor(*values: datetime | int) -> str:
    """The cursor that starts after a row with these sort values."""
    return cursor_of(*(v.isoformat() if isinstance(v, datetime) else v for v in values))


def row_position(text: str | None) -> int | None:
    """The row id that a cursor of a list in order of ids names; None for the first page.

    Raises InvalidInput for a cursor that is not of such a list.
    """
    position = PageRequest(text).position()
    if position is None:
        return None
    if len(position) != 1:
        raise _made_up()
    return _row_id(position[0])


def moment_position(text: str | None) -> tuple[datetime, int] | None:
    """The instant and row id that a cursor of a list in order of instants names."""
    position = PageRequest(text).position()
    if position is None:
        return None
    if len(position) != 2 or not isinstance(position[0], str):
        raise _made_up()
    try:
        at = datetime.fromisoformat(position[0])
    except ValueError:
        raise _made_up() from None
    if at.tzinfo is None or not 1900 < at.year < 9000:
        raise _made_up()
    return at, _row_id(position[1])


def _row_id(value: str | int) -> int:
    if not isinstance(value, int) or not 0 < value <= MOST_ROW_ID:
        raise _made_up()
    return value


def _made_up() -> InvalidInput:
    return InvalidInput("cursor", "This cursor is not of this list. Start at the first page.")
