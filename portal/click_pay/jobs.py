"""Scheduled work."""

from portal.click_pay import commands, queries
from portal.storage.unit_of_work import unit_of_work


def close_days() -> None:
    """Close every day that is over, a program's day to a transaction: what was missed while
    nothing ran is caught up with, day by day."""
    with unit_of_work():
        waiting = queries.paying_programs()
    for program_id in waiting:
        is_behind = True
        while is_behind:
            with unit_of_work():
                is_behind = commands.close_next_day(program_id)
