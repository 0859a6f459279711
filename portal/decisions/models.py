"""What a manager wants to credit and finance must agree to."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.kernel.money import Money
from portal.storage.model import Model
from portal.storage.types import (
    UTCDateTime,
    currency_column,
    minor_column,
    money,
    word_column,
)


class ProposalStatus(StrEnum):
    """UX 6.9: above the limit an order is credited only once finance agrees."""

    WAITING_FINANCE = "waiting_finance"
    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Proposal(Model):
    """Whom an order is to be credited to, put forward once at a time; a new one takes the row."""

    __tablename__ = "order_proposals"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("order_id"),
        Index(None, "brand_id", "status"),
        Index(None, "ambassador_id"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("dec"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    ambassador_id: Mapped[int] = mapped_column(ForeignKey("ambassadors.id"))
    reason: Mapped[str] = mapped_column(String(500))
    amount_minor: Mapped[int] = minor_column()
    currency: Mapped[str] = currency_column()
    amount: Mapped[Money] = money("amount_minor")
    status: Mapped[ProposalStatus] = word_column(ProposalStatus)
    times: Mapped[int]  # how often something was put forward about this order
    by_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(UTCDateTime())
    answered_by_id: Mapped[int | None]
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    answer: Mapped[str] = mapped_column(String(500), default="", server_default="")

    @property
    def is_waiting(self) -> bool:
        """Whether finance has not answered yet."""
        return self.status is ProposalStatus.WAITING_FINANCE
