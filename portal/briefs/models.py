"""Tables of briefs: what is asked, of whom, what was delivered, and what was said about it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.kernel.money import Money
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, currency_column, minor_column, money, word_column


class BriefStatus(StrEnum):
    """UX §6.4."""

    DRAFT = "draft"
    AWAITING_APPROVAL = "awaiting_approval"
    SCHEDULED = "scheduled"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"
    ARCHIVED = "archived"


class AssignmentStatus(StrEnum):
    """UX §6.5, as far as caption and live link travel together."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    SUBMITTED = "submitted"
    CHANGES_REQUESTED = "changes_requested"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    MISSED = "missed"


class SubmissionStatus(StrEnum):
    """UX §6.6."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    SUPERSEDED = "superseded"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class DeliverableKind(StrEnum):
    """What is to be made."""

    REEL = "reel"
    VIDEO = "video"
    STORY = "story"
    POST = "post"
    PHOTO = "photo"
    STREAM = "stream"
    ARTICLE = "article"


class RejectReason(StrEnum):
    """Why a version is turned down for good (UX §6.6)."""

    OFF_BRIEF = "off brief"
    QUALITY = "quality"
    RIGHTS = "rights"
    BANNED_CLAIM = "banned claim"
    OTHER = "other"


OPEN_WORK = (
    AssignmentStatus.ACCEPTED,
    AssignmentStatus.SUBMITTED,
    AssignmentStatus.CHANGES_REQUESTED,
)
TAKES_A_PLACE = (*OPEN_WORK, AssignmentStatus.COMPLETED)


class Brief(Model):
    """One request for content. The row holds the newest version's text; `BriefVersion` keeps all.

    `due_on` is the last day, in the brand's zone; `due_at` the first instant that is too late.
    `author_ids` is everyone who drafted or changed it: above the fee limit none of them approves.
    `budget` is what all of it may cost (R95); None: no limit. Creators do not see it.
    """

    __tablename__ = "briefs"
    __table_args__ = (
        UniqueConstraint("public_id"),
        CheckConstraint("fee_minor > 0", name="fee_positive"),
        CheckConstraint("capacity > 0", name="capacity_positive"),
        CheckConstraint("fee_hold_days >= 0", name="hold_not_negative"),
        Index("ix_briefs_brand_status", "brand_id", "status", "id"),
        Index("ix_briefs_program_status", "program_id", "status"),
        Index("ix_briefs_start", "status", "starts_at"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("brf"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    status: Mapped[BriefStatus] = word_column(BriefStatus, default=BriefStatus.DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    title: Mapped[str] = mapped_column(String(120))
    goal: Mapped[str] = mapped_column(Text, default="")
    message: Mapped[str] = mapped_column(Text, default="")
    dos: Mapped[str] = mapped_column(Text, default="")
    donts: Mapped[str] = mapped_column(Text, default="")
    deliverables: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    required_tags: Mapped[list[str]] = mapped_column(JSON, default=list)
    disclosure_line: Mapped[str] = mapped_column(String(200))
    fee_minor: Mapped[int] = minor_column()
    currency: Mapped[str] = currency_column()
    fee: Mapped[Money] = money("fee_minor")
    budget_minor: Mapped[int | None] = minor_column(nullable=True)
    fee_hold_days: Mapped[int] = mapped_column(default=0)
    kill_fee_bp: Mapped[int] = mapped_column(default=0, server_default="0")
    delivery_days: Mapped[int | None] = mapped_column()
    auto_approves: Mapped[bool] = mapped_column(default=False, server_default=false())
    capacity: Mapped[int | None] = mapped_column()
    due_on: Mapped[date] = mapped_column(Date)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime())
    author_ids: Mapped[list[int]] = mapped_column(JSON, default=list)
    drafted_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    approved_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    starts_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    paused_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())

    @property
    def budget(self) -> Money | None:
        """What all of it may cost; None: no limit."""
        return None if self.budget_minor is None else Money(self.budget_minor, self.currency)

    @property
    def takes_people(self) -> bool:
        """Whether an invited ambassador may accept now."""
        return self.status is BriefStatus.OPEN


class BriefVersion(Model):
    """The text of one version as it was offered; never edited (R115)."""

    __tablename__ = "brief_versions"
    __table_args__ = (UniqueConstraint("brief_id", "number"),)

    brief_id: Mapped[int] = mapped_column(ForeignKey("briefs.id"))
    number: Mapped[int] = mapped_column()
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    published_at: Mapped[datetime] = mapped_column(UTCDateTime())
    published_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class Assignment(Model):
    """One ambassador's part in a brief. Version, fee, hold and due day freeze at acceptance.

    `owed` is what the brand owes for it for good: nothing while it is open, then the fee, what
    cancelling costs (R119) or what an appeal gave; nothing again once that was taken back.
    """

    __tablename__ = "assignments"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("brief_id", "ambassador_id"),
        CheckConstraint("fee_minor > 0", name="fee_positive"),
        Index("ix_assignments_creator_status", "creator_id", "status", "due_at"),
        Index("ix_assignments_brand_status", "brand_id", "status", "id"),
        Index("ix_assignments_due", "status", "due_at"),
        Index("ix_assignments_ambassador", "ambassador_id", "id"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("asg"))
    brief_id: Mapped[int] = mapped_column(ForeignKey("briefs.id"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    ambassador_id: Mapped[int] = mapped_column(ForeignKey("ambassadors.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    status: Mapped[AssignmentStatus] = word_column(
        AssignmentStatus, default=AssignmentStatus.INVITED
    )
    brief_version: Mapped[int] = mapped_column()
    fee_minor: Mapped[int] = minor_column()
    currency: Mapped[str] = currency_column()
    fee: Mapped[Money] = money("fee_minor")
    owed_minor: Mapped[int] = minor_column(default=0, server_default="0")
    owed: Mapped[Money] = money("owed_minor")
    fee_hold_days: Mapped[int] = mapped_column(default=0)
    due_on: Mapped[date] = mapped_column(Date)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime())
    rounds: Mapped[int] = mapped_column(default=0)
    delivered_on: Mapped[date | None] = mapped_column(Date)
    end_reason: Mapped[str] = mapped_column(String(300), default="")
    invited_at: Mapped[datetime] = mapped_column(UTCDateTime())
    accepted_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    completed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime())

    @property
    def takes_submissions(self) -> bool:
        """Whether the creator may send a version now."""
        return self.status in (AssignmentStatus.ACCEPTED, AssignmentStatus.CHANGES_REQUESTED)


class Submission(Model):
    """One version of the delivered work: caption and live link together.

    `checks` are the automatic checks as they stood when it was sent, one dict per `rules.Check`.
    """

    __tablename__ = "submissions"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("assignment_id", "version"),
        Index("ix_submissions_brand_status", "brand_id", "status", "sent_at", "id"),
        Index("ix_submissions_live_url", "live_url"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("sub"))
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    version: Mapped[int] = mapped_column()
    status: Mapped[SubmissionStatus] = word_column(SubmissionStatus, default=SubmissionStatus.DRAFT)
    caption: Mapped[str] = mapped_column(Text, default="")
    live_url: Mapped[str] = mapped_column(String(500), default="")
    platform: Mapped[str] = mapped_column(String(40), default="")
    checks: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime())
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    override_reason: Mapped[str] = mapped_column(String(300), default="")
    reject_reason: Mapped[RejectReason | None] = word_column(RejectReason)
    decision_note: Mapped[str] = mapped_column(Text, default="")


class Comment(Model):
    """What brand and creator say about a version; `quote` is the piece of caption it is about."""

    __tablename__ = "submission_comments"
    __table_args__ = (
        UniqueConstraint("public_id"),
        Index("ix_submission_comments_submission", "submission_id", "id"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("cmt"))
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"))
    reply_to: Mapped[int | None] = mapped_column(ForeignKey("submission_comments.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    is_from_brand: Mapped[bool] = mapped_column()
    body: Mapped[str] = mapped_column(Text)
    quote: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    resolved_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    resolved_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    @property
    def is_open(self) -> bool:
        """Whether it still asks for something."""
        return self.reply_to is None and self.resolved_at is None
