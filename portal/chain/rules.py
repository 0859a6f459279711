"""How a row becomes a hash, and a batch of rows the next piece of a chain.

Plain SHA-256 over plain text: whoever has the rows can work everything out again with ten lines of
code of her own (docs/operations.md, "The audit trail").
"""

import hashlib
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

AUDIT, LEDGER = "audit", "ledger"
START = "0" * 64  # what the first batch names as the one before it
BATCH_ROWS = 1000
SHOWN = 20
_MEMBER = struct.Struct(">q32s")

Member = tuple[int, bytes]


def content_hash(values: Mapping[str, Any]) -> bytes:
    """The hash of a row's content without its id: JSON with sorted keys, instants in UTC."""
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False,
                      default=_plain)  # fmt: skip
    return hashlib.sha256(text.encode()).digest()


def packed(members: Sequence[Member]) -> bytes:
    """Ids (8 bytes) and content hashes (32 bytes), in the order of the batch."""
    return b"".join(_MEMBER.pack(row_id, digest) for row_id, digest in members)


def unpacked(members: bytes) -> list[Member]:
    """The ids and hashes again. Raises ValueError when the bytes are not whole."""
    if len(members) % _MEMBER.size:
        raise ValueError("The list of a batch is cut off.")
    return list(_MEMBER.iter_unpack(members))


def batch_hash(chain: str, number: int, previous: str, members: bytes) -> str:
    """What the next batch names: over the chain's name, the number, the hash before, the rows."""
    return hashlib.sha256(f"{chain}\n{number}\n{previous}\n".encode() + members).hexdigest()


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    raise TypeError(f"{type(value).__name__} cannot be sealed.")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was sealed."""

    table: str
    row_id: int
    what: str

    @property
    def sentence(self) -> str:
        return f"{self.table} {self.row_id}: {self.what}"


@dataclass(slots=True)
class Report:
    """What a look at one chain found; the first finding is the first bad row."""

    name: str
    table: str
    number: int = 0
    head: str = START
    rows: int = 0
    waiting: int = 0
    wrong_count: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.wrong_count

    def wrong(self, table: str, row_id: int, what: str) -> None:
        """Count a finding; the first twenty are kept."""
        self.wrong_count += 1
        if len(self.findings) < SHOWN:
            self.findings.append(Finding(table, row_id, what))

    def as_json(self) -> dict[str, Any]:
        first = self.findings[0] if self.findings else None
        return {
            "name": self.name,
            "ok": self.ok,
            "rows": self.rows,
            "batches": self.number,
            "waiting": self.waiting,
            "head": self.head,
            "wrong": self.wrong_count,
            "first_bad": first and {"table": first.table, "id": first.row_id, "what": first.what},
            "findings": [one.sentence for one in self.findings],
        }

    def lines(self) -> list[str]:
        """For a terminal: the verdict, then what is wrong."""
        state = "ok " if self.ok else "BAD"
        waits = f", {self.waiting} not sealed yet" if self.waiting else ""
        found = [f"{state} {self.name}: {self.rows} rows in {self.number} batches{waits}"]
        found += [f"      {one.sentence}" for one in self.findings]
        if self.wrong_count > len(self.findings):
            found.append(f"      and {self.wrong_count - len(self.findings)} more")
        return [*found, f"      head {self.head}"]
