"""Scheduled work."""

from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.proposals import commands, queries
from portal.storage.unit_of_work import unit_of_work


def end_waits() -> None:
    """Let what waited long enough take effect, one change to a transaction."""
    for proposal_id in queries.due(clock.now()):
        try:
            with unit_of_work():
                commands.end_wait(proposal_id)
        except Conflict:  # somebody decided it in the same moment
            continue
