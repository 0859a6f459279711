"""A load on loopback: kept-alive connections that ask for one path, again and again."""

import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path

HEAD = b"\r\n\r\n"
TICKS = 100  # USER_HZ: clock ticks a second in /proc/<pid>/stat


@dataclass(frozen=True, slots=True)
class Load:
    """What one round of load saw. Times in milliseconds."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    @property
    def cpu_us(self) -> float:
        """CPU of the server's processes per request, in microseconds."""
        return self.cpu_seconds * 1e6 / max(self.requests, 1)


def hammer(port: int, paths: list[str], seconds: float, connections: int, pid: int) -> Load:
    """Ask for `paths` in turn over so many connections for so long; every answer must be a 302."""
    times: list[list[float]] = [[] for _ in range(connections)]
    stop = time.perf_counter() + seconds
    before = cpu_of(pid)
    threads = [
        threading.Thread(target=_one, args=(port, paths, stop, times[n], n))
        for n in range(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = sorted(moment for own in times for moment in own)
    count = len(spent)
    return Load(
        count,
        seconds,
        spent[count // 2] * 1000,
        spent[min(count - 1, count * 99 // 100)] * 1000,
        cpu_of(pid) - before,
    )


def _one(port: int, paths: list[str], stop: float, times: list[float], offset: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        number = offset
        while time.perf_counter() < stop:
            path = paths[number % len(paths)]
            number += 1
            started = time.perf_counter()
            request = (
                f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: Mozilla/5.0 bench\r\n\r\n"
            )
            connection.sendall(request.encode())
            _answer(connection)
            times.append(time.perf_counter() - started)


def _answer(connection: socket.socket) -> None:
    data = b""
    while HEAD not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(HEAD)
    if b" 302" not in head.split(b"\r\n", 1)[0]:
        raise RuntimeError(f"Not a redirect: {head[:200]!r}")
    lines = head.lower().split(b"\r\n")
    length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)


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


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child), *_descendants(int(child))]
    return found
