"""Reactions to commissions."""

from collections.abc import Sequence

from portal.commissions.events import CommissionEarned, CommissionReleased
from portal.flags import commands, leak_commands


def on_commission_is_new(event: CommissionEarned) -> None:
    """Withhold it when it came by a leaked code after its creator was told."""
    leak_commands.withhold([event.commission_id])


def on_commissions_are_new(events: Sequence[CommissionEarned]) -> None:
    """The same for many."""
    leak_commands.withhold([event.commission_id for event in events])


def on_commission_released(event: CommissionReleased) -> None:
    """What was released elsewhere is decided."""
    commands.follow(event.commission_id)
