"""What this room needs from above: the inbox that shops' messages stand in."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Call:
    """What a program told of an order or a refund, as it came, and the shop it told it for.

    `topic` is "conversion" or "refund"; `key` the key's name and what pages show of it.
    """

    connection_id: int
    topic: str
    key: str
    body: bytes


class Inbox(Protocol):
    """Where calls are kept, so that people see what their shop told and what became of it."""

    def keep(self, call: Call, order_id: int | None) -> None:
        """It was done; within its transaction. Without an order it waits for one."""

    def refuse(self, call: Call, reason: str) -> None:
        """It was refused for this reason; in a transaction of its own."""

    def note_wrong_key(self, connection_id: int) -> None:
        """A call came with what was meant to be a key of this shop; nothing of it is kept."""
