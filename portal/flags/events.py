"""What this room tells the rooms above it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FlagRaised:
    """Something looks wrong; `held` commissions were stopped for it."""

    flag_id: int
    held: int


@dataclass(frozen=True, slots=True)
class FlagDecided:
    """A person decided about all or some of what a flag holds."""

    flag_id: int


@dataclass(frozen=True, slots=True)
class CodeLeaked:
    """A code is treated as leaked from now on: its creator is told, and may have a new one."""

    leak_id: int
