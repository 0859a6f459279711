"""What programs announces."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TermsPublished:
    """A new version of a program's commission terms will be in force from its date on."""

    terms_id: int
