"""Shop connections, orders and their lines, refunds, disputes: facts as the shops report them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
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


class Source(StrEnum):
    SHOPIFY = "shopify"
    WOOCOMMERCE = "woocommerce"
    STRIPE = "stripe"
    CSV = "csv"
    API = "api"


class OrderPayment(StrEnum):
    """How far an order's money is (UX §6.9); only the shop's reports move it."""

    OPEN = "open"
    PAID = "paid"
    PARTLY_REFUNDED = "partly refunded"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"
    CHARGED_BACK = "charged back"


class DisputeState(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


class Connection(Model):
    """One shop of a brand. `public_id` is the unguessable part of its webhook URL."""

    __tablename__ = "connections"
    __table_args__ = (UniqueConstraint("public_id"), Index(None, "brand_id", "id"))

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("shop"))
    source: Mapped[Source] = word_column(Source)
    name: Mapped[str] = mapped_column(String(120))
    secret: Mapped[str] = mapped_column(String(200))
    previous_secret: Mapped[str | None] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    last_event_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class Order(Model):
    """One order of one shop. `customer_key` is a keyed hash; the buyer's e-mail is never kept."""

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("connection_id", "external_id"),
        Index(None, "brand_id", "placed_at"),
        Index(None, "brand_id", "id"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("order"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    external_id: Mapped[str] = mapped_column(String(120))
    number: Mapped[str] = mapped_column(String(120))
    currency: Mapped[str] = currency_column()
    placed_at: Mapped[datetime] = mapped_column(UTCDateTime())
    paid_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    shop_updated_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime())
    payment: Mapped[OrderPayment] = word_column(OrderPayment)
    base_minor: Mapped[int] = minor_column()
    total_minor: Mapped[int] = minor_column(default=0)
    tax_minor: Mapped[int] = minor_column(default=0)
    shipping_minor: Mapped[int] = minor_column(default=0)
    discount_minor: Mapped[int] = minor_column(default=0)
    codes: Mapped[list[Any]] = mapped_column(JSON, default=list)
    click_id: Mapped[str | None] = mapped_column(String(80))
    customer_key: Mapped[str] = mapped_column(String(64), default="")
    is_test: Mapped[bool] = mapped_column(default=False)
    is_cancelled: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(Text, default="")

    base: Mapped[Money] = money("base_minor")
    total: Mapped[Money] = money("total_minor")


class OrderLine(Model):
    """One line: its net amount is its part of the commissionable base."""

    __tablename__ = "order_lines"
    __table_args__ = (UniqueConstraint("order_id", "external_id"),)

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    external_id: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(300), default="")
    quantity: Mapped[str] = mapped_column(String(40), default="1")
    product_id: Mapped[str] = mapped_column(String(120), default="")
    sku: Mapped[str] = mapped_column(String(120), default="")
    is_gift_card: Mapped[bool] = mapped_column(default=False)
    currency: Mapped[str] = currency_column()
    gross_minor: Mapped[int] = minor_column()
    net_minor: Mapped[int] = minor_column()
    net: Mapped[Money] = money("net_minor")


class OrderReference(Model):
    """Another id by which the shop or the provider may speak of an order."""

    __tablename__ = "order_references"
    __table_args__ = (UniqueConstraint("connection_id", "reference"), Index(None, "order_id"))

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    reference: Mapped[str] = mapped_column(String(160))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))


class Refund(Model):
    """Money given back. Without `order_id` it is parked until its order arrives (R77)."""

    __tablename__ = "refunds"
    __table_args__ = (
        UniqueConstraint("connection_id", "external_id"),
        Index(None, "order_id"),
    )

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    external_id: Mapped[str] = mapped_column(String(160))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    references: Mapped[list[Any]] = mapped_column(JSON, default=list)
    currency: Mapped[str] = currency_column()
    amount_minor: Mapped[int] = minor_column()
    cumulative_of_minor: Mapped[int | None]
    is_whole_order: Mapped[bool] = mapped_column(default=False)
    occurred_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime())
    review: Mapped[str] = mapped_column(Text, default="")
    amount: Mapped[Money] = money("amount_minor")


class Dispute(Model):
    """A chargeback and how it ended (R72)."""

    __tablename__ = "disputes"
    __table_args__ = (UniqueConstraint("connection_id", "external_id"), Index(None, "order_id"))

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    external_id: Mapped[str] = mapped_column(String(160))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    references: Mapped[list[Any]] = mapped_column(JSON, default=list)
    currency: Mapped[str] = currency_column()
    amount_minor: Mapped[int] = minor_column()
    state: Mapped[DisputeState] = word_column(DisputeState)
    occurred_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime())
    amount: Mapped[Money] = money("amount_minor")
