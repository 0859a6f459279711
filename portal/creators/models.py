"""Creators, their social channels and payout destinations."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, word_column


class Platform(StrEnum):
    INSTAGRAM = "instagram"
    TIKTOK = "tiktok"
    YOUTUBE = "youtube"
    TWITCH = "twitch"
    X = "x"
    PINTEREST = "pinterest"
    BLOG = "blog"
    NEWSLETTER = "newsletter"
    PODCAST = "podcast"
    OTHER = "other"


class Rail(StrEnum):
    """The way money travels to a creator. `sepa` and `paypal` go by files that a person uploads;
    `credit` never leaves the house."""

    STRIPE = "stripe"
    SEPA = "sepa"
    PAYPAL = "paypal"
    CREDIT = "credit"
    MANUAL = "manual"


class DestinationState(StrEnum):
    """UX 6.13."""

    NOT_STARTED = "not_started"
    ONBOARDING = "onboarding"
    VERIFYING = "verifying"
    READY = "ready"
    ACTION_NEEDED = "action_needed"
    RESTRICTED = "restricted"
    REJECTED = "rejected"
    COOLING = "cooling"
    DISCONNECTED = "disconnected"


class Creator(Model):
    """A person who posts. `folded_handle` is the handle without its case."""

    __tablename__ = "creators"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("user_id"),
        UniqueConstraint("folded_handle"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("crt"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    handle: Mapped[str] = mapped_column(String(40))
    folded_handle: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120))
    bio: Mapped[str] = mapped_column(Text, default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    zone: Mapped[str] = mapped_column(String(64), default="UTC")
    is_adult: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())


class Channel(Model):
    """One place where a creator posts; figures are what she told us, per post on average."""

    __tablename__ = "channels"
    __table_args__ = (
        UniqueConstraint("creator_id", "platform", "folded_handle"),
        CheckConstraint("followers >= 0", name="followers"),
    )

    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    platform: Mapped[Platform] = word_column(Platform)
    handle: Mapped[str] = mapped_column(String(120))
    folded_handle: Mapped[str] = mapped_column(String(120))
    url: Mapped[str] = mapped_column(String(400), default="")
    followers: Mapped[int] = mapped_column(default=0)
    likes_per_post: Mapped[int | None] = mapped_column()
    comments_per_post: Mapped[int | None] = mapped_column()


class PayoutDestination(Model):
    """Where one rail sends a creator's money. `account_ref` is the provider's id, never bank data;
    until `cooling_until` nothing is sent there (72 h after a change). `missing` keeps money back;
    `due` is what the provider wants by `due_at` of an account that is paid until then. `bank_print`
    tells whether the bank behind a provider's account is still the same; `reported_at` is when the
    newest message about it was written, by the provider's clock."""

    __tablename__ = "payout_destinations"
    __table_args__ = (
        UniqueConstraint("creator_id", "rail"),
        Index(None, "account_ref"),
    )

    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    rail: Mapped[Rail] = word_column(Rail)
    account_ref: Mapped[str] = mapped_column(String(120), default="")
    state: Mapped[DestinationState] = word_column(
        DestinationState, default=DestinationState.NOT_STARTED
    )
    missing: Mapped[list[str]] = mapped_column(JSON, default=list)
    due: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    label_masked: Mapped[str] = mapped_column(String(80), default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    bank_print: Mapped[str] = mapped_column(String(64), default="", server_default="")
    reported_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime())
    cooling_until: Mapped[datetime | None] = mapped_column(UTCDateTime())
