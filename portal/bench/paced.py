"""A load that keeps its pace whatever the server does: every request has its moment.

What an answer took counts from that moment on, so a server that stands still for a second is seen
by all who came meanwhile, not by one. A process of its own, so that nothing here delays it.
"""

import selectors
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from socket import socket
from typing import Any

from portal.bench.load import Load, connected, has_answered

ACCEPTED = b"HTTP/1.1 200"
CONNECTIONS = 32  # beyond so many at once the next one waits, and that counts
IDLE_SECONDS, PATIENCE_SECONDS, STOOD_STILL_SECONDS = 5.0, 60.0, 1.0


class Pace:
    """The load under way; `stop` ends it. `stood_still` then says for how many seconds the load
    itself was stopped by the machine, which is nobody's answer time."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._pipe.recv()  # it begins now
        self._began = time.perf_counter()
        self.stood_still = 0.0

    def stop(self) -> Load:
        """End it, once all that was sent is answered. EOFError when it ended by itself."""
        seconds = time.perf_counter() - self._began
        self._pipe.send(None)
        times = self._pipe.recv()
        self.stood_still = self._pipe.recv()
        return Load.of(times, seconds - self.stood_still)


@contextmanager
def paced(port: int, requests: list[bytes], a_second: float) -> Iterator[Pace]:
    """So many of these requests a second, each sent once, in this order."""
    spawn = get_context("spawn")
    ours, its = spawn.Pipe()
    process = spawn.Process(target=_load, args=(its, port, requests, a_second), daemon=True)
    process.start()
    its.close()
    try:
        yield Pace(ours)
    finally:
        ours.close()
        process.terminate()
        process.join()


def _load(pipe: Connection, port: int, requests: list[bytes], a_second: float) -> None:
    pipe.send(None)
    with selectors.EpollSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ, None)
        driver = _Driver(selector, port)
        pipe.send(driver.drive(requests, a_second))
        pipe.send(driver.stood_still)


class _Driver:
    def __init__(self, selector: selectors.BaseSelector, port: int) -> None:
        self._selector, self._port = selector, port
        self._idle: list[tuple[socket, float]] = []
        self._busy, self._stopped = 0, False
        self._times: list[float] = []
        self.stood_still = 0.0

    def drive(self, requests: list[bytes], a_second: float) -> list[float]:
        """Until somebody says stop; how long each answer took, in seconds."""
        began, number = time.perf_counter(), 0
        while not self._stopped or self._busy:
            now = time.perf_counter()
            due = began + self.stood_still + number / a_second
            if self._stopped or number == len(requests) or self._busy == CONNECTIONS:
                self._hear(PATIENCE_SECONDS)
            elif due > now:
                self._hear(due - now)
            else:
                self._send(requests[number], due)
                number += 1
        return self._times

    def _send(self, request: bytes, due: float) -> None:
        one = self._free(due)
        self._busy += 1
        self._selector.register(one, selectors.EVENT_READ, [due, b""])
        one.sendall(request)

    def _free(self, now: float) -> socket:
        """The one that was used last; what lay idle for long may be closed over there."""
        while self._idle:
            one, since = self._idle.pop()
            if now - since < IDLE_SECONDS:
                return one
            one.close()
        return connected(self._port)

    def _hear(self, seconds: float) -> None:
        before = time.perf_counter()
        found = self._selector.select(timeout=seconds)
        late = time.perf_counter() - before - seconds
        if late > STOOD_STILL_SECONDS:  # no server does that: somebody stopped this process
            self.stood_still += late
            for key in self._selector.get_map().values():
                if key.data is not None:
                    key.data[0] += late
        if self._stopped and self._busy and not found:
            raise TimeoutError("The server did not answer.")
        for key, _ in found:
            self._take(key)

    def _take(self, key: Any) -> None:
        if key.data is None:
            self._stopped = True
            self._selector.unregister(key.fileobj)
        elif has_answered(key, ACCEPTED):
            now = time.perf_counter()
            self._times.append(now - key.data[0])
            self._selector.unregister(key.fileobj)
            self._idle.append((key.fileobj, now))
            self._busy -= 1
