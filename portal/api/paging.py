"""Cursors of the interface: opaque outside. They name the last row seen, so a list stays whole
while rows are added.
"""

from datetime import datetime

from portal.kernel.pages import cursor_of


def cursor(*values: datetime | int) -> str:
    """The cursor that starts after a row with these sort values."""
    return cursor_of(*(v.isoformat() if isinstance(v, datetime) else v for v in values))
