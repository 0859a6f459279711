"""What lies ahead of a code: the start and the end of its validity, the end of its grace."""

from dataclasses import dataclass
from datetime import datetime

from portal.kernel.errors import InvalidInput
from portal.tracking.models import CodeStatus

MOST_USES = 1_000_000_000
OVER = (CodeStatus.RETIRED, CodeStatus.EXPIRED, CodeStatus.EXHAUSTED)
Ahead = tuple[datetime, CodeStatus, str]


@dataclass(frozen=True, slots=True)
class Validity:
    """When a code may be used, from inclusive and until exclusive, and how often."""

    valid_from: datetime | None = None
    valid_until: datetime | None = None
    use_limit: int | None = None


def checked(validity: Validity, now: datetime) -> Validity:
    """A validity as it is stored. Raises InvalidInput for one that no day could fall into."""
    begins, ends, limit = validity.valid_from, validity.valid_until, validity.use_limit
    if ends is not None and ends <= now:
        raise InvalidInput("until_on", "The last day lies in the past.")
    if begins is not None and ends is not None and ends <= begins:
        raise InvalidInput("until_on", "The last day comes before the first.")
    if limit is not None and not 1 <= limit <= MOST_USES:
        raise InvalidInput("use_limit", "A limit is a number of orders, at least 1.")
    return validity


def changes_ahead(
    status: CodeStatus, validity: Validity, now: datetime, *, is_activated: bool,
    grace_ends_at: datetime | None = None,
) -> list[Ahead]:  # fmt: skip
    """(at, status, reason) of every change still to come for a code as it stands, oldest first.

    A code that waits for its first day is reserved, though it was activated.
    """
    if status in OVER or not is_activated:
        return []
    found: list[Ahead] = []
    begins, ends = validity.valid_from, validity.valid_until
    if status is CodeStatus.RESERVED and begins is not None and begins > now:
        found.append((begins, CodeStatus.ACTIVE, "validity begins"))
    grace = grace_ends_at if status is CodeStatus.REPLACED else None
    if grace is not None and grace > now and (ends is None or grace <= ends):
        found.append((grace, CodeStatus.RETIRED, "grace over"))
    elif ends is not None and ends > now:
        found.append((ends, CodeStatus.EXPIRED, "validity over"))
    return found


def first_status(validity: Validity, now: datetime) -> CodeStatus:
    """What activating a code makes of it: active, or reserved until its first day."""
    waits = validity.valid_from is not None and validity.valid_from > now
    return CodeStatus.RESERVED if waits else CodeStatus.ACTIVE
