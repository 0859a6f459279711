"""Reactions to terms and tiers that were published."""

from portal.consents import commands
from portal.consents.subjects import TIERS
from portal.programs import queries as programs
from portal.programs.events import TermsPublished
from portal.tiers import queries as tiers
from portal.tiers.events import LadderPublished


def on_terms_published(event: TermsPublished) -> None:
    """Whoever they take something from is asked."""
    commands.ask_members(programs.terms(event.terms_id))


def on_ladder_published(event: LadderPublished) -> None:
    """Whoever it takes something from is asked."""
    commands.ask_members(tiers.ladder_row(event.ladder_id), TIERS)
