"""The state file: JSON lines, one line per change, so that a restart finds what was answered."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Step = tuple[str, str, Any]
"""Table, id, value; None takes the row out."""


class Journal:
    """Appends changes and reads them back. Without a file it keeps nothing.

    A change is one write of one line: it survives the end of the process in any way, and a torn
    last line (the machine stopped) is a change that never happened.
    """

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self._descriptor: int | None = None
        self._lock: int | None = None
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(file)

    def read(self) -> Iterator[Step]:
        """Every step so far, oldest first; SystemExit when a line cannot be understood."""
        if self.file is None or not self.file.exists():
            return
        lines = self.file.read_bytes().splitlines()
        for number, line in enumerate(lines, start=1):
            try:
                steps = json.loads(line)
            except ValueError:
                if number == len(lines):
                    return
                raise SystemExit(
                    f"The Stripe simulator cannot read line {number} of its state file "
                    f"{self.file}. Move the file away to start afresh."
                ) from None
            yield from (tuple(step) for step in steps)

    def rewrite(self, steps: Iterable[Step]) -> None:
        """Replace everything, atomically, and go on from there."""
        if self.file is None:
            return
        _close(self._descriptor)
        fresh = self.file.with_name(self.file.name + ".new")
        with fresh.open("wb") as out:
            for step in steps:
                out.write(_line([step]))
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(self.file)
        self._descriptor = os.open(self.file, os.O_WRONLY | os.O_APPEND)

    def append(self, steps: list[Step]) -> None:
        if self._descriptor is not None and steps:
            os.write(self._descriptor, _line(steps))

    def close(self) -> None:
        for descriptor in (self._descriptor, self._lock):
            _close(descriptor)
        self._descriptor = self._lock = None


def _locked(file: Path) -> int:
    """Hold the file beside it for as long as the simulator runs, so that only one writes here."""
    lock = os.open(file.with_name(file.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise SystemExit(
            f"Another Stripe simulator is using the state file {file}. Stop it first."
        ) from None
    return lock


def _close(descriptor: int | None) -> None:
    if descriptor is not None:
        with contextlib.suppress(OSError):
            os.close(descriptor)


def _line(steps: list[Step]) -> bytes:
    return json.dumps(steps, separators=(",", ":")).encode() + b"\n"
