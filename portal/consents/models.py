"""Answers to proposed terms and tiers."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, synonym

from portal.storage.model import Model
from portal.storage.types import UTCDateTime, word_column


class Answer(StrEnum):
    """UX 6.3’s words, for commission terms and tiers."""

    ACCEPTED = "accepted"
    DECLINED = "declined"


class TermsAnswer(Model):
    """What an ambassador said to one version of the terms, when and from where; rows are only
    added, the newest is what holds from its instant on."""

    __tablename__ = "terms_answers"
    __table_args__ = (
        Index(None, "ambassador_id", "terms_id", "id"),
        Index(None, "terms_id", "is_latest", "answer"),
    )

    ambassador_id: Mapped[int] = mapped_column(ForeignKey("ambassadors.id"))
    terms_id: Mapped[int] = mapped_column(ForeignKey("commission_terms.id"))
    version_id: Mapped[int] = synonym("terms_id")
    answer: Mapped[Answer] = word_column(Answer)
    is_latest: Mapped[bool]
    at: Mapped[datetime] = mapped_column(UTCDateTime())
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ip: Mapped[str] = mapped_column(String(64), default="")


class TiersAnswer(Model):
    """The same, to one version of the tiers."""

    __tablename__ = "tiers_answers"
    __table_args__ = (
        Index(None, "ambassador_id", "ladder_id", "id"),
        Index(None, "ladder_id", "is_latest", "answer"),
    )

    ambassador_id: Mapped[int] = mapped_column(ForeignKey("ambassadors.id"))
    ladder_id: Mapped[int] = mapped_column(ForeignKey("tier_ladders.id"))
    version_id: Mapped[int] = synonym("ladder_id")
    answer: Mapped[Answer] = word_column(Answer)
    is_latest: Mapped[bool]
    at: Mapped[datetime] = mapped_column(UTCDateTime())
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ip: Mapped[str] = mapped_column(String(64), default="")
