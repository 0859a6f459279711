"""What ambassadors announces."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AmbassadorEnrolled:
    """A creator was accepted into a program; she has not yet accepted its agreement."""

    ambassador_id: int


@dataclass(frozen=True, slots=True)
class AgreementAccepted:
    """An ambassador accepted the agreement; code and link are active from now on."""

    ambassador_id: int


@dataclass(frozen=True, slots=True)
class AmbassadorEnded:
    """A membership ended; orders from now on earn nothing."""

    ambassador_id: int
