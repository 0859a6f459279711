"""A load on loopback: kept-alive connections driven by one thread, so that it costs the machine
little beside the server it measures."""

import os
import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HEAD = b"\r\n\r\n"
ANSWER = b"HTTP/1.1 302"
EMPTY = b"content-length: 0"
TICKS = 100  # USER_HZ: clock ticks a second in /proc/<pid>/stat


@dataclass(frozen=True, slots=True)
class Load:
    """What one round of load saw. Times in milliseconds."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    cpu_seconds: float

    @classmethod
    def of(cls, times: list[float], seconds: float, cpu_seconds: float = 0.0) -> "Load":
        """What these answers' times, in seconds, say; at least one answer came."""
        ms = sorted(one * 1000 for one in times)
        count = len(ms)
        slow = ms[min(count - 1, count * 99 // 100)]
        return cls(count, seconds, ms[count // 2], slow, ms[-1], cpu_seconds)

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    @property
    def cpu_us(self) -> float:
        """CPU of the server's processes per request, in microseconds."""
        return self.cpu_seconds * 1e6 / max(self.requests, 1)


def hammer(
    port: int, requests: list[bytes], seconds: float, connections: int, pid: int,
    *, settled: Callable[[], object] = lambda: None, answer: bytes = ANSWER,
) -> Load:  # fmt: skip
    """Send `requests` in turn over so many connections for so long; every one gets this answer.

    The CPU is read after `settled`, so that what the server leaves for later is counted, too.
    """
    before, started = cpu_of(pid), time.perf_counter()
    times = _drive(port, requests, started + seconds, connections, answer)
    spent = time.perf_counter() - started
    settled()
    return Load.of(times, spent, cpu_of(pid) - before)


def request_for(path: str, agent: str, query: str = "") -> bytes:
    """The bytes of one GET."""
    asked = f"{path}?{query}" if query else path
    head = f"GET {asked} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: {agent}\r\n"
    return f"{head}Accept: text/html\r\nAccept-Language: en\r\n\r\n".encode()


def _drive(
    port: int, requests: list[bytes], stop: float, connections: int, answer: bytes
) -> list[float]:
    times: list[float] = []
    number, total = 0, len(requests)
    with selectors.EpollSelector() as selector:
        for _ in range(connections):
            one = connected(port)
            one.sendall(requests[number % total])
            number += 1
            selector.register(one, selectors.EVENT_READ, [time.perf_counter(), b""])
        clock, open_ones = time.perf_counter, connections
        while open_ones:
            for key, _ in selector.select(timeout=10):
                if not has_answered(key, answer):
                    continue
                now = clock()
                times.append(now - key.data[0])
                if now > stop:
                    selector.unregister(key.fileobj)
                    key.fileobj.close()  # type: ignore[union-attr]
                    open_ones -= 1
                    continue
                key.data[0] = now
                key.fileobj.sendall(requests[number % total])  # type: ignore[union-attr]
                number += 1
    return times


def connected(port: int) -> socket.socket:
    """A connection to a server on this machine."""
    one = socket.create_connection(("127.0.0.1", port), timeout=10)
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return one


def has_answered(key: Any, answer: bytes) -> bool:
    """Whether the whole answer is there; RuntimeError for any other."""
    heard = key.fileobj.recv(65536)
    if not heard:
        raise RuntimeError("The server hung up.")
    data = key.data[1] + heard
    if HEAD not in data:
        key.data[1] = data
        return False
    head, _, body = data.partition(HEAD)
    if not head.startswith(answer):
        raise RuntimeError(f"Not what was expected: {head[:200]!r}")
    lower = head.lower()
    if EMPTY not in lower:
        found = lower.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0]
        if len(body) < int(found):
            key.data[1] = data
            return False
    key.data[1] = b""
    return True


def cpu_of(pid: int) -> float:
    """CPU seconds of a process and its descendants so far."""
    total = 0
    for one in [pid, *_descendants(pid)]:
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def on_core(pid: int, core: int) -> None:
    """Keep a process and its descendants on one core, where the machine has several."""
    cores = sorted(os.sched_getaffinity(0))
    chosen = {cores[core % len(cores)]}
    for one in [pid, *_descendants(pid)]:
        for task in Path(f"/proc/{one}/task").iterdir():
            os.sched_setaffinity(int(task.name), chosen)


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child), *_descendants(int(child))]
    return found
