"""Accounts that creators named, the changes they confirm, and the reminders they got."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.creators.models import Rail
from portal.kernel import codes
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, sealed_column, word_column


class PayoutDetails(Model):
    """One account a creator named for a rail. `account_ref` is a keyed print of the account: equal
    for equal accounts, whoever named them, and telling nobody which. Never edited but for the
    holder's name; the newest name counts."""

    __tablename__ = "payout_details"
    __table_args__ = (UniqueConstraint("creator_id", "account_ref"),)

    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    rail: Mapped[Rail] = word_column(Rail)
    account_ref: Mapped[str] = mapped_column(String(120))
    holder: Mapped[str] = sealed_column()
    account: Mapped[str] = sealed_column()
    bic: Mapped[str] = sealed_column(default="")
    label_masked: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())


class DestinationChange(Model):
    """A destination that replaced a usable one: she confirms it, or says that it was not she."""

    __tablename__ = "destination_changes"
    __table_args__ = (UniqueConstraint("public_id"),)

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("dch"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"), index=True)
    rail: Mapped[Rail] = word_column(Rail)
    account_ref: Mapped[str] = mapped_column(String(120))
    label_masked: Mapped[str] = mapped_column(String(80), default="")
    before_rail: Mapped[Rail | None] = word_column(Rail)
    before_ref: Mapped[str] = mapped_column(String(120), default="")
    before_masked: Mapped[str] = mapped_column(String(80), default="")
    at: Mapped[datetime] = mapped_column(UTCDateTime())
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    denied_at: Mapped[datetime | None] = mapped_column(UTCDateTime())

    @property
    def is_open(self) -> bool:
        """Neither confirmed nor denied yet."""
        return self.confirmed_at is None and self.denied_at is None


class PayoutReminder(Model):
    """A reminder that money waits for a destination: day 0, 7, 21 or 45 (R90), once each."""

    __tablename__ = "payout_reminders"
    __table_args__ = (UniqueConstraint("creator_id", "day"),)

    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    day: Mapped[int] = mapped_column()
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime())


class DestinationAsk(Model):
    """Somebody of a brand's finance asked her for an account that can be paid: once a day."""

    __tablename__ = "destination_asks"
    __table_args__ = (Index("ix_destination_asks_brand", "brand_id", "creator_id", "id"),)

    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    asked_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime())
