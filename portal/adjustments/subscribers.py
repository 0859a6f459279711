"""Reactions to commissions."""

from portal.adjustments import commands
from portal.commissions.events import CommissionReversed


def on_commission_reversed(event: CommissionReversed) -> None:
    """What was given up as a debt is given back after all: it is owed no more (R72)."""
    commands.undo_write_offs(event.reversal_id)
