"""Answers to proposed terms."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.storage.model import Model
from portal.storage.types import UTCDateTime, word_column


class Answer(StrEnum):
    """UX 6.3’s words, for commission terms."""

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
    answer: Mapped[Answer] = word_column(Answer)
    is_latest: Mapped[bool]
    at: Mapped[datetime] = mapped_column(UTCDateTime())
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ip: Mapped[str] = mapped_column(String(64), default="")
