"""What applications announces."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ApplicationSubmitted:
    """A creator with a verified e-mail address applied."""

    application_id: int


@dataclass(frozen=True, slots=True)
class ApplicationInfoAsked:
    """A brand asks a creator one more thing; `number` is the question's place among all."""

    application_id: int
    number: int


@dataclass(frozen=True, slots=True)
class ApplicationDecided:
    """A brand approved or declined; leaves after the undo time, and not at all once undone."""

    application_id: int
