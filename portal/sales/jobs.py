"""Scheduled work of this room."""

from portal.sales import commands, matching
from portal.storage.unit_of_work import end_read, unit_of_work


def match_waiting() -> None:
    """Attach refunds and disputes parked in the very moment their order was recorded elsewhere."""
    end_read()
    if not matching.waiting_for_known_orders(1):
        return
    with unit_of_work():
        commands.match_waiting()
