"""The daily look, a program to a transaction."""

from portal.standings import commands, queries
from portal.storage.unit_of_work import unit_of_work


def look() -> None:
    """Look at every program whose last look is a day old or whose ladder is new, then let the
    lists take effect whose day has come."""
    with unit_of_work():
        waiting = queries.due()
    for program_id in waiting:
        with unit_of_work():
            commands.look_at_program(program_id)
    with unit_of_work():
        commands.run_due()
