"""Tidying that nobody presses a button for."""

from portal.applications import commands
from portal.storage.unit_of_work import unit_of_work


def tidy() -> None:
    """Close what nobody answered in 60 days, forget drafts that nobody sent in 30 (UX 6.1)."""
    with unit_of_work():
        commands.expire_unanswered()
    with unit_of_work():
        commands.purge_drafts()
