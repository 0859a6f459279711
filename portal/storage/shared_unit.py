"""One commit for several requests of a process that want the same thing at the same moment.

A commit waits for the disk. Whoever comes while another's commit is under way queues up, and the
first in the queue does the work of all of them in one unit of work (PERFORMANCE §B).
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from portal.storage.unit_of_work import unit_of_work

Asked = TypeVar("Asked")
Given = TypeVar("Given")


@dataclass(slots=True)
class _Wish:
    asked: Any
    given: Any = None
    trouble: BaseException | None = None
    is_done: bool = False


class SharedUnit(Generic[Asked, Given]):
    """`do` is what one unit of work does for many; it gives one answer for each, in order."""

    def __init__(self, do: Callable[[Sequence[Asked]], Sequence[Given]]) -> None:
        self._do = do
        self._turn = threading.Lock()
        self._guard = threading.Lock()
        self._waiting: list[_Wish] = []

    def ask(self, asked: Asked) -> Given:
        """The answer, once it is committed. Raises what `do` raises for this one by itself."""
        mine = _Wish(asked)
        with self._guard:
            self._waiting.append(mine)
        with self._turn:
            if not mine.is_done:
                self._serve()
        if mine.trouble is not None:
            raise mine.trouble
        if not mine.is_done:
            raise RuntimeError("The unit of work that was shared ended before it was committed.")
        return cast("Given", mine.given)

    def _serve(self) -> None:
        with self._guard:
            wishes, self._waiting = self._waiting, []
        try:
            self._unit(wishes)
        except Exception:
            if len(wishes) == 1:
                raise
            for wish in wishes:  # one of them is the trouble: the others must not suffer
                self._alone(wish)

    def _alone(self, wish: _Wish) -> None:
        try:
            self._unit([wish])
        except Exception as trouble:
            wish.trouble, wish.is_done = trouble, True

    def _unit(self, wishes: Sequence[_Wish]) -> None:
        with unit_of_work():
            answers = self._do([wish.asked for wish in wishes])
        for wish, given in zip(wishes, answers, strict=True):
            wish.given, wish.is_done = given, True
