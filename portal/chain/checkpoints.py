"""Hashes of batches kept outside the database, in a file of the data folder.

Whoever can write into the database can cut off the end of a chain and seal it anew; she cannot
make it agree with this file. A machine knows what its own worker sealed.
"""

import json
from collections import deque
from pathlib import Path

FILE = "chain-heads.jsonl"
LINES = 20_000


def keep(data: Path, name: str, number: int, hash_of_batch: str) -> None:
    """Add one line; the file only grows."""
    line = json.dumps({"chain": name, "number": number, "hash": hash_of_batch})
    with (data / FILE).open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")


def kept(data: Path, name: str) -> dict[int, str]:
    """Number → hash of the batches that the file's last lines name; a torn line is left out."""
    path = data / FILE
    if not path.exists():
        return {}
    with path.open(encoding="utf-8") as file:
        lines = deque(file, maxlen=LINES)
    found: dict[int, str] = {}
    for line in lines:
        try:
            entry = json.loads(line)
            if entry["chain"] == name:
                found[int(entry["number"])] = str(entry["hash"])
        except (ValueError, KeyError, TypeError):
            continue
    return found
