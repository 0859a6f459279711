"""A process that writes without pause: `python -m tests.support.busy_writer FILE WROTE`.

Each of its threads takes its turn at FILE and adds a byte to WROTE, until it is killed. Two at once
are one too many: `WROTE-alone` may exist for one writer only, and the process ends with an error.
"""

import os
import sys
import threading
import time
from pathlib import Path

from portal.storage.write_turns import turns_of

THREADS, HOLDS_SECONDS, PATIENCE_SECONDS = 3, 0.01, 60.0


def main(file: str, wrote: Path) -> None:
    threads = [threading.Thread(target=_writes, args=(file, wrote)) for _ in range(THREADS)]
    for thread in threads:
        thread.start()


def _writes(file: str, wrote: Path) -> None:
    while turns_of(file).take(PATIENCE_SECONDS):
        write(wrote)
        turns_of(file).give()


def write(wrote: Path) -> None:
    """One byte more, alone; ends the process when somebody else is at it."""
    alone = wrote.with_name(f"{wrote.name}-alone")
    try:
        alone.touch(exist_ok=False)
        with wrote.open("ab") as stream:
            stream.write(b".")
        time.sleep(HOLDS_SECONDS)
        alone.unlink()
    except OSError:
        os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
