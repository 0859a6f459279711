"""Scheduled work."""

from portal.appeals import commands
from portal.storage.unit_of_work import unit_of_work


def tend() -> None:
    """Close what fell silent and tell of what is late, a batch to a transaction."""
    for act in (commands.close_silent, commands.escalate_late):
        done = commands.BATCH
        while done >= commands.BATCH:
            with unit_of_work():
                done = act(commands.BATCH)
