"""Reactions to applications, and to what becomes of sales."""

from collections.abc import Sequence

from portal.applications.events import ApplicationSubmitted
from portal.commissions.events import (
    CommissionEarned,
    CommissionHeld,
    CommissionHoldMoved,
    CommissionReleased,
    CommissionReversed,
)
from portal.referrals import commands, share_commands


def on_application_submitted(event: ApplicationSubmitted) -> None:
    """Whoever invited her is fixed now (R82)."""
    commands.fix_recruiter(event.application_id)


def on_commission_earned(event: CommissionEarned) -> None:
    """A sale earned: so do those who recruited."""
    share_commands.earn([event.commission_id])


def on_commissions_earned(events: Sequence[CommissionEarned]) -> None:
    """The same for many."""
    share_commands.earn([event.commission_id for event in events])


def on_commission_reversed(event: CommissionReversed) -> None:
    share_commands.follow(event.commission_id)


def on_commission_held(event: CommissionHeld) -> None:
    share_commands.follow(event.commission_id)


def on_commission_released(event: CommissionReleased) -> None:
    share_commands.follow(event.commission_id)


def on_commission_hold_moved(event: CommissionHoldMoved) -> None:
    share_commands.follow(event.commission_id)
