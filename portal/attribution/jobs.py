"""Scheduled work."""

from portal.attribution import limit_commands
from portal.storage.unit_of_work import unit_of_work


def exhaust_codes() -> None:
    """End codes that were used as often as their limit allows."""
    with unit_of_work():
        limit_commands.exhaust_codes()
