"""Several threads that want the same slow thing at the same moment share one doing of it.

Whoever comes while it is under way waits; then the first of those does it for all of them. Who was
served is woken once and goes, so the groups are as large as the load makes them.
"""

import threading
from collections.abc import Callable
from typing import Any


class Wish:
    """What one thread asked for, and what became of it."""

    def __init__(self, asked: Any) -> None:
        self.asked = asked
        self.given: Any = None
        self.trouble: Exception | None = None
        self.is_taken = self.is_done = False
        self.news = threading.Lock()  # held until it is done, or its thread is to serve
        self.news.acquire()


Take = Callable[[], list[Wish]]


class SharedTurn:
    """`serve` is called with what gives it all wishes that wait by then, once, and marks them done.

    What it raises is the trouble of every wish it took and left undone.
    """

    def __init__(self, serve: Callable[[Take], None]) -> None:
        self._serve = serve
        self._guard = threading.Lock()
        self._waiting: list[Wish] = []
        self._has_server = False

    def ask(self, asked: Any = None) -> Any:
        """What was given for this wish. Raises its trouble, or RuntimeError when it was left."""
        mine = Wish(asked)
        with self._guard:
            self._waiting.append(mine)
            is_first, self._has_server = not self._has_server, True
        if not is_first:
            mine.news.acquire()
        if not mine.is_taken:
            self._take_turn()
        if mine.trouble is not None:
            raise mine.trouble
        if not mine.is_done:
            raise RuntimeError("What was shared ended before it was done.")
        return mine.given

    def _take_turn(self) -> None:
        taken: list[Wish] = []

        def take() -> list[Wish]:
            with self._guard:
                taken[:], self._waiting = self._waiting, []
            for wish in taken:
                wish.is_taken = True
            return taken

        try:
            self._serve(take)
        except Exception as trouble:
            for wish in taken or take():
                if not wish.is_done and wish.trouble is None:
                    wish.trouble = trouble
        finally:
            for wish in taken or take():
                wish.news.release()
            with self._guard:
                self._has_server = bool(self._waiting)
                if self._has_server:
                    self._waiting[0].news.release()
