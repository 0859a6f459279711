"""Reactions to work that was done, and to what becomes of sales."""

from portal.briefs import queries as briefs
from portal.briefs.events import AssignmentCompleted
from portal.commissions import queries as commissions
from portal.commissions.events import CommissionReversed
from portal.commissions.models import CommissionKind
from portal.rewards import commands, queries, sales_commands


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


def on_commission_reversed(event: CommissionReversed) -> None:
    """A sale became less, or more again: so do the points it gave."""
    sale = commissions.commission(event.commission_id)
    if sale.kind is CommissionKind.SALE and sale.payable_at is not None:
        sales_commands.settle_points(sale.brand_id, [sale.ambassador_id])
