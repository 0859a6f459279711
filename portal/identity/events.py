"""What identity announces."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UserRegistered:
    """Somebody has an account now."""

    user_id: int


@dataclass(frozen=True, slots=True)
class SignInCodeRequested:
    """A 6-digit code should be sent to the challenge's address (`queries.code_for`)."""

    challenge_id: int


@dataclass(frozen=True, slots=True)
class StaffInvited:
    """An invitation should be mailed; its link is `queries.invitation_token(invitation_id)`."""

    invitation_id: int
