"""Decisions about orders, version by version."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.storage.model import Model
from portal.storage.types import UTCDateTime, currency_column, minor_column, word_column


class Outcome(StrEnum):
    """UX 6.9. `matching` = not decided yet: the order waits for its payment (R48)."""

    MATCHING = "matching"
    CREDITED = "credited"
    NOT_CREDITED = "not_credited"
    NEEDS_DECISION = "needs_decision"
    EXCLUDED = "excluded"


class Reason(StrEnum):
    """Why: the codes of UX 2.4 that a decision can have, and the five good ones."""

    CODE_TYPED = "code_typed"
    LINK_CLICKED = "link_clicked"
    RENEWAL = "renewal"
    BOUND_CUSTOMER = "bound_customer"
    CREDITED_BY_HAND = "credited_by_hand"
    AWAITING_PAYMENT = "awaiting_payment"
    NO_CODE_NO_CLICK = "no_code_no_click"
    CLICK_OUTSIDE_WINDOW = "click_outside_window"
    CLICK_STOOD_DOWN = "click_stood_down"
    CODE_EXPIRED = "code_expired"
    CODE_PAUSED = "code_paused"
    CODE_MISTYPED = "code_mistyped"
    CODE_LEAKED_BLOCK = "code_leaked_block"
    CODES_NEVER_CREDIT = "codes_never_credit"
    MEMBERSHIP_INACTIVE = "membership_inactive"
    SELF_PURCHASE = "self_purchase"
    EXISTING_CUSTOMER = "existing_customer"
    BELOW_MINIMUM = "below_minimum"
    CAP_REACHED = "cap_reached"
    DUPLICATE = "duplicate"
    ABOVE_LIMIT = "above_limit"
    BUYER_ALIKE = "buyer_alike"
    DECLINED_BY_HAND = "declined_by_hand"
    CANCELLED = "cancelled"
    TEST_ORDER = "test_order"


class OrderRules(Model):
    """Which orders a brand wants to decide about itself: those that count for more than an amount,
    and those whose buyer is like the creator without being surely herself (R51)."""

    __tablename__ = "order_rules"
    __table_args__ = (
        UniqueConstraint("brand_id"),
        CheckConstraint("ask_above_minor > 0", name="ask_above"),
        CheckConstraint("finance_above_minor > 0", name="finance_above"),
    )

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    ask_above_minor: Mapped[int | None] = minor_column()
    finance_above_minor: Mapped[int | None] = minor_column()
    currency: Mapped[str] = currency_column()
    asks_likeness: Mapped[bool] = mapped_column(default=False)


class Attribution(Model):
    """One decision. `inputs` are the facts it was made from, `trace` the checks in their order.

    `shares` are [ambassador id, weight] where the terms split a commission (R50), `rate_bp` the
    rate where it is not the terms' own (R45), `flags` what a person might look at (R51). A
    decision by hand has `by_id` and says why in `note`; of a declined order the creators read it.
    """

    __tablename__ = "attributions"
    __table_args__ = (
        UniqueConstraint("order_id", "version"),
        Index(None, "brand_id", "is_latest", "outcome", "order_id"),
        Index(None, "ambassador_id", "is_latest", "order_id"),
        Index(None, "code_id"),
        Index(None, "click_id"),
    )

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    version: Mapped[int]
    is_latest: Mapped[bool] = mapped_column(default=True)
    outcome: Mapped[Outcome] = word_column(Outcome)
    reason: Mapped[Reason] = word_column(Reason)
    ambassador_id: Mapped[int | None] = mapped_column(ForeignKey("ambassadors.id"))
    program_id: Mapped[int | None] = mapped_column(ForeignKey("programs.id"))
    terms_id: Mapped[int | None] = mapped_column(ForeignKey("commission_terms.id"))
    code_id: Mapped[int | None] = mapped_column(ForeignKey("discount_codes.id"))
    click_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("clicks.id"))
    trace: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    inputs: Mapped[dict[str, Any]] = mapped_column(JSON)
    decided_at: Mapped[datetime] = mapped_column(UTCDateTime())
    shares: Mapped[list[list[int]] | None] = mapped_column(JSON(none_as_null=True))
    rate_bp: Mapped[int | None]
    flags: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    by_id: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(500), default="", server_default="")


class Assist(Model):
    """Somebody who had a part in an order that another is credited with: an assist of 0 (R34).

    `clicks` are her clicks that counted (R49); `has_code` says that her code was typed.
    """

    __tablename__ = "assists"
    __table_args__ = (
        UniqueConstraint("attribution_id", "ambassador_id"),
        Index(None, "ambassador_id", "order_id"),
        Index(None, "order_id"),
    )

    attribution_id: Mapped[int] = mapped_column(ForeignKey("attributions.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    ambassador_id: Mapped[int] = mapped_column(ForeignKey("ambassadors.id"))
    clicks: Mapped[int]
    has_code: Mapped[bool]


class SaleCheck(Model):
    """A creator asked about an order: what she typed, and what was answered (UX 2.4)."""

    __tablename__ = "sale_checks"
    __table_args__ = (
        UniqueConstraint("public_id"),
        Index(None, "ambassador_id", "at"),
        Index(None, "order_id"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("chk"))
    ambassador_id: Mapped[int] = mapped_column(ForeignKey("ambassadors.id"))
    asked: Mapped[dict[str, Any]] = mapped_column(JSON)
    answer: Mapped[str] = mapped_column(String(40))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime())
