"""Scheduled work."""

from portal.storage.unit_of_work import unit_of_work
from portal.tracking import commands


def retire_replaced() -> None:
    """Show replaced codes as retired once their grace is over."""
    with unit_of_work():
        commands.retire_replaced()
