"""Applications, from the first word typed to the decision."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, word_column


class ApplicationStatus(StrEnum):
    """UX 6.1. `in review` is not stored: it is an open application under a claim."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    INFO_NEEDED = "info_needed"
    SHORTLISTED = "shortlisted"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class DeclineReason(StrEnum):
    AUDIENCE_SIZE = "audience_size"
    ENGAGEMENT = "engagement"
    COUNTRY = "country"
    CONTENT_FIT = "content_fit"
    PROGRAM_FULL = "program_full"
    OTHER = "other"


OPEN = (ApplicationStatus.SUBMITTED, ApplicationStatus.INFO_NEEDED, ApplicationStatus.SHORTLISTED)
DECIDED = (ApplicationStatus.APPROVED, ApplicationStatus.DECLINED)
_OPEN_ONES = text("status IN ('submitted', 'info_needed', 'shortlisted')")


class Application(Model):
    """One request to join. `channels` is a list of {platform, handle, url, followers,
    likes_per_post, comments_per_post}; `answers` of {question, answer}. `draft_token` is the
    hash of the secret that opens the draft in the browser that began it; `undo_until`
    ends the time to take a decision back."""

    __tablename__ = "applications"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("reference"),
        UniqueConstraint("draft_token"),
        Index(None, "brand_id", "status", "submitted_at", "id"),
        Index(None, "creator_id"),
        Index(
            "uq_applications_open_one",
            "program_id",
            "creator_id",
            unique=True,
            sqlite_where=_OPEN_ONES,
            postgresql_where=_OPEN_ONES,
        ),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("app"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    creator_id: Mapped[int | None] = mapped_column(ForeignKey("creators.id"))
    email: Mapped[str] = mapped_column(String(254), default="")
    name: Mapped[str] = mapped_column(String(120), default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    is_adult: Mapped[bool] = mapped_column(Boolean, default=False)
    has_consented: Mapped[bool] = mapped_column(Boolean, default=False)
    channels: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    answers: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    status: Mapped[ApplicationStatus] = word_column(
        ApplicationStatus, default=ApplicationStatus.DRAFT
    )
    reference: Mapped[str] = mapped_column(String(20), default=lambda: codes.random_symbols(8))
    draft_token: Mapped[str | None] = mapped_column(String(64))
    invite: Mapped[str] = mapped_column(String(20), default="", server_default="")
    fit_score: Mapped[int] = mapped_column(default=0)
    engagement_bp: Mapped[int | None] = mapped_column()
    meets_criteria: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    submitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    undo_until: Mapped[datetime | None] = mapped_column(UTCDateTime())
    reason: Mapped[DeclineReason | None] = word_column(DeclineReason, nullable=True)
    note: Mapped[str] = mapped_column(Text, default="")
    reapply_after: Mapped[datetime | None] = mapped_column(UTCDateTime())
    may_reapply: Mapped[bool] = mapped_column(Boolean, default=True)
    wanted_code: Mapped[str] = mapped_column(String(20), default="")
    claimed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    claimed_until: Mapped[datetime | None] = mapped_column(UTCDateTime())
    ambassador_id: Mapped[int | None] = mapped_column(ForeignKey("ambassadors.id"))

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def is_decided(self) -> bool:
        return self.status in DECIDED
