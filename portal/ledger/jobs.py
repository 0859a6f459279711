"""Slow work: looking at all the books."""

from portal.ledger import commands, queries
from portal.storage.unit_of_work import unit_of_work


def check_books() -> None:
    """Hold every journal and balance against its entries, and keep what was found."""
    wrong = queries.violations()
    with unit_of_work():
        commands.note_check(wrong)
