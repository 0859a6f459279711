"""The whole wiring of events: which room reacts to what. Read top to bottom: one order's story."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

SUBSCRIPTIONS: Mapping[type, Sequence[Callable[[Any], None]]] = {}
