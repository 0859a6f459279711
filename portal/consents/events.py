"""What consents announces."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TermsProposed:
    """An ambassador is asked whether she accepts terms that take something from her."""

    ambassador_id: int
    terms_id: int


@dataclass(frozen=True, slots=True)
class TiersProposed:
    """The same, of tiers."""

    ambassador_id: int
    ladder_id: int
