"""What this room announces; ids and primitives only."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BriefSubmitted:
    """A draft waits for a manager's approval."""

    brief_id: int


@dataclass(frozen=True, slots=True)
class BriefPublished:
    """A brief is open; its invitations are announced one by one."""

    brief_id: int


@dataclass(frozen=True, slots=True)
class AssignmentInvited:
    """An ambassador was asked to deliver a brief (mail 23)."""

    assignment_id: int


@dataclass(frozen=True, slots=True)
class SubmissionSent:
    """A version waits for review."""

    submission_id: int


@dataclass(frozen=True, slots=True)
class ChangesRequested:
    """A reviewer asks for changes: one mail with all open comments."""

    submission_id: int


@dataclass(frozen=True, slots=True)
class SubmissionApproved:
    """A version was approved."""

    submission_id: int


@dataclass(frozen=True, slots=True)
class SubmissionRejected:
    """A version was rejected and its assignment ended."""

    submission_id: int


@dataclass(frozen=True, slots=True)
class AssignmentCompleted:
    """The work is done and its fee is owed. Announced exactly once per assignment."""

    assignment_id: int
    brand_id: int
    creator_id: int
    ambassador_id: int
    amount_minor: int
    currency: str
    hold_days: int = 0


@dataclass(frozen=True, slots=True)
class AssignmentCancelled:
    """A brand called accepted work off; what is owed for it may be nothing (R119)."""

    assignment_id: int
    brand_id: int
    creator_id: int
    ambassador_id: int
    amount_minor: int
    currency: str
    hold_days: int = 0
