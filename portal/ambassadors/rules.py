"""Which membership may become what (UX 6.2)."""

from collections.abc import Sequence
from datetime import datetime

from portal.ambassadors.models import MembershipStatus as Status
from portal.kernel.errors import Conflict

_STEPS: dict[str, dict[Status, Status]] = {
    "activate": {Status.ONBOARDING: Status.ACTIVE, Status.TERMS_NEEDED: Status.ACTIVE},
    "pause": {Status.ACTIVE: Status.PAUSED, Status.TERMS_NEEDED: Status.PAUSED},
    "resume": {Status.PAUSED: Status.ACTIVE},
    "reinstate": {
        Status.PAUSED: Status.ACTIVE,
        Status.SUSPENDED: Status.ACTIVE,
        Status.BANNED: Status.ACTIVE,
    },
    "suspend": {Status.ACTIVE: Status.SUSPENDED, Status.PAUSED: Status.SUSPENDED},
    "end": {
        Status.ONBOARDING: Status.ENDED,
        Status.ACTIVE: Status.ENDED,
        Status.PAUSED: Status.ENDED,
        Status.TERMS_NEEDED: Status.ENDED,
        Status.SUSPENDED: Status.ENDED,
    },
}
_WORDS = {"activate": "activated", "pause": "paused", "resume": "resumed", "suspend": "suspended",
          "reinstate": "reinstated"}  # fmt: skip


def next_status(status: Status, action: str) -> Status:
    """The status after an action. Raises Conflict when the present one does not allow it."""
    after = _STEPS[action].get(status)
    if after is None:
        words = status.value.replace("_", " ")
        raise Conflict(f"This membership is {words}; it cannot be {_WORDS.get(action, 'ended')}.")
    return after


def actions_of(status: Status) -> list[str]:
    """What a manager may do with a membership in this status, in the order of the menu."""
    return [action for action in ("pause", "resume", "end") if status in _STEPS[action]]


def standing_at(
    changes: Sequence[tuple[datetime, Status]], instant: datetime
) -> tuple[datetime, Status] | None:
    """Since when which status was held at an instant, from changes in their order (R43).

    A change counts from its own instant on; None before the first.
    """
    past = [step for step in changes if step[0] <= instant]
    return past[-1] if past else None
