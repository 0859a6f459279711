"""A rate that is not to be exceeded, as Stripe keeps one: a bucket that holds a second's calls."""

import threading
import time

from portal.demo.stripe_simulator.refusals import Invalid


class Limit:
    """None at first. Calls beyond it are refused with 429, before anything else happens."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._per_second, self._left, self._at = 0, 0.0, 0.0
        self.refused = 0

    def set(self, per_second: int) -> None:
        """At most so many calls a second from now on; 0: as many as come."""
        with self._lock:
            self._per_second, self._left, self._at = per_second, per_second, time.monotonic()
            self.refused = 0

    def take(self) -> None:
        """Count one call. Raises Invalid (429) when this second's are used up."""
        with self._lock:
            if not self._per_second:
                return
            now = time.monotonic()
            more = (now - self._at) * self._per_second
            self._left, self._at = min(self._left + more, self._per_second), now
            if self._left >= 1:
                self._left -= 1
                return
            self.refused += 1
        raise Invalid("Too many requests. Please slow down.", 429, code="rate_limit")
