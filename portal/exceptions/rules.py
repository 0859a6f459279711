"""What is found, and what may be done with it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.exceptions.models import ExceptionKind, MoneyException
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.money import Money

NEGATIVE_AFTER = timedelta(days=90)
UNMATCHED_AFTER = timedelta(days=1)
UPLOAD_WITHIN = timedelta(days=2)
ANSWER_WITHIN = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Found:
    """One cause that stands now. `subject` names it, so that it is the same one tomorrow."""

    kind: ExceptionKind
    subject: str
    amount: Money
    words: str
    since: datetime
    creator_id: int | None = None
    payout_id: int | None = None

    @property
    def key(self) -> tuple[ExceptionKind, str]:
        return self.kind, self.subject


def check_open(found: MoneyException) -> None:
    """Raises Conflict when it is not open any more."""
    if not found.is_open:
        raise Conflict(f"This exception is {found.status.value} already.")


def checked_note(note: str) -> str:
    """Raises InvalidInput for a resolution that says nothing."""
    if not note.strip():
        raise InvalidInput("note", "Say how it was resolved.")
    return note.strip()
