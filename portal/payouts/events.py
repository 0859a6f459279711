"""What payouts announces."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PayoutRunSubmitted:
    """A run waits for an approver."""

    run_id: int


@dataclass(frozen=True, slots=True)
class PayoutRunReturned:
    """The approver sent a run back with a comment."""

    run_id: int


@dataclass(frozen=True, slots=True)
class PayoutRunApproved:
    """A run was approved; sending begins."""

    run_id: int


@dataclass(frozen=True, slots=True)
class PayoutRunPaused:
    """Nothing more of a run is sent for now: somebody (`by`) paused it, or its rail holds too
    little. A run can be paused again later; `epoch_seconds` tells one time from another."""

    run_id: int
    by: int | None
    epoch_seconds: int


@dataclass(frozen=True, slots=True)
class PayoutRunDiffers:
    """What the books say of a run and what its rails say differ by so much, or by another sum
    than before."""

    run_id: int
    difference_minor: int


@dataclass(frozen=True, slots=True)
class PayoutRunFinished:
    """Every payout of a run has an end."""

    run_id: int


@dataclass(frozen=True, slots=True)
class PayoutSent:
    """The rail moved the money (or a person confirmed that it went another way)."""

    payout_id: int


@dataclass(frozen=True, slots=True)
class StoreCreditIssued:
    """A payout became store credit in the books; a shop integration may hand it out under
    `reference`, once."""

    payout_id: int
    reference: str


@dataclass(frozen=True, slots=True)
class PayoutFailed:
    """The rail refused; the money is payable again. `is_creators_to_fix`: she can do something."""

    payout_id: int
    is_creators_to_fix: bool


@dataclass(frozen=True, slots=True)
class PayoutReturned:
    """Money that was sent came back and is payable again."""

    payout_id: int
