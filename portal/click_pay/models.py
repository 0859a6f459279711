"""What was paid for each day, and how far each program's days are closed."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.money import Money
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, currency_column, minor_column, money


class PaidDay(Model):
    """One ambassador's clicks of one day of the program's zone, as they were counted when it was
    closed, and what they earned: `paid` of the `people`, at the terms beside them.

    Clicks that come in later bring the day up to its count; `rows` counts its commissions.
    """

    __tablename__ = "click_pay_days"
    __table_args__ = (
        UniqueConstraint("ambassador_id", "day"),
        Index("ix_click_pay_days_program", "program_id", "day"),
        CheckConstraint("paid >= 0 AND paid <= people", name="pays_people"),
        CheckConstraint("amount_minor >= 0", name="amount_is_not_negative"),
    )

    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    ambassador_id: Mapped[int] = mapped_column(ForeignKey("ambassadors.id"))
    day: Mapped[date] = mapped_column(Date())
    terms_id: Mapped[int] = mapped_column(ForeignKey("commission_terms.id"))
    people: Mapped[int]
    repeats: Mapped[int]
    machines: Mapped[int]
    paid: Mapped[int]
    amount_minor: Mapped[int] = minor_column(default=0)
    currency: Mapped[str] = currency_column()
    rows: Mapped[int] = mapped_column(default=0)
    settled_at: Mapped[datetime] = mapped_column(UTCDateTime())

    amount: Mapped[Money] = money("amount_minor")


class ClosedThrough(Model):
    """The last day of a program whose clicks are closed; late clicks move it back."""

    __tablename__ = "click_pay_closed"
    __table_args__ = (UniqueConstraint("program_id"),)

    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    day: Mapped[date] = mapped_column(Date())
