"""A page of a list: keyset cursors, so that page 100 costs what page 1 costs."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from portal.kernel.errors import InvalidInput

PAGE_SIZE = 50
COUNT_CAP = 10_000

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
            raise InvalidInput("cursor", "This page link is not complete. Start at the first page.")
        return value


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
