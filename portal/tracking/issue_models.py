"""How codes come about: patterns, words nobody may have, wishes, pools, batches; and what is
watched: destinations of links, and people guessing codes."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, word_column
from portal.tracking.models import BatchKind, BatchStatus, Health, RequestStatus

PATTERN_CHARACTERS = 80


class TrackingSettings(Model):
    """A program's own way with codes and links. `utm`: parameter → template with merge fields.
    `pool_id`: approved creators get their code from there while it has one."""

    __tablename__ = "tracking_settings"
    __table_args__ = (
        UniqueConstraint("program_id"),
        Index(None, "brand_id"),
    )

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    pattern: Mapped[str] = mapped_column(String(PATTERN_CHARACTERS), default="")
    utm: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    pool_id: Mapped[int | None]


class BlockedWord(Model):
    """A word that no code of this brand may hold from now on."""

    __tablename__ = "blocked_words"
    __table_args__ = (UniqueConstraint("brand_id", "word"),)

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    word: Mapped[str] = mapped_column(String(codes.CODE_MAX))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    by_id: Mapped[int | None]


class CodeRequest(Model):
    """A creator's wish for a code of her own choice, and the brand's answer."""

    __tablename__ = "code_requests"
    __table_args__ = (
        UniqueConstraint("public_id"),
        Index(None, "brand_id", "status", "id"),
        Index(None, "ambassador_id", "id"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("wish"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    ambassador_id: Mapped[int] = mapped_column(ForeignKey("ambassadors.id"))
    wanted: Mapped[str] = mapped_column(String(codes.CODE_MAX))
    why: Mapped[str] = mapped_column(String(300), default="")
    status: Mapped[RequestStatus] = word_column(RequestStatus, default=RequestStatus.SUBMITTED)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime())
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    decided_by: Mapped[int | None]
    answer: Mapped[str] = mapped_column(String(300), default="")
    code_id: Mapped[int | None] = mapped_column(ForeignKey("discount_codes.id"))

    @property
    def is_open(self) -> bool:
        return self.status is RequestStatus.SUBMITTED


class CodePool(Model):
    """Codes made ahead, each given to one ambassador at most."""

    __tablename__ = "code_pools"
    __table_args__ = (UniqueConstraint("public_id"), Index(None, "brand_id", "id"))

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("pool"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    name: Mapped[str] = mapped_column(String(80))
    discount_bp: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    by_id: Mapped[int | None]


class PooledCode(Model):
    """One code of a pool; `code_id` once an ambassador has it."""

    __tablename__ = "pooled_codes"
    __table_args__ = (
        UniqueConstraint("brand_id", "lookalike"),
        Index(None, "pool_id", "code_id", "id"),
    )

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    pool_id: Mapped[int] = mapped_column(ForeignKey("code_pools.id"))
    code: Mapped[str] = mapped_column(String(codes.CODE_MAX))
    lookalike: Mapped[str] = mapped_column(String(codes.CODE_MAX))
    code_id: Mapped[int | None] = mapped_column(ForeignKey("discount_codes.id"))


class CodeBatch(Model):
    """Many codes asked for at once. `source`: the uploaded lines, until they are read; `problems`:
    [line or name, sentence] of the first that could not be made."""

    __tablename__ = "code_batches"
    __table_args__ = (UniqueConstraint("public_id"), Index(None, "brand_id", "id"))

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("batch"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    pool_id: Mapped[int | None] = mapped_column(ForeignKey("code_pools.id"))
    kind: Mapped[BatchKind] = word_column(BatchKind)
    status: Mapped[BatchStatus] = word_column(BatchStatus, default=BatchStatus.QUEUED)
    pattern: Mapped[str] = mapped_column(String(PATTERN_CHARACTERS), default="")
    discount_bp: Mapped[int]
    valid_from: Mapped[datetime | None] = mapped_column(UTCDateTime())
    valid_until: Mapped[datetime | None] = mapped_column(UTCDateTime())
    use_limit: Mapped[int | None]
    wanted: Mapped[int] = mapped_column(default=0)
    made: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    source: Mapped[str] = mapped_column(Text, default="")
    problems: Mapped[list[Any]] = mapped_column(JSON, default=list)
    by_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class LinkCheck(Model):
    """What looking at a link's destination found last. `broken_since`: the first look of those
    that failed without a good one between; `leads_to`: where a redirect pointed."""

    __tablename__ = "link_checks"
    __table_args__ = (
        UniqueConstraint("link_id"),
        Index(None, "brand_id", "health", "link_id"),
        Index(None, "next_at"),
    )

    link_id: Mapped[int] = mapped_column(ForeignKey("affiliate_links.id"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    url: Mapped[str] = mapped_column(String(2000))
    health: Mapped[Health] = word_column(Health)
    status: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(String(200), default="")
    leads_to: Mapped[str] = mapped_column(String(2000), default="")
    broken_since: Mapped[datetime | None] = mapped_column(UTCDateTime())
    checked_at: Mapped[datetime] = mapped_column(UTCDateTime())
    next_at: Mapped[datetime] = mapped_column(UTCDateTime())


class GuessWindow(Model):
    """How often one source (a keyed hash, never an address) asked for codes in one window."""

    __tablename__ = "guess_windows"
    __table_args__ = (UniqueConstraint("source", "starts_at"), Index(None, "starts_at"))

    source: Mapped[str] = mapped_column(String(40))
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime())
    tries: Mapped[int]


class CodeAlert(Model):
    """Somebody guesses a brand's codes: one row per source and window, with its refused tries."""

    __tablename__ = "code_alerts"
    __table_args__ = (
        UniqueConstraint("brand_id", "source", "starts_at"),
        Index(None, "brand_id", "starts_at"),
    )

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    source: Mapped[str] = mapped_column(String(40))
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime())
    last_at: Mapped[datetime] = mapped_column(UTCDateTime())
    refused: Mapped[int]
