"""A page of a list: keyset cursors, so that page 100 costs what page 1 costs."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from portal.kernel.errors import InvalidInput

PAGE_SIZE = 50
COUNT_CAP = 10_000
MOST_ROW_ID = (1 << 63) - 1

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What of a list is asked for. `after` is a cursor of a former page, or None for the first."""

    after: str | None = None
    size: int = PAGE_SIZE

    def position(self) -> list[str | int] | None:
        """The sort values of the last row seen. Raises InvalidInput for a made-up cursor."""
        if not self.after:
            return None
        try:
            value = json.loads(base64.urlsafe_b64decode(self.after.encode() + b"=="))
        except (ValueError, binascii.Error):
            value = None
        if not isinstance(value, list) or not all(type(v) in (str, int) for v in value):
            raise _made_up()
        return value

    def row_id(self) -> int | None:
        """The last row seen, of a list in order of row ids; None for the first page. Raises
        InvalidInput for a cursor that no such list gave."""
        position = self.position()
        return None if position is None else _row_id(position, 1)

    def part_and_row_id(self) -> tuple[bool, int] | None:
        """Whether the last row was of the part that is shown first, and its row id, of a list in
        two parts; as `row_id`."""
        position = self.position()
        if position is None:
            return None
        row_id = _row_id(position, 2)
        if position[0] not in (0, 1):
            raise _made_up()
        return position[0] == 1, row_id

    def moment(self) -> tuple[datetime, int] | None:
        """The last row's instant and row id, of a list in order of instants; as `row_id`."""
        position = self.position()
        if position is None:
            return None
        row_id = _row_id(position, 2)
        return _instant(position[0]), row_id

    def moment_and_rank(self) -> tuple[datetime, int, int] | None:
        """The last row's instant, rank and row id, of a list of several kinds in order of
        instants; as `row_id`."""
        position = self.position()
        if position is None:
            return None
        row_id, rank = _row_id(position, 3), position[1]
        if not isinstance(rank, int) or not 0 <= rank <= MOST_ROW_ID:
            raise _made_up()
        return _instant(position[0]), rank, row_id


def _row_id(position: Sequence[str | int], values: int) -> int:
    last = position[-1] if len(position) == values else None
    if not isinstance(last, int) or not 0 < last <= MOST_ROW_ID:
        raise _made_up()
    return last


def _instant(word: str | int) -> datetime:
    try:
        at = datetime.fromisoformat(str(word))
    except ValueError:
        raise _made_up() from None
    if at.tzinfo is None or not 1900 < at.year < 9000:
        raise _made_up()
    return at


def _made_up() -> InvalidInput:
    return InvalidInput("cursor", "This page link is not complete. Start at the first page.")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows, the cursor of the next page (None on the last) and a capped total count."""

    rows: Sequence[Row]
    next_cursor: str | None
    total: int
    is_first: bool = True

    @property
    def total_words(self) -> str:
        """The count as shown: "5,012", or "10,000+" when it was capped (PERFORMANCE §D)."""
        return f"{COUNT_CAP:,}+" if self.total > COUNT_CAP else f"{self.total:,}"


def cursor_of(*values: str | int) -> str:
    """The cursor that starts after a row with these sort values."""
    raw = json.dumps(list(values), separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
