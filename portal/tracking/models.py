"""Codes, links, the history of both, and clicks."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, word_column


class CodeStatus(StrEnum):
    """UX 6.7. Reserved: not accepted yet, or not valid yet. Replaced: works until its grace ends.
    Exhausted: the shops have seen it as often as its limit allows."""

    RESERVED = "reserved"
    ACTIVE = "active"
    PAUSED = "paused"
    REPLACED = "replaced"
    EXPIRED = "expired"
    EXHAUSTED = "exhausted"
    RETIRED = "retired"


class LinkStatus(StrEnum):
    """UX 6.8."""

    RESERVED = "reserved"
    ACTIVE = "active"
    PAUSED = "paused"
    BLOCKED = "blocked"
    RETIRED = "retired"


class RequestStatus(StrEnum):
    """A wish for a code, as the creator sees it."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class BatchKind(StrEnum):
    """What a batch makes: a code for each ambassador, codes for a pool, or a pool from a file."""

    AMBASSADORS = "ambassadors"
    POOL = "pool"
    FILE = "file"


class BatchStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"


class Health(StrEnum):
    """What the last look at a link's destination found."""

    WORKS = "works"
    REDIRECTS = "redirects"
    BROKEN = "broken"


class AgentClass(StrEnum):
    """What followed a link. Only humans and their quick repeats leave a click (R53)."""

    HUMAN = "human"
    REPEAT = "repeat"
    PREFETCH = "prefetch"
    BOT = "bot"


class DiscountCode(Model):
    """One code of one ambassador. `folded` is how it is compared, `lookalike` keeps it apart."""

    __tablename__ = "discount_codes"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("brand_id", "folded"),
        UniqueConstraint("brand_id", "lookalike"),
        Index(None, "ambassador_id"),
        Index(None, "brand_id", "status", "id"),
        Index(None, "batch_id", "id"),
        Index(None, "valid_until"),
        CheckConstraint("discount_bp BETWEEN 0 AND 10000", name="discount_is_a_share"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("code"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    ambassador_id: Mapped[int] = mapped_column(ForeignKey("ambassadors.id"))
    code: Mapped[str] = mapped_column(String(codes.CODE_MAX))
    folded: Mapped[str] = mapped_column(String(codes.CODE_MAX))
    lookalike: Mapped[str] = mapped_column(String(codes.CODE_MAX))
    status: Mapped[CodeStatus] = word_column(CodeStatus, default=CodeStatus.RESERVED)
    discount_bp: Mapped[int]
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("discount_codes.id"))
    reserved_at: Mapped[datetime] = mapped_column(UTCDateTime())
    activated_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    valid_from: Mapped[datetime | None] = mapped_column(UTCDateTime())
    valid_until: Mapped[datetime | None] = mapped_column(UTCDateTime())
    use_limit: Mapped[int | None]
    batch_id: Mapped[int | None]

    @property
    def is_working(self) -> bool:
        """Whether a shopper who types it now gets the discount."""
        return self.status in (CodeStatus.ACTIVE, CodeStatus.REPLACED)


class CodeChange(Model):
    """From `at` on, the code has this status. May lie ahead: the end of a replaced code's grace,
    the start and the end of a validity."""

    __tablename__ = "code_changes"
    __table_args__ = (Index(None, "code_id", "at", "id"),)

    code_id: Mapped[int] = mapped_column(ForeignKey("discount_codes.id"))
    status: Mapped[CodeStatus] = word_column(CodeStatus)
    at: Mapped[datetime] = mapped_column(UTCDateTime())
    by_id: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(200), default="")


class AffiliateLink(Model):
    """One short link of one ambassador: /go/<slug> leads to `destination_url`."""

    __tablename__ = "affiliate_links"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("folded"),
        Index(None, "ambassador_id", "id"),
        Index(None, "brand_id", "status", "id"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("link"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    ambassador_id: Mapped[int] = mapped_column(ForeignKey("ambassadors.id"))
    slug: Mapped[str] = mapped_column(String(60))
    folded: Mapped[str] = mapped_column(String(60))
    destination_url: Mapped[str] = mapped_column(String(2000))
    label: Mapped[str] = mapped_column(String(80), default="")
    status: Mapped[LinkStatus] = word_column(LinkStatus, default=LinkStatus.ACTIVE)
    is_default: Mapped[bool] = mapped_column(default=False)
    utm: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())


class LinkChange(Model):
    """From `at` on, the link had this status and led there: a trace needs to know."""

    __tablename__ = "link_changes"
    __table_args__ = (Index(None, "link_id", "at", "id"),)

    link_id: Mapped[int] = mapped_column(ForeignKey("affiliate_links.id"))
    status: Mapped[LinkStatus] = word_column(LinkStatus)
    destination_url: Mapped[str] = mapped_column(String(2000))
    at: Mapped[datetime] = mapped_column(UTCDateTime())
    by_id: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(200), default="")


class Click(Model):
    """One click. `id` is a 63-bit time-ordered number: the `vclid` that travels to the shop.

    `visitor` is a keyed hash that changes daily, so it follows nobody from day to day, and empty
    for who refused; `ip` is set only while PORTAL_CLICK_IP_HOURS allows it; `previous_id`
    is the click the same browser's first-party cookie told of, if it had one.
    """

    __tablename__ = "clicks"
    __table_args__ = (
        Index(None, "ambassador_id", "at"),
        Index(None, "brand_id", "at"),
        Index(
            "ix_clicks_id_with_ip", "id", sqlite_where=text("ip IS NOT NULL"),
            postgresql_where=text("ip IS NOT NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False
    )
    link_id: Mapped[int] = mapped_column(ForeignKey("affiliate_links.id"))
    ambassador_id: Mapped[int] = mapped_column(ForeignKey("ambassadors.id"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime())
    visitor: Mapped[str] = mapped_column(String(32))
    agent_class: Mapped[AgentClass] = word_column(AgentClass, default=AgentClass.HUMAN)
    referrer_host: Mapped[str] = mapped_column(String(120), default="")
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    previous_id: Mapped[int | None]
    ip: Mapped[str | None] = mapped_column(String(45))
