"""Who writes to a SQLite file next: threads and processes, each in turn.

SQLite lets one writer in and makes the others look again after some sleep, so a worker that writes
without pause would keep every other process out for good. Here whoever has written goes to the end
of the row (tests/rooms/storage/test_write_turns.py). A killed process gives up its place at once.
"""

import fcntl
import os
import time
from collections import deque
from contextlib import suppress
from functools import cache
from threading import Lock

LOOK_AGAIN_SECONDS = 0.001


@cache
def turns_of(file: str) -> "Turns":
    """The turns of a SQLite file, one object in a process."""
    return Turns(file)


class Turns:
    """The row in front of one file. Threads of a process stand in a row of their own, its first
    stands among the processes: it takes the place `-next`, then the pen `-turn`, then gives the
    place free. Whoever lays the pen down finds the place taken by somebody who waits."""

    def __init__(self, file: str) -> None:
        self._line = _Line()
        self._place, self._pen = f"{file}-next", f"{file}-turn"
        self._held = -1

    def take(self, seconds: float) -> bool:
        """Wait for the turn; False when it did not come within so many seconds."""
        until = time.monotonic() + seconds
        if not self._line.take(seconds):
            return False
        try:
            self._held = self._pen_by(until)
        finally:
            if self._held < 0:
                self._line.give()
        return self._held >= 0

    def give(self) -> None:
        """Let the next one write."""
        held, self._held = self._held, -1
        os.close(held)
        self._line.give()

    def _pen_by(self, until: float) -> int:
        place = _locked(self._place, until)
        if place < 0:
            return place
        try:
            return _locked(self._pen, until)
        finally:
            os.close(place)


class _Line:
    """A lock that is handed to whoever has waited longest; threading's goes to whoever is quick."""

    def __init__(self) -> None:
        self._guard, self._waiting, self._is_taken = Lock(), deque[Lock](), False

    def take(self, seconds: float) -> bool:
        mine = Lock()
        mine.acquire()
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return True
            self._waiting.append(mine)
        if mine.acquire(timeout=seconds):
            return True
        with self._guard:
            if mine not in self._waiting:
                return True  # it came in this very moment
            self._waiting.remove(mine)
            return False

    def give(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False


def _locked(file: str, until: float) -> int:
    """The open file, locked by nobody else; below zero when that took too long."""
    opened = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return opened
        if time.monotonic() >= until:
            os.close(opened)
            return -1
        time.sleep(LOOK_AGAIN_SECONDS)
