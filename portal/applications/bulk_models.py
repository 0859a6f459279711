"""One decision about many applications, and what became of each."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.applications.models import Application, ApplicationStatus, DeclineReason
from portal.kernel import codes
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, word_column


class BulkDecision(Model):
    """What somebody decided about several applications at once. `results` has a pair for each one
    that was gone through, in order: its row id, and why it was left as it is ("" when decided)."""

    __tablename__ = "bulk_decisions"
    __table_args__ = (UniqueConstraint("public_id"), Index(None, "brand_id", "at"))

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("blk"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    outcome: Mapped[ApplicationStatus] = word_column(ApplicationStatus)
    reason: Mapped[DeclineReason | None] = word_column(DeclineReason, nullable=True)
    note: Mapped[str] = mapped_column(Text, default="")
    reapply: Mapped[str] = mapped_column(String(10), default="30")
    undo_seconds: Mapped[int]
    application_ids: Mapped[list[int]] = mapped_column(JSON)
    results: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)
    at: Mapped[datetime] = mapped_column(UTCDateTime())
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime())

    def holds(self, application: Application) -> bool:
        """Whether what was decided here still stands, and nobody decided anew since."""
        if application.status is not self.outcome or application.decided_by != self.by_id:
            return False
        decided_at = application.decided_at
        return decided_at is not None and (self.done_at is None or decided_at <= self.done_at)
