"""The calls to the rails for one batch of claimed payouts.

They wait for the network side by side, in threads of this process that never hold a database
session; who asked collects what was answered, a few at a time, and records it. A call is begun
only while the batch's lease outlasts the slowest answer, and, for what is new, while the run goes
on; what was not begun is said so, and is nobody's loss.
"""

import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cache

from portal.kernel import clock
from portal.kernel.errors import ProviderRefused, ProviderUnavailable
from portal.payouts.bucket import bucket_for
from portal.payouts.claiming import Claimed
from portal.payouts.provider import PayoutProvider, Receipt, Transfer

Rails = Mapping[str, PayoutProvider]
AT_ONCE = 32  # 100 calls a second of 0.3 s each
GROUP_SECONDS = 0.4  # how long answers are collected; a pause is noticed as fast
EARLY_SECONDS = 0.2  # ready before the batch's turn, so that no turn is missed


@dataclass(frozen=True, slots=True)
class Answer:
    """What a rail said to one transfer; None: it was not called."""

    transfer: Transfer
    said: Receipt | ProviderRefused | ProviderUnavailable | None


def rail_answers(
    claimed: Claimed,
    rails: Rails,
    goes_on: Callable[[], bool],
    may_send: Callable[[], bool] = lambda: True,
) -> Generator[Sequence[Answer]]:
    """Call for each transfer, and yield what was answered, in groups as it comes.

    `goes_on` is asked between groups: when it says no, nothing new is sent any more. When
    `may_send` says no, a rail is still asked what it did, and nothing at all is sent. Closing the
    iterator begins no call at all. An error that is no rail's answer is raised after everything
    else.
    """
    calls, limited = _Calls(claimed, rails, goes_on, may_send), []
    try:
        if any(one.is_resumed for one in claimed.transfers):  # what is new was claimed just now
            calls.look()
        for transfer in claimed.transfers:
            if rails[transfer.rail].calls_a_second is None:  # nobody outside is called
                yield [calls.one(transfer)]
            else:
                limited.append(transfer)
        if limited:
            calls.await_stretch()
            yield from calls.side_by_side(limited)
    finally:
        calls.is_closed.set()


class _Calls:
    """The calls of one batch, and what keeps them from being begun."""

    def __init__(
        self,
        claimed: Claimed,
        rails: Rails,
        goes_on: Callable[[], bool],
        may_send: Callable[[], bool],
    ) -> None:
        self._claimed, self._rails = claimed, rails
        self._goes_on, self._may_send = goes_on, may_send
        self._is_stopped, self.is_closed = threading.Event(), threading.Event()
        self._is_halted = threading.Event()

    def await_stretch(self) -> None:
        """Wait for the batch's stretch of the rail's time, or until its run is stopped."""
        while not self._is_stopped.is_set():
            left = (self._claimed.starts_at - clock.wall()).total_seconds() - EARLY_SECONDS
            if left <= 0:
                return
            self._is_stopped.wait(min(left, GROUP_SECONDS))
            self.look()

    def side_by_side(self, transfers: Sequence[Transfer]) -> Iterator[Sequence[Answer]]:
        """Groups of answers, as they come."""
        if len(transfers) == 1:
            yield [self.one(transfers[0])]
            return
        waiting = {_pool().submit(self.one, transfer) for transfer in transfers}
        troubles: list[BaseException] = []
        while waiting:
            done, waiting = wait(waiting, timeout=GROUP_SECONDS)
            yield _results(done, troubles)
            if waiting:
                self.look()
        if troubles:
            raise troubles[0]

    def one(self, transfer: Transfer) -> Answer:
        """Ask first what was begun before, and never send it blindly (RELIABILITY 3)."""
        rail = self._rails[transfer.rail]
        try:
            if transfer.is_resumed and not self._has_turn(transfer, rail):
                return Answer(transfer, None)
            receipt = rail.find(transfer) if transfer.is_resumed else None
            if receipt is None:
                if self._is_halted.is_set() or not self._has_turn(transfer, rail):
                    return Answer(transfer, None)
                receipt = rail.send(transfer, idempotency_key=transfer.key)
        except (ProviderRefused, ProviderUnavailable) as said:
            return Answer(transfer, said)
        return Answer(transfer, receipt)

    def _has_turn(self, transfer: Transfer, rail: PayoutProvider) -> bool:
        """Wait for a turn at the rail; whether the call may still be begun then."""
        if rail.calls_a_second is not None and not self._is_too_late(transfer):
            bucket_for(rail.calls_a_second).take()
        return not self._is_too_late(transfer)

    def _is_too_late(self, transfer: Transfer) -> bool:
        is_new = transfer.payout_id in self._claimed.new
        is_over = self.is_closed.is_set() or (is_new and self._is_stopped.is_set())
        return is_over or clock.wall() >= self._claimed.call_until

    def look(self) -> None:
        """Ask whether the run goes on and, if not, whether anything may be sent; no is for good."""
        if self._is_halted.is_set() or self._goes_on():
            return
        self._is_stopped.set()
        if not self._may_send():
            self._is_halted.set()


def _results(done: set[Future[Answer]], troubles: list[BaseException]) -> list[Answer]:
    found = {one: one.exception() for one in done}
    troubles += [trouble for trouble in found.values() if trouble is not None]
    return [one.result() for one, trouble in found.items() if trouble is None]


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="rail")
