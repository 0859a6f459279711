"""One commit for several requests of a process that want the same thing at the same moment.

A commit waits for the disk. Whoever comes while another's commit is under way queues up, and the
first in the queue does the work of all of them in one unit of work (PERFORMANCE §B).
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Generic, TypeVar, cast

from portal.kernel.turns import SharedTurn, Take, Wish
from portal.storage.unit_of_work import unit_of_work

Asked = TypeVar("Asked")
Given = TypeVar("Given")


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
        self._turn = SharedTurn(self._serve)

    def ask(self, asked: Asked) -> Given:
        """The answer, once it is committed. Raises what `do` raises for this one by itself."""
        return cast("Given", self._turn.ask(asked))

    def _serve(self, take: Take) -> None:
        wishes: list[Wish] = []

        def late() -> list[Wish]:
            wishes.extend(take())
            return wishes

        try:
            self._unit(late)
        except Exception:
            if len(wishes) < 2:
                raise
            for wish in wishes:  # one of them is the trouble: the others must not suffer
                self._alone(wish)

    def _alone(self, wish: Wish) -> None:
        try:
            self._unit(lambda: [wish])
        except Exception as trouble:
            wish.trouble = trouble

    def _unit(self, take: Take) -> None:
        """One unit; what it serves is taken once it is open, so that late comers are in it."""
        with self._within(), unit_of_work():
            wishes = take()
            answers = self._do([wish.asked for wish in wishes])
        for wish, given in zip(wishes, answers, strict=True):
            wish.given, wish.is_done = given, True
