"""Stops of all sending."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.storage.model import Model
from portal.storage.types import UTCDateTime

EVERYTHING = "everything"
_STANDS = text("released_at IS NULL")


class SendingStop(Model):
    """Nobody is paid from `stopped_at` until `released_at`; finance of every brand reads `reason`.
    `reach` is what is stopped: everything, so that the database lets one stand at a time."""

    __tablename__ = "sending_stops"
    __table_args__ = (
        Index(
            "uq_sending_stops_stands", "reach", unique=True,
            sqlite_where=_STANDS, postgresql_where=_STANDS,
        ),
        CheckConstraint(
            "(released_at IS NULL) = (released_by IS NULL)", name="released_by_somebody"
        ),
        CheckConstraint("reason <> ''", name="has_a_reason"),
    )  # fmt: skip

    reach: Mapped[str] = mapped_column(String(20), default=EVERYTHING)
    reason: Mapped[str] = mapped_column(Text)
    stopped_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    stopped_at: Mapped[datetime] = mapped_column(UTCDateTime())
    released_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    released_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
