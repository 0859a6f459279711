"""Failures on demand: what goes wrong, when, and for which calls."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

from portal.demo.stripe_simulator.call import Call
from portal.demo.stripe_simulator.idempotency import in_use
from portal.demo.stripe_simulator.refusals import Hangup, Invalid

LONGEST_DELAY_SECONDS = 600
ACTIONS = ("drop", "500", "429", "409", "503", "delay")
MOMENTS = ("before", "during", "after")


@dataclass
class Fault:
    """One line of the list; `path` is a prefix, an empty `method` means any."""

    path: str = "/v1/"
    method: str = ""
    when: str = "before"
    action: str = "500"
    delay: float = 0
    skip: int = 0
    times: int = 1
    headers: dict[str, str] = field(default_factory=dict)

    def hits(self, call: Call, when: str) -> bool:
        """Whether this call is struck now; counts down `skip` and `times`."""
        if self.when != when or self.method not in ("", "*", call.method) or self.times < 1:
            return False
        if not call.path.startswith(self.path):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return True

    def strike(self, call: Call) -> None:
        """Raise what the caller is to get; a mere delay raises nothing."""
        if self.action == "drop":
            raise Hangup
        if self.action != "delay":
            refusal = _refusal(int(self.action), call)
            refusal.headers.update(self.headers)
            raise refusal


class Faults:
    """The list now in force. A new list replaces the old one."""

    def __init__(self, wait: Callable[[float], Any]) -> None:
        self._wait = wait
        self._lock = threading.Lock()
        self._list: list[Fault] = []

    def replace(self, given: Any) -> None:
        """Raises Invalid, and changes nothing, when any line cannot be understood."""
        if not isinstance(given, list):
            raise Invalid("Faults come as a list of objects.")
        fresh = [_checked(one) for one in given]
        with self._lock:
            self._list = fresh

    def delayed(self, call: Call, when: str) -> Fault | None:
        """The fault that hits this call at this moment, its delay already waited out."""
        with self._lock:
            fault = next((f for f in self._list if f.hits(call, when)), None)
        if fault is not None and fault.delay:
            self._wait(fault.delay)
        return fault

    def meet(self, call: Call, when: str) -> None:
        """Wait and fail as told; raises Refusal or Hangup when this call is struck."""
        if fault := self.delayed(call, when):
            fault.strike(call)


def _checked(given: Any) -> Fault:
    names = {f.name for f in fields(Fault)}
    if not isinstance(given, dict) or not set(given) <= names:
        raise Invalid(f"A fault is an object with {', '.join(sorted(names))}.")
    fault = Fault(**given)
    if fault.action not in ACTIONS:
        raise Invalid(f"A fault's action is one of {', '.join(ACTIONS)}.")
    if fault.when not in MOMENTS:
        raise Invalid(f"A fault strikes {', '.join(MOMENTS)} the work.")
    counts = (fault.delay, fault.skip, fault.times)
    if not all(isinstance(x, (int, float)) and x >= 0 for x in counts):
        raise Invalid("A fault's delay, skip and times are numbers from 0.")
    if fault.delay > LONGEST_DELAY_SECONDS:
        raise Invalid(f"A fault delays at most {LONGEST_DELAY_SECONDS} seconds.")
    headers = fault.headers if isinstance(fault.headers, dict) else {None: None}
    texts = [fault.path, fault.method, *headers, *headers.values()]
    if not all(isinstance(x, str) and "\n" not in x and "\r" not in x for x in texts):
        raise Invalid("A fault's path, method and headers are one-line texts.")
    return fault


def _refusal(status: int, call: Call) -> Invalid:
    if status == 409:
        return in_use(call.key)
    if status == 429:
        return Invalid("Too many requests at once. Please slow down.", 429, code="rate_limit")
    return Invalid("Sorry, something went wrong on our end.", status, type="api_error")
