"""What this room announces."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StatementPublished:
    """A creator's month is out (UX §5, mail 37)."""

    statement_id: int
