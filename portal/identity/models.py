"""Users, brands, staff roles, invitations, sign-in challenges, sessions."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, minor_column, word_column

EMAIL_CHARACTERS = 254
NAME_CHARACTERS = 120


class Capability(StrEnum):
    """What a role lets a person do in one brand (UX 0.2)."""

    VIEWER = "brand.viewer"
    REVIEWER = "brand.reviewer"
    MANAGER = "brand.manager"
    OWNER = "brand.owner"
    PREPARER = "finance.preparer"
    APPROVER = "finance.approver"


class InvitationStatus(StrEnum):
    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    REVOKED = "revoked"


class ChallengePurpose(StrEnum):
    SIGN_IN = "sign-in"
    APPLY = "apply"
    STEP_UP = "step-up"
    SIGN_UP = "sign-up"


class User(Model):
    """A person's account. `email` is stored lower-case and names one person for ever.

    `second_factor_at` says since when she has one (wall time); the room factors keeps it.
    """

    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("public_id"), UniqueConstraint("email"))

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("usr"))
    email: Mapped[str] = mapped_column(String(EMAIL_CHARACTERS))
    name: Mapped[str] = mapped_column(String(NAME_CHARACTERS))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    is_operator: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    second_factor_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())


class Brand(Model):
    """A tenant. `slug` stands in URLs and never changes; links lead only to `allowed_hosts`."""

    __tablename__ = "brands"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("slug"),
        CheckConstraint("brief_fee_limit_minor >= 0", name="fee_limit_not_negative"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("brd"))
    slug: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(NAME_CHARACTERS))
    legal_name: Mapped[str] = mapped_column(String(200), default="")
    currency: Mapped[str] = mapped_column(String(3))
    zone: Mapped[str] = mapped_column(String(60))
    website: Mapped[str] = mapped_column(String(300), default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    tagline: Mapped[str] = mapped_column(String(200), default="")
    colour: Mapped[str] = mapped_column(String(7), default="#8F3A1D")
    brief_fee_limit_minor: Mapped[int] = minor_column(default=0)
    allowed_hosts: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())


class StaffRole(Model):
    """One capability of one person in one brand."""

    __tablename__ = "staff_roles"
    __table_args__ = (
        UniqueConstraint("brand_id", "user_id", "capability"),
        Index(None, "user_id", "brand_id"),
    )

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    capability: Mapped[Capability] = word_column(Capability)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())


class Invitation(Model):
    """An offer to join a brand's staff, sent to one address. Times are wall time."""

    __tablename__ = "invitations"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("token_hash"),
        Index(None, "brand_id", "status", "id"),
        Index(None, "email", "status"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("inv"))
    token_hash: Mapped[str] = mapped_column(String(64))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    email: Mapped[str] = mapped_column(String(EMAIL_CHARACTERS))
    capabilities: Mapped[list[str]] = mapped_column(JSON)
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    accepted_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    status: Mapped[InvitationStatus] = word_column(InvitationStatus, default=InvitationStatus.SENT)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime())
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class SignInChallenge(Model):
    """A question for a 6-digit code sent by mail. The code is derived, never stored; wall time."""

    __tablename__ = "sign_in_challenges"
    __table_args__ = (UniqueConstraint("public_id"), Index(None, "email", "purpose", "id"))

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("chl"))
    email: Mapped[str] = mapped_column(String(EMAIL_CHARACTERS))
    purpose: Mapped[ChallengePurpose] = word_column(ChallengePurpose)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime())
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class Session(Model):
    """One signed-in browser. Every time is wall time: time travel signs nobody out.

    `waits` while the person still owes her second factor: such a session opens no door.
    `typed` is what stood in a form when the person was asked to prove herself again: page, fields
    and second of the wall clock. It waits here, and never in an address.
    """

    __tablename__ = "sessions"
    __table_args__ = (UniqueConstraint("token_hash"), Index(None, "user_id", "ended_at"))

    token_hash: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime())
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    stepped_up_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    waits: Mapped[bool] = mapped_column(default=False)
    user_agent: Mapped[str] = mapped_column(String(200), default="")
    typed: Mapped[dict[str, Any] | None] = mapped_column(JSON)
