"""Scheduled work."""

from portal.click_pay import commands, queries
from portal.jobs.commands import progress
from portal.storage.unit_of_work import unit_of_work

MOST_DAYS = 31  # of one program at a time: nobody waits behind another's year


def close_days() -> None:
    """Close the days that are over, a program's day to a transaction: what was missed while
    nothing ran is caught up with, day by day, a month of each program in one go."""
    with unit_of_work():
        waiting = queries.paying_programs()
    done = 0
    for program_id in waiting:
        for _ in range(MOST_DAYS):
            with unit_of_work():
                if not commands.close_next_day(program_id):
                    break
                done += 1
                progress(done, done)
