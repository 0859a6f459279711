"""Tidying that nobody presses a button for."""

from portal.applications import bulk_commands, commands
from portal.storage.unit_of_work import unit_of_work


def tidy() -> None:
    """Close what nobody answered in 60 days, forget drafts that nobody sent in 30 (UX 6.1)."""
    with unit_of_work():
        commands.expire_unanswered()
    with unit_of_work():
        commands.purge_drafts()


def decide_each(bulk_id: int) -> None:
    """Go through a decision about many, one application to a transaction."""
    is_more = True
    while is_more:
        with unit_of_work():
            is_more = bulk_commands.decide_next(bulk_id)
