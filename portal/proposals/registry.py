"""What each kind of change does when it takes effect. Handed over once by `app.py`; this room
imports none of the rooms whose policies change."""

from collections.abc import Callable, Mapping
from typing import Any

from portal.proposals.models import Proposal

Effect = Callable[[Proposal, Mapping[str, Any]], None]


class Registry:
    """Kind → what puts it into force: the change as it was decided, and its facts."""

    def __init__(self) -> None:
        self.effects: Mapping[str, Effect] = {}

    def configure(self, effects: Mapping[str, Effect]) -> None:
        """Take the wiring over, whole."""
        self.effects = effects


registry = Registry()
