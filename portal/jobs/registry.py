"""What each job name does. Handed over once by `app.py`; this room imports no other room."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Subscriber = Callable[[Any], None]
Together = Callable[[Sequence[Any]], None]
JobFunction = Callable[..., None]


def name_of(function: Callable[..., Any]) -> str:
    """ "attribution.on_order_recorded" for portal.attribution.subscribers.on_order_recorded."""
    return f"{function.__module__.split('.')[1]}.{function.__name__}"


@dataclass(frozen=True, slots=True)
class Reaction:
    """One subscriber of one event: runs inside the worker's unit of work.

    `together`, where a room has one, does for many events what `function` does for each, in a few
    set statements; the worker falls back to `function` when it raises.
    """

    event_type: type
    function: Subscriber
    together: Together | None = None


class Registry:
    """The wiring: event type → subscriber names; job name → function; job name → seconds."""

    def __init__(self) -> None:
        self.subscribers: dict[type, list[str]] = {}
        self.reactions: dict[str, Reaction] = {}
        self.functions: dict[str, JobFunction] = {}
        self.schedule: dict[str, int] = {}

    def configure(
        self,
        subscriptions: Mapping[type, Sequence[Subscriber]],
        functions: Mapping[str, JobFunction],
        schedule: Mapping[str, int],
        together: Mapping[Subscriber, Together] | None = None,
    ) -> None:
        """Replace the wiring. Every scheduled job must be a known function (KeyError)."""
        self.subscribers, self.reactions = {}, {}
        for event_type, reactions in subscriptions.items():
            for function in reactions:
                name = f"{name_of(function)}"
                self.subscribers.setdefault(event_type, []).append(name)
                in_sets = (together or {}).get(function)
                self.reactions[name] = Reaction(event_type, function, in_sets)
        self.functions = dict(functions)
        unknown = set(schedule) - set(functions)
        if unknown:
            raise KeyError(f"Scheduled, but no such job: {sorted(unknown)}")
        self.schedule = dict(schedule)


registry = Registry()
