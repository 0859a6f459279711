"""Scheduled work."""

from portal.commissions import commands
from portal.storage.unit_of_work import unit_of_work


def mature_due() -> None:
    """Make everything payable whose hold has ended, a batch to a transaction."""
    while True:
        with unit_of_work():
            matured = commands.mature_due(commands.BATCH)
        if matured < commands.BATCH:
            return
