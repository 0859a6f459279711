"""When a key was last used. Reading through the interface writes nothing to the database, so the
web process only touches a file in the data folder, once a minute and key; a job takes them in.
"""

import os
import re
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from portal.kernel import clock

FOLDER = "api-use"
EVERY_SECONDS = 60.0
KEY_ID = re.compile(r"key_[0-9a-z]{1,36}")

_touched: dict[str, float] = {}
_lock = threading.Lock()


def note(data: Path, key_public_id: str) -> None:
    """The key is used now."""
    tick = time.monotonic()
    with _lock:
        if tick - _touched.get(key_public_id, -EVERY_SECONDS) < EVERY_SECONDS:
            return
        _touched[key_public_id] = tick
    folder = data / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / key_public_id).write_text(clock.now().isoformat())


def noted(data: Path) -> Iterator[tuple[Path, str, datetime]]:
    """(file, key, when) of every key used since the last look; whoever has stored it deletes the
    file."""
    folder = data / FOLDER
    if not folder.is_dir():
        return
    for entry in os.scandir(folder):
        if KEY_ID.fullmatch(entry.name):
            moment = _read(Path(entry.path))
            if moment is not None:
                yield Path(entry.path), entry.name, moment


def _read(file: Path) -> datetime | None:
    try:
        return datetime.fromisoformat(file.read_text())
    except ValueError:  # being written at this very moment: the next look finds it whole
        return None
