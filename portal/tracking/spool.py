"""The spool: clicks as lines of append-only files, written before the answer, read by the ingester.

One segment per server process: whoever holds its lock still writes to it. A segment nobody holds
is final. A line is whole or, at the very end of a killed machine's segment, torn and left out.
A spool folder belongs to one machine and lies on a local disk.
"""

import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import randbelow, token_hex
from typing import Any

from portal.kernel import clock
from portal.kernel.turns import SharedTurn, Take

FOLDER = "clicks"
SUFFIX, UNFINISHED = ".clicks", ".new"
NUMBER_FILE = "number"
SEGMENT_BYTES, SEGMENT_SECONDS = 64_000_000, 300.0
MACHINES, SLOTS = 64, 32  # of 21 bits of a click id: 6 machine, 5 process, 10 counted from a random
COUNTED_BITS, SLOT_BITS = 10, 5
HELD_BACK_MS = 60_000


class Segment:
    """A file this process appends to; closed (and with that unlocked) when nobody uses it."""

    def __init__(self, folder: Path) -> None:
        name = f"{int(clock.wall().timestamp() * 1000):013d}-{token_hex(8)}"
        unfinished = folder / f"{name}{UNFINISHED}"
        self.file = os.open(unfinished, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
        # Locked before it has its name: the ingester must never find it without a holder.
        fcntl.flock(self.file, fcntl.LOCK_EX)
        unfinished.rename(folder / f"{name}{SUFFIX}")
        _sync_folder(folder)
        self.size, self.opened = 0, time.monotonic()
        self.is_torn = False
        self.sync = _GroupedSync(self.file)

    def __del__(self) -> None:
        if hasattr(self, "file"):
            os.close(self.file)

    @property
    def is_full(self) -> bool:
        return self.size > SEGMENT_BYTES or time.monotonic() - self.opened > SEGMENT_SECONDS

    def append(self, line: bytes) -> None:
        """One write(2). Raises OSError when the disk took not all of it; the line is not kept."""
        if self.is_torn:  # what an earlier write left half done must not swallow this one
            line = b"\n" + line
        written = os.write(self.file, line)
        self.size += written
        self.is_torn = written != len(line)
        if self.is_torn:
            raise OSError(f"Only {written} of {len(line)} bytes of a click fitted on the disk.")


class Spool:
    """Where one process writes its clicks, and the ids it gives them.

    Threads share it without a lock: appending is one system call, and a segment that was replaced
    lives until its last writer lets go of it. Safe across fork: a child opens its own.
    """

    def __init__(self, folder: Path, *, waits_for_disk: bool = False) -> None:
        self.folder, self.waits_for_disk = folder, waits_for_disk
        self._opening = threading.Lock()
        self._segment: Segment | None = None
        self._ids: _Ids | None = None
        self._owner = 0

    def new_id(self, milliseconds: int) -> int:
        """A click id nobody else gives out (63 bits, in order of time)."""
        if self._ids is None or self._owner != os.getpid():
            self._open()
        assert self._ids is not None
        return self._ids.next(milliseconds)

    def append(self, line: bytes) -> None:
        """Keep a line; it survives a killed process, and with `waits_for_disk` a power cut.

        Raises OSError when it could not be kept.
        """
        segment = self._segment
        if segment is None or self._owner != os.getpid() or segment.is_full:
            segment = self._open()
        segment.append(line)
        if self.waits_for_disk:
            segment.sync.wait()

    def close(self) -> None:
        """Let go of the segment: it is final once its last writer is done."""
        with self._opening:
            self._segment = self._ids = None

    def _open(self) -> Segment:
        with self._opening:
            is_mine = self._owner == os.getpid()
            if self._segment is not None and is_mine and not self._segment.is_full:
                return self._segment
            self.folder.mkdir(parents=True, exist_ok=True)
            if self._ids is None or not is_mine:
                self._ids = _Ids(self.folder)
            self._segment, self._owner = Segment(self.folder), os.getpid()
            return self._segment


class _Ids:
    """Ids that no other process of this machine, and no other machine, gives out."""

    def __init__(self, folder: Path) -> None:
        self._slot, self._slot_file = _free_slot(folder)
        self._machine = _machine_number(folder)
        self._lock = threading.Lock()
        self._last, self._count = 0, 0

    def __del__(self) -> None:
        if self._slot_file >= 0:
            os.close(self._slot_file)

    def next(self, milliseconds: int) -> int:
        with self._lock:
            if self._last - HELD_BACK_MS < milliseconds < self._last:
                milliseconds = self._last  # the clock was set back a little
            if milliseconds == self._last:
                self._count += 1
            else:
                self._last, self._count = milliseconds, randbelow(1 << (COUNTED_BITS - 1))
            if self._count >> COUNTED_BITS:
                self._last, self._count = self._last + 1, 0
            tail = (self._machine << SLOT_BITS | self._slot) << COUNTED_BITS | self._count
            return (self._last << 21 | tail) & ((1 << 63) - 1)


def _free_slot(folder: Path) -> tuple[int, int]:
    """(number, locked file) of the first slot no living process of this machine holds."""
    for slot in range(SLOTS):
        file = os.open(folder / f"process-{slot:02d}", os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(file)
            continue
        return slot, file
    return randbelow(SLOTS), -1  # more processes than slots: the random start must keep them apart


def _machine_number(folder: Path) -> int:
    try:
        return int((folder / NUMBER_FILE).read_text()) % MACHINES
    except (FileNotFoundError, ValueError):
        return randbelow(MACHINES)  # the ingester has not been here yet


class _GroupedSync:
    """fdatasync for many at once: who comes while one runs waits for the next one together."""

    def __init__(self, file: int) -> None:
        self._file, self._turn = file, SharedTurn(self._sync)

    def wait(self) -> None:
        """Return when what this thread wrote is on the disk. Raises OSError when it is not: then
        nobody who waited for the same sync may believe a later one."""
        self._turn.ask()

    def _sync(self, take: Take) -> None:
        written = take()
        os.fdatasync(self._file)
        for wish in written:
            wish.is_done = True


def _sync_folder(folder: Path) -> None:
    listing = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(listing)
    finally:
        os.close(listing)


_encode = json.JSONEncoder(separators=(",", ":")).encode


def line_of(*values: Any) -> bytes:
    """A click as a line: a JSON list, pure ASCII, without a line break inside."""
    return (_encode(values) + "\n").encode()


# ---- the reading side


@dataclass(frozen=True, slots=True)
class Found:
    """A segment as the ingester meets it."""

    name: str
    path: Path
    size: int


def segments(folder: Path) -> list[Found]:
    """Every segment of a folder, oldest first."""
    found = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        with suppress(FileNotFoundError):
            found.append(Found(path.name, path, path.stat().st_size))
    return found


def lines_from(path: Path, offset: int, most_bytes: int) -> tuple[list[bytes], int]:
    """(whole lines after an offset, the offset behind them). A torn last line stays unread."""
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read(most_bytes)
    end = data.rfind(b"\n") + 1
    return data[:end].splitlines(), offset + end


def is_final(path: Path) -> bool:
    """Whether nobody writes to a segment any more: its lock is free."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True


def read_lines(lines: list[bytes]) -> list[list[Any]]:
    """The values of each line that is a click of ours; the others are left out."""
    try:
        read = json.loads(b"[%s]" % b",".join(lines))  # all at once is three times as fast
    except ValueError:
        read = [_read(line) for line in lines]
    return [values for values in read if _is_a_click(values)]


def _read(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


WITHOUT_PREVIOUS = (int, int, str, str, type(None), str, str, str, str)
WITH_PREVIOUS = (int, int, str, str, int, str, str, str, str)


def _is_a_click(values: Any) -> bool:
    if not isinstance(values, list):
        return False
    kinds = tuple(map(type, values))
    if kinds not in (WITHOUT_PREVIOUS, WITH_PREVIOUS):
        return False
    return 0 < values[0] < 1 << 63 and values[3] in ("", "b", "p")


def only_one(folder: Path) -> Iterator[bool]:
    """Yields whether this is the only ingester of a folder, again and again until it is."""
    folder.mkdir(parents=True, exist_ok=True)
    file = os.open(folder / "ingesting", os.O_WRONLY | os.O_CREAT, 0o600)
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
            return
