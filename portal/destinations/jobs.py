"""Reminders that money waits for a destination."""

from portal.destinations import commands
from portal.kernel import clock
from portal.storage.unit_of_work import unit_of_work


def remind() -> None:
    """Announce the reminders that are due (R90)."""
    with unit_of_work():
        commands.remind(clock.now())
