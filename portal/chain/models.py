"""Heads and batches of the chains. All times are wall time."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.storage.model import Model
from portal.storage.types import UTCDateTime


class ChainHead(Model):
    """Where one chain ends, how far rows are surely all sealed, and what the last look found.

    Up to `mark_id` no unsealed row can appear any more by honest means. `ahead_id` is the next
    such mark; it counts once every transaction below `ahead_xid` has ended (PostgreSQL).
    """

    __tablename__ = "chain_heads"
    __table_args__ = (UniqueConstraint("name"),)

    name: Mapped[str] = mapped_column(String(12))
    number: Mapped[int] = mapped_column(default=0)
    hash: Mapped[str] = mapped_column(String(64))
    row_count: Mapped[int] = mapped_column(default=0)
    sealed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    mark_id: Mapped[int] = mapped_column(default=0)
    ahead_id: Mapped[int | None]
    ahead_xid: Mapped[int | None]
    verified_number: Mapped[int] = mapped_column(default=0)
    verified_hash: Mapped[str] = mapped_column(String(64), default="")
    verified_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    wrong_count: Mapped[int] = mapped_column(default=0)
    first_wrong: Mapped[str] = mapped_column(Text, default="")


class ChainBatch(Model):
    """Some rows sealed together: `members` packs each one's id and the hash of its content."""

    __tablename__ = "chain_batches"
    __table_args__ = (UniqueConstraint("chain", "number"), Index(None, "chain", "last_id"))

    chain: Mapped[str] = mapped_column(String(12))
    number: Mapped[int]
    first_id: Mapped[int]
    last_id: Mapped[int]
    row_count: Mapped[int]
    members: Mapped[bytes] = mapped_column(LargeBinary)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[datetime] = mapped_column(UTCDateTime())
