"""What this room tells the rooms above it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AppealOpened:
    """A creator objects, for the first time or once more."""

    appeal_id: int


@dataclass(frozen=True, slots=True)
class AppealAnswered:
    """One side wrote to the other; `message_id` says what."""

    appeal_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class AppealPutForward:
    """The decision moves more than the limit: finance must agree."""

    appeal_id: int


@dataclass(frozen=True, slots=True)
class AppealOverdue:
    """Nobody has answered in time."""

    appeal_id: int


@dataclass(frozen=True, slots=True)
class AppealDecided:
    """Upheld, partly upheld, rejected, or closed because the creator fell silent."""

    appeal_id: int
