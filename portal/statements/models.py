"""Months that are out, and the statements in them."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.kernel.money import Money
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, currency_column, minor_column, money

MONTH_CHARACTERS = 7


class StatementMonth(Model):
    """One month of a brand that is out, in its zone: "2026-10". No month follows out of turn."""

    __tablename__ = "statement_months"
    __table_args__ = (UniqueConstraint("brand_id", "month"),)

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    month: Mapped[str] = mapped_column(String(MONTH_CHARACTERS))
    published_at: Mapped[datetime] = mapped_column(UTCDateTime())
    published_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    seals: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")


class Statement(Model):
    """One creator's month with one brand in one currency, as it was published; its figures never
    change. `mails` counts how often it was sent to her.

    `month` is "2026-10", in the brand's zone. All amounts are signed from the creator's side, so
    that they sum to `closing`: what was taken back, withheld or paid out is negative.
    """

    __tablename__ = "statements"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("brand_id", "month", "creator_id", "currency"),
        Index(None, "creator_id", "month"),
        CheckConstraint(
            "opening_minor + earned_minor + reversed_minor + adjusted_minor + withheld_minor"
            " + paid_minor = closing_minor",
            name="adds_up",
        ),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("stm"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    month: Mapped[str] = mapped_column(String(MONTH_CHARACTERS))
    currency: Mapped[str] = currency_column()
    opening_minor: Mapped[int] = minor_column()
    earned_minor: Mapped[int] = minor_column()
    reversed_minor: Mapped[int] = minor_column()
    adjusted_minor: Mapped[int] = minor_column()
    withheld_minor: Mapped[int] = minor_column()
    paid_minor: Mapped[int] = minor_column()
    closing_minor: Mapped[int] = minor_column()
    opening: Mapped[Money] = money("opening_minor")
    earned: Mapped[Money] = money("earned_minor")
    reversed: Mapped[Money] = money("reversed_minor")
    adjusted: Mapped[Money] = money("adjusted_minor")
    withheld: Mapped[Money] = money("withheld_minor")
    paid: Mapped[Money] = money("paid_minor")
    closing: Mapped[Money] = money("closing_minor")
    mails: Mapped[int] = mapped_column(default=0)
    mailed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
