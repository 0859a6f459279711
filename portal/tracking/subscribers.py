"""Reactions to memberships."""

from portal.ambassadors.events import AmbassadorEnded
from portal.tracking import commands


def on_ambassador_ended(event: AmbassadorEnded) -> None:
    """A membership is over: its codes stop for ever, its links lead to the program's page."""
    commands.end_all(event.ambassador_id)
