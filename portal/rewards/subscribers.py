"""Reactions to work that was done."""

from portal.briefs import queries as briefs
from portal.briefs.events import AssignmentCompleted
from portal.rewards import commands, queries


def on_assignment_completed(event: AssignmentCompleted) -> None:
    """What the brief gives beside its fee, once for each assignment; what has run out or is given
    no more is left out."""
    assignment = briefs.assignment(event.assignment_id)
    for promised, item in queries.rewards_of_brief(assignment.brief_id):
        if item.is_active and (item.stock is None or item.stock >= promised.quantity):
            commands.give(
                item.id, assignment.creator_id, promised.quantity,
                source=f"brief:{assignment.id}:{item.id}", note="For a completed brief",
            )  # fmt: skip
