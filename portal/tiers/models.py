"""Ladders (versions, never edited), standings, moves, and the lists of moves to come."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, currency_column, minor_column, word_column


class Metric(StrEnum):
    """What is counted: only approved and paid sales, net of refunds (R22, R76)."""

    NET_SALES = "net_sales"
    SALES = "sales"


class Mode(StrEnum):
    """What a tier's rate is for: the whole order (R23), the part of it above the threshold (R24),
    or every sale of the period once it is reached (R25)."""

    WHOLE_ORDER = "whole_order"
    MARGINAL = "marginal"
    RETROACTIVE = "retroactive"


class Window(StrEnum):
    """Which sales count (R27); calendar periods are of the brand's time zone."""

    ROLLING = "rolling"
    MONTH = "month"
    QUARTER = "quarter"
    LIFETIME = "lifetime"


class Automation(StrEnum):
    """Promote only, or promote and demote (R28)."""

    LIFETIME = "lifetime"
    PERIODIC = "periodic"


class Review(StrEnum):
    """When the moves that a day's look finds take effect."""

    AT_ONCE = "at_once"
    LATER = "later"
    PERSON = "person"


class MoveKind(StrEnum):
    """Why a standing changed; after a warning and a recovery the tier is as before."""

    UP = "up"
    DOWN = "down"
    WARNED = "warned"
    RECOVERED = "recovered"
    PINNED = "pinned"
    UNPINNED = "unpinned"


class ListStatus(StrEnum):
    """A list waits, took effect, was replaced by a later one, or found nothing to do."""

    WAITING = "waiting"
    DONE = "done"
    REPLACED = "replaced"
    EMPTY = "empty"


class TierLadder(Model):
    """One version of a program's ladder. `steps` holds number, name, threshold (minor units, or
    sales) and rate of each, lowest first; without steps the program has no tiers any more.
    `lost` says what it takes from whoever has an earlier version, by that one's number: they are
    asked, and `silence_keeps` is what no answer means (R17; `portal.consents`)."""

    __tablename__ = "tier_ladders"
    __table_args__ = (
        UniqueConstraint("program_id", "version"),
        Index(None, "brand_id"),
        CheckConstraint("grace_days BETWEEN 0 AND 180", name="grace"),
        CheckConstraint("window_days BETWEEN 1 AND 730", name="window"),
    )

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    version: Mapped[int]
    currency: Mapped[str] = currency_column()
    metric: Mapped[Metric] = word_column(Metric)
    mode: Mapped[Mode] = word_column(Mode)
    window: Mapped[Window] = word_column(Window)
    window_days: Mapped[int] = mapped_column(default=90)
    automation: Mapped[Automation] = word_column(Automation)
    grace_days: Mapped[int] = mapped_column(default=0)
    review: Mapped[Review] = word_column(Review)
    review_days: Mapped[int] = mapped_column(default=3)
    lock_days: Mapped[int] = mapped_column(default=45)
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    lost: Mapped[dict[str, list[str]]] = mapped_column(JSON, default=dict, server_default="{}")
    silence_keeps: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    effective_at: Mapped[datetime] = mapped_column(UTCDateTime())
    published_at: Mapped[datetime] = mapped_column(UTCDateTime())
    published_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class TierStanding(Model):
    """Where an ambassador stands now. Nobody without a row has ever left the first tier.

    `figure_minor` and `sales` are what the last look counted. `falls_at`: below her tier, she
    keeps it until then (probation). While `pinned_until` lies ahead nothing moves her.
    """

    __tablename__ = "tier_standings"
    __table_args__ = (
        UniqueConstraint("ambassador_id"),
        Index(None, "program_id", "step", "id"),
        Index(None, "program_id", "falls_at"),
    )

    ambassador_id: Mapped[int] = mapped_column(ForeignKey("ambassadors.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    step: Mapped[int]
    since: Mapped[datetime] = mapped_column(UTCDateTime())
    falls_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    pinned_until: Mapped[datetime | None] = mapped_column(UTCDateTime())
    pin_reason: Mapped[str] = mapped_column(String(300), default="")
    pinned_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class TierMove(Model):
    """One thing that happened to a standing; rows are only added. `by` is a user, None for the
    daily look. The names are as they stood in the ladder. `until_at` is when a warning takes effect
    or a pin ends."""

    __tablename__ = "tier_moves"
    __table_args__ = (
        UniqueConstraint("public_id"),
        Index(None, "ambassador_id", "at", "id"),
        Index(None, "program_id", "at"),
        Index(None, "list_id"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("tmv"))
    ambassador_id: Mapped[int] = mapped_column(ForeignKey("ambassadors.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    ladder_id: Mapped[int] = mapped_column(ForeignKey("tier_ladders.id"))
    kind: Mapped[MoveKind] = word_column(MoveKind)
    from_step: Mapped[int]
    to_step: Mapped[int]
    from_name: Mapped[str] = mapped_column(String(40))
    to_name: Mapped[str] = mapped_column(String(40))
    figure_minor: Mapped[int] = minor_column()
    sales: Mapped[int]
    until_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    list_id: Mapped[int | None] = mapped_column(ForeignKey("tier_lists.id"))
    note: Mapped[str] = mapped_column(String(300), default="")
    at: Mapped[datetime] = mapped_column(UTCDateTime())
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class TierList(Model):
    """What one day's look would change, before it does. `runs_at` None: only when approved."""

    __tablename__ = "tier_lists"
    __table_args__ = (UniqueConstraint("public_id"), Index(None, "program_id", "status", "id"))

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("tls"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    ladder_id: Mapped[int] = mapped_column(ForeignKey("tier_ladders.id"))
    status: Mapped[ListStatus] = word_column(ListStatus)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime())
    runs_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    done_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class TierPeriod(Model):
    """A calendar period in which an ambassador reached a tier whose rate is for all of it (R25):
    the tier, what the sales of one currency come to by it beyond what they earned
    (`settled_minor`), and in how many true-ups. Final from `closes_at` on."""

    __tablename__ = "tier_periods"
    __table_args__ = (
        UniqueConstraint("ladder_id", "starts_at", "ambassador_id", "currency"),
        Index(None, "program_id"),
        CheckConstraint("settled_minor >= 0", name="adds"),
    )

    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    ladder_id: Mapped[int] = mapped_column(ForeignKey("tier_ladders.id"))
    ambassador_id: Mapped[int] = mapped_column(ForeignKey("ambassadors.id"))
    currency: Mapped[str] = currency_column()
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime())
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime())
    closes_at: Mapped[datetime] = mapped_column(UTCDateTime())
    step: Mapped[int]
    settled_minor: Mapped[int] = minor_column()
    rows: Mapped[int]


class TierListLine(Model):
    """One proposed move of a list, by the ladder that is hers."""

    __tablename__ = "tier_list_lines"
    __table_args__ = (UniqueConstraint("list_id", "ambassador_id"),)

    list_id: Mapped[int] = mapped_column(ForeignKey("tier_lists.id"))
    ladder_id: Mapped[int | None]  # None in lists from before anybody could keep a ladder
    ambassador_id: Mapped[int] = mapped_column(ForeignKey("ambassadors.id"))
    kind: Mapped[MoveKind] = word_column(MoveKind)
    from_step: Mapped[int]
    to_step: Mapped[int]
    figure_minor: Mapped[int] = minor_column()
    sales: Mapped[int]
