"""What tax announces."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TaxFormAsked:
    """A brand asks a creator for a form."""

    reminder_id: int


@dataclass(frozen=True, slots=True)
class TaxFormExpiring:
    """A form lapses soon, or has lapsed today."""

    reminder_id: int


@dataclass(frozen=True, slots=True)
class TaxFormRejected:
    """A payer cannot use a form; the decision says why."""

    decision_id: int
    epoch_seconds: int
