"""Messages that leave by mail."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, word_column


class MessageState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    REFUSED = "refused"  # the mail server said no, for good
    KEPT = "kept"  # no mail server is configured: it waits in the outbox page


class Message(Model):
    """One mail to one person. `dedupe` is "<letter>:<subject id>:<recipient>"."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("dedupe"),
        Index(None, "recipient", "id"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("msg"))
    dedupe: Mapped[str] = mapped_column(String(200))
    letter: Mapped[str] = mapped_column(String(60))
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    state: Mapped[MessageState] = word_column(MessageState, default=MessageState.QUEUED)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
