"""One commit for several requests of a process that want the same thing at the same moment.

A commit waits for the disk. Whoever comes while another's commit is under way queues up, and the
first in the queue does the work of all of them in one unit of work (PERFORMANCE §B).
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Generic, TypeVar, cast

from portal.storage.unit_of_work import unit_of_work

Asked = TypeVar("Asked")
Given = TypeVar("Given")


class _Wish:
    """What one thread asked for, and what became of it."""

    def __init__(self, asked: Any) -> None:
        self.asked = asked
        self.given: Any = None
        self.trouble: Exception | None = None
        self.is_taken = self.is_done = False
        self.news = threading.Lock()  # held until it is done, or its thread is to serve
        self.news.acquire()


class SharedUnit(Generic[Asked, Given]):
    """`do` is what one unit of work does for many; it gives one answer for each, in order.

    `within` is entered around each unit: an application context, where who asks has none.
    """

    def __init__(
        self,
        do: Callable[[Sequence[Asked]], Sequence[Given]],
        within: Callable[[], AbstractContextManager[Any]] = nullcontext,
    ) -> None:
        self._do, self._within = do, within
        self._guard = threading.Lock()
        self._waiting: list[_Wish] = []
        self._has_server = False

    def ask(self, asked: Asked) -> Given:
        """The answer, once it is committed. Raises what `do` raises for this one by itself."""
        mine = _Wish(asked)
        with self._guard:
            self._waiting.append(mine)
            is_first, self._has_server = not self._has_server, True
        if not is_first:
            mine.news.acquire()
        if not mine.is_taken:
            self._serve()
        if mine.trouble is not None:
            raise mine.trouble
        if not mine.is_done:
            raise RuntimeError("The unit of work that was shared ended before it was committed.")
        return cast("Given", mine.given)

    def _serve(self) -> None:
        """One unit for all that wait; then they are woken, and the next in line serves.

        Nobody who is served queues up again: that would make the next group small.
        """
        wishes: list[_Wish] = []
        try:
            self._unit(wishes)
        except Exception as trouble:
            has_begun = bool(wishes)
            wishes = wishes or self._take()
            for wish in wishes:
                wish.trouble = trouble
                if has_begun and len(wishes) > 1:  # one of them is it: the others must not suffer
                    self._alone(wish)
        finally:
            for wish in wishes or self._take():
                wish.news.release()
            with self._guard:
                self._has_server = bool(self._waiting)
                if self._has_server:
                    self._waiting[0].news.release()

    def _take(self) -> list[_Wish]:
        with self._guard:
            wishes, self._waiting = self._waiting, []
        for wish in wishes:
            wish.is_taken = True
        return wishes

    def _alone(self, wish: _Wish) -> None:
        try:
            self._unit([wish])
        except Exception as trouble:
            wish.trouble = trouble
        else:
            wish.trouble = None

    def _unit(self, wishes: list[_Wish]) -> None:
        """Serve these; an empty list is filled once the unit is open: late comers are in it."""
        with self._within(), unit_of_work():
            if not wishes:
                wishes += self._take()
            answers = self._do([wish.asked for wish in wishes])
        for wish, given in zip(wishes, answers, strict=True):
            wish.given, wish.is_done = given, True
