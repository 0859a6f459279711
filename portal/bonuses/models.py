"""Bonuses, and who reached them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.kernel.money import Money
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, currency_column, minor_column, money, word_column


class Metric(StrEnum):
    """What is counted: approved only, returns taken off (R22, R76)."""

    SALES = "sales"
    NET = "net"
    LEADS = "leads"


class Window(StrEnum):
    """The time in which the goal has to be reached; calendar ones in the brand's zone."""

    LIFETIME = "lifetime"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Bonus(Model):
    """One goal and what it pays. Never edited: stop it and set up another. `threshold` is a number
    of sales or leads, or minor units of `currency` for net sales."""

    __tablename__ = "bonuses"
    __table_args__ = (
        UniqueConstraint("public_id"),
        Index("ix_bonuses_program", "program_id", "id"),
        Index("ix_bonuses_brand", "brand_id", "id"),
        CheckConstraint("threshold > 0", name="asks_something"),
        CheckConstraint("amount_minor > 0", name="pays_something"),
        CheckConstraint("hold_days BETWEEN 0 AND 120", name="hold"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("bon"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    title: Mapped[str] = mapped_column(String(120))
    metric: Mapped[Metric] = word_column(Metric)
    threshold: Mapped[int] = minor_column()
    amount_minor: Mapped[int] = minor_column()
    currency: Mapped[str] = currency_column()
    window: Mapped[Window] = word_column(Window)
    repeats: Mapped[bool] = mapped_column(default=False)
    hold_days: Mapped[int]
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime())
    ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    amount: Mapped[Money] = money("amount_minor")


class Award(Model):
    """An ambassador reached a bonus; `period` is the window she reached it in ("2026-11")."""

    __tablename__ = "bonus_awards"
    __table_args__ = (
        UniqueConstraint("bonus_id", "ambassador_id", "period"),
        UniqueConstraint("commission_id"),
        Index("ix_bonus_awards_ambassador", "ambassador_id"),
    )

    bonus_id: Mapped[int] = mapped_column(ForeignKey("bonuses.id"))
    ambassador_id: Mapped[int] = mapped_column(ForeignKey("ambassadors.id"))
    period: Mapped[str] = mapped_column(String(20))
    commission_id: Mapped[int] = mapped_column(ForeignKey("commissions.id"))
    reached_at: Mapped[datetime] = mapped_column(UTCDateTime())
