"""What recruiting pays, invitations, who recruited whom, and the shares earned by it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.kernel.money import Money
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, currency_column, minor_column, money, word_column


class Basis(StrEnum):
    """What a share is taken of: the order, or what the recruit earns on it (R81)."""

    SIMPLE = "simple"
    DYNAMIC = "dynamic"


class ReferralTerms(Model):
    """One version of what recruiting pays in a program; never edited. `levels` are basis points,
    the recruiter's first."""

    __tablename__ = "referral_terms"
    __table_args__ = (
        UniqueConstraint("program_id", "version"),
        CheckConstraint("first_sale_minor >= 0", name="first_sale_is_not_negative"),
        CheckConstraint("hold_days BETWEEN 0 AND 120", name="hold"),
    )

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    version: Mapped[int]
    basis: Mapped[Basis] = word_column(Basis)
    levels: Mapped[list[int]] = mapped_column(JSON)
    first_sale_minor: Mapped[int] = minor_column(default=0)
    currency: Mapped[str] = currency_column()
    hold_days: Mapped[int]
    effective_at: Mapped[datetime] = mapped_column(UTCDateTime())
    published_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    first_sale: Mapped[Money] = money("first_sale_minor")


class Invite(Model):
    """The code by which an ambassador invites; her link ends in it."""

    __tablename__ = "referral_invites"
    __table_args__ = (UniqueConstraint("ambassador_id"), UniqueConstraint("code"))

    ambassador_id: Mapped[int] = mapped_column(ForeignKey("ambassadors.id"))
    code: Mapped[str] = mapped_column(String(20), default=lambda: codes.random_symbols(8))


class Recruit(Model):
    """A creator who applied on somebody's invitation: fixed then, once for a program (R82).
    `bonus_id` is what the recruiter earned by her first approved sale (R80)."""

    __tablename__ = "recruits"
    __table_args__ = (
        UniqueConstraint("program_id", "creator_id"),
        Index("ix_recruits_parent", "parent_id", "id"),
    )

    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    parent_id: Mapped[int] = mapped_column(ForeignKey("ambassadors.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime())
    bonus_id: Mapped[int | None] = mapped_column(ForeignKey("commissions.id"))


class Override(Model):
    """A share of what a recruit's sale is worth: `commission_id` is the share, `child_id` hers."""

    __tablename__ = "referral_overrides"
    __table_args__ = (
        UniqueConstraint("child_id", "level"),
        UniqueConstraint("commission_id"),
        CheckConstraint("level BETWEEN 1 AND 2", name="two_levels"),
    )

    child_id: Mapped[int] = mapped_column(ForeignKey("commissions.id"))
    level: Mapped[int]
    commission_id: Mapped[int] = mapped_column(ForeignKey("commissions.id"))
    terms_id: Mapped[int] = mapped_column(ForeignKey("referral_terms.id"))
