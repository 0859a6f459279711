"""Reactions to commissions."""

from collections.abc import Sequence

from portal.commissions.events import CommissionEarned, CommissionReleased
from portal.flags import commands, leak_commands


def on_commission_is_new(event: CommissionEarned) -> None:
    """Withhold it when it came by a leaked code after its creator was told, or by clicks in
    doubt."""
    on_commissions_are_new([event])


def on_commissions_are_new(events: Sequence[CommissionEarned]) -> None:
    """The same for many."""
    ids = [event.commission_id for event in events]
    leak_commands.withhold(ids)
    commands.withhold_clicks(ids)


def on_commission_released(event: CommissionReleased) -> None:
    """What was released elsewhere is decided."""
    commands.follow(event.commission_id)
