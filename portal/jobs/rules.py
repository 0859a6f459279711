"""When a job is tried again, and when we give up."""

from datetime import datetime, timedelta

MAX_ATTEMPTS = 12
FIRST_DELAY_SECONDS = 2
LONGEST_DELAY_SECONDS = 3600


def next_try(now: datetime, attempt: int) -> datetime | None:
    """When to run again after a failed attempt (1-based), doubling from 2 s up to an hour.

    None after the twelfth: a person must look (the operator's page can replay it).
    """
    if attempt >= MAX_ATTEMPTS:
        return None
    seconds = min(FIRST_DELAY_SECONDS * 2 ** (attempt - 1), LONGEST_DELAY_SECONDS)
    return now + timedelta(seconds=seconds)


def next_slot(now: datetime, every_seconds: int) -> datetime:
    """The next whole multiple of an interval since the epoch: all workers agree on it."""
    slot = (int(now.timestamp()) // every_seconds + 1) * every_seconds
    return datetime.fromtimestamp(slot, tz=now.tzinfo)
