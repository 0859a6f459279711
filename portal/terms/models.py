"""Dry runs: proposed terms tried on real orders, kept for a week."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, word_column


class DryRunStatus(StrEnum):
    """Waiting for the worker, at work, or with its result."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"


class DryRun(Model):
    """One try. `proposal` is `terms.trying.plain_of` of the terms, `typed` the form as it was,
    `result` the sums by currency and by ambassador. Nothing else is stored: no commission."""

    __tablename__ = "dry_runs"
    __table_args__ = (
        UniqueConstraint("public_id"),
        Index(None, "program_id", "id"),
        Index(None, "asked_at"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("try"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    months: Mapped[int]
    proposal: Mapped[dict[str, Any]] = mapped_column(JSON)
    typed: Mapped[list[list[str]]] = mapped_column(JSON)
    status: Mapped[DryRunStatus] = word_column(DryRunStatus, default=DryRunStatus.QUEUED)
    orders_done: Mapped[int] = mapped_column(default=0)
    orders_total: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime())
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime())

    @property
    def is_done(self) -> bool:
        return self.status is DryRunStatus.DONE
