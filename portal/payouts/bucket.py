"""A rail's documented rate, kept by each process: `pace` divides it among processes."""

import threading
import time
from functools import cache

CREDIT_SECONDS = 0.25


class TokenBucket:
    """At most so many calls a second from this process; waits for its turn.

    Turns that nobody wanted in the last quarter of a second are not lost: a rail counts by the
    second, and a thread that slept a little too long must not lower the rate for good.
    """

    def __init__(self, per_second: int) -> None:
        self._gap, self._next, self._lock = 1 / per_second, 0.0, threading.Lock()

    def take(self) -> None:
        """Return when the next call may be made."""
        with self._lock:
            now = time.monotonic()
            turn = max(self._next, now - CREDIT_SECONDS)
            self._next = turn + self._gap
        if turn > now:
            time.sleep(turn - now)


@cache
def bucket_for(per_second: int) -> TokenBucket:
    """The bucket of all rails with this rate, one for the process."""
    return TokenBucket(per_second)
