"""Reactions to what lower rooms announce."""

from portal.ambassadors.events import AgreementAccepted, AmbassadorEnded
from portal.briefs import commands


def on_agreement_accepted(event: AgreementAccepted) -> None:
    """A new member is invited to the briefs that are open."""
    commands.invite_newcomer(event.ambassador_id)


def on_ambassador_ended(event: AmbassadorEnded) -> None:
    """Who has left is no longer asked."""
    commands.withdraw_invitations(event.ambassador_id)
