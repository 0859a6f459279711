"""The daily look and the true-ups of open periods, a program to a transaction."""

from portal.standings import commands, queries, true_ups
from portal.storage.unit_of_work import unit_of_work
from portal.tiers import queries as tiers


def look() -> None:
    """Look at every program whose last look is a day old or whose ladder is new, then let the
    lists take effect whose day has come, then bring true-ups to what is approved by now."""
    with unit_of_work():
        waiting = queries.due()
    for program_id in waiting:
        with unit_of_work():
            commands.look_at_program(program_id)
    with unit_of_work():
        due = queries.lists_due()
    for list_id in due:
        with unit_of_work():
            commands.run_due(list_id)
    for program_id in tiers.tiered_programs():
        with unit_of_work():
            true_ups.settle_program(program_id)
