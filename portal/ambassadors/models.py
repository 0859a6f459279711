"""Memberships, their history, and the agreements accepted."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, word_column


class MembershipStatus(StrEnum):
    """UX 6.2."""

    INVITED = "invited"
    ONBOARDING = "onboarding"
    ACTIVE = "active"
    TERMS_NEEDED = "terms_needed"
    PAUSED = "paused"
    SUSPENDED = "suspended"
    BANNED = "banned"
    ENDED = "ended"


# Memberships that earn nothing new and are promised nothing.
OUT = (MembershipStatus.ENDED, MembershipStatus.BANNED, MembershipStatus.SUSPENDED)


class Ambassador(Model):
    """A creator's membership of one program."""

    __tablename__ = "ambassadors"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("program_id", "creator_id"),
        Index(None, "brand_id", "status", "id"),
        Index(None, "creator_id"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("amb"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    status: Mapped[MembershipStatus] = word_column(MembershipStatus)
    tier: Mapped[str] = mapped_column(String(40), default="")
    joined_at: Mapped[datetime] = mapped_column(UTCDateTime())
    activated_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime())

    @property
    def is_active(self) -> bool:
        return self.status is MembershipStatus.ACTIVE


class StatusChange(Model):
    """One step of a membership; rows are only added. `by` is a user, None for the system."""

    __tablename__ = "status_changes"
    __table_args__ = (Index(None, "ambassador_id", "at", "id"),)

    ambassador_id: Mapped[int] = mapped_column(ForeignKey("ambassadors.id"))
    status: Mapped[MembershipStatus] = word_column(MembershipStatus)
    at: Mapped[datetime] = mapped_column(UTCDateTime())
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(String(300), default="")


class Acceptance(Model):
    """A creator accepted one version of an agreement: when, from where, which text."""

    __tablename__ = "acceptances"
    __table_args__ = (UniqueConstraint("ambassador_id", "agreement_id"),)

    ambassador_id: Mapped[int] = mapped_column(ForeignKey("ambassadors.id"))
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreements.id"))
    accepted_at: Mapped[datetime] = mapped_column(UTCDateTime())
    accepted_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ip: Mapped[str] = mapped_column(String(64), default="")
    sha256: Mapped[str] = mapped_column(String(64))
