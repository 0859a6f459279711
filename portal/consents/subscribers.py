"""Reactions to terms that were published."""

from portal.consents import commands
from portal.programs.events import TermsPublished


def on_terms_published(event: TermsPublished) -> None:
    """Whoever they take something from is asked."""
    commands.ask_members(event.terms_id)
