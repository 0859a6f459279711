"""The state file: JSON lines, one line per change, so that a restart finds what was answered."""

import contextlib
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
        self.close()
        self.file.parent.mkdir(parents=True, exist_ok=True)
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
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = None


def _line(steps: list[Step]) -> bytes:
    return json.dumps(steps, separators=(",", ":")).encode() + b"\n"
