"""Shop connections; orders, their lines and other ids; refunds; disputes."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import codes
from portal.kernel.money import Money
from portal.sales.rules import (
    CREDIT,
    PARTS,
    TAX_BESIDE,
    DisputeState,
    OrderPayment,
    RefundFamily,
    Worth,
)
from portal.storage.model import Model
from portal.storage.types import (
    UTCDateTime,
    currency_column,
    minor_column,
    money,
    sealed_column,
    word_column,
)

ID_CHARACTERS = 120


def _given(column: str) -> dict[str, Any]:
    """An index over the rows that have this column: most orders do not."""
    condition = text(f"{column} IS NOT NULL")
    return {"sqlite_where": condition, "postgresql_where": condition}


class Source(StrEnum):
    """Where a brand's orders come from; also the provider's word in `/hooks/<provider>/…`."""

    SHOPIFY = "shopify"
    WOOCOMMERCE = "woocommerce"
    STRIPE = "stripe"
    CSV = "csv"
    API = "api"


class Connection(Model):
    """One shop of one brand. `public_id` stands in the hook's URL and cannot be guessed.

    `previous_secret` is still good while a secret is being rotated.
    """

    __tablename__ = "connections"
    __table_args__ = (UniqueConstraint("public_id"), Index(None, "brand_id", "source"))

    public_id: Mapped[str] = mapped_column(String(60))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    source: Mapped[Source] = word_column(Source)
    name: Mapped[str] = mapped_column(String(120))
    secret: Mapped[str] = sealed_column()
    previous_secret: Mapped[str | None] = sealed_column()
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    last_event_at: Mapped[datetime | None] = mapped_column(UTCDateTime())

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secrets a signature may be made with now: one, or two in rotation."""
        return tuple(secret for secret in (self.secret, self.previous_secret) if secret)


class Order(Model):
    """One order as its shop told it last. Amounts are in the shop's currency.

    `told` orders the shop's reports of this order: an older one changes nothing. `payment`,
    `taken_back_minor` and `is_cancelled` follow from the reports, whatever their order.
    `taken_back_minor` is the base's part given back by refunds and lost disputes. The keys and
    `clues` are keyed hashes of what is known of the buyer, never the thing itself (R51). `tags`
    are the shop's own words on the order; `action` is `sale`, or a `lead` or `sign_up`. `beside`
    is what else it came to, by the words of `rules.BESIDE`; `beside_taken` what was given back.
    `lines_known` are the shop's ids of all lines ever told, where the newest report has not all.
    """

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("connection_id", "external_id"),
        Index(None, "brand_id", "placed_at", "id"),
        Index(None, "brand_id", "customer_key", "placed_at"),
        Index(None, "brand_id", "number"),
        Index(None, "brand_id", "subscription_ref", **_given("subscription_ref")),
        Index(None, "brand_id", "customer_id_key", **_given("customer_id_key")),
        Index(None, "brand_id", "payment_key", **_given("payment_key")),
        CheckConstraint(
            "taken_back_minor >= 0 AND taken_back_minor <= base_minor", name="never_more_than_base"
        ),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("ord"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    external_id: Mapped[str] = mapped_column(String(ID_CHARACTERS))
    number: Mapped[str] = mapped_column(String(200))
    currency: Mapped[str] = currency_column()
    placed_at: Mapped[datetime] = mapped_column(UTCDateTime())
    paid_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    shop_updated_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime())
    told: Mapped[str] = mapped_column(String(120))
    payment: Mapped[OrderPayment] = word_column(OrderPayment)
    is_paid: Mapped[bool]
    is_test: Mapped[bool] = mapped_column(default=False)
    is_cancelled: Mapped[bool] = mapped_column(default=False)
    is_deleted: Mapped[bool] = mapped_column(default=False)
    base_minor: Mapped[int] = minor_column()
    taken_back_minor: Mapped[int] = minor_column(default=0)
    total_minor: Mapped[int] = minor_column()
    tax_minor: Mapped[int] = minor_column()
    shipping_minor: Mapped[int] = minor_column()
    discount_minor: Mapped[int] = minor_column()
    codes: Mapped[list[str]] = mapped_column(JSON)
    click_id: Mapped[str | None] = mapped_column(String(64))
    customer_key: Mapped[str | None] = mapped_column(String(64))
    customer_id_key: Mapped[str | None] = mapped_column(String(64))
    payment_key: Mapped[str | None] = mapped_column(String(64))
    clues: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    subscription_ref: Mapped[str | None] = mapped_column(String(ID_CHARACTERS))
    checkout_started_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    fulfilled_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    delivered_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    tags: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    beside: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))
    beside_taken: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))
    action: Mapped[str] = mapped_column(String(20), default="sale", server_default="sale")
    lines_known: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))

    base: Mapped[Money] = money("base_minor")
    taken_back: Mapped[Money] = money("taken_back_minor")
    total: Mapped[Money] = money("total_minor")
    tax: Mapped[Money] = money("tax_minor")
    shipping: Mapped[Money] = money("shipping_minor")
    discount: Mapped[Money] = money("discount_minor")

    @property
    def parts(self) -> dict[str, int]:
        """What the order came to beside its goods, by the names of `rules.PARTS`."""
        told = {"shipping": self.shipping_minor, "tax": self.tax_minor, **(self.beside or {})}
        return {name: told[name] for name in PARTS if told.get(name, 0) > 0}

    @property
    def goods_with_tax(self) -> Money:
        """The base and its tax, as a refund that names no lines counts them (R67)."""
        other = (self.beside or {}).get(TAX_BESIDE, 0)
        return self.base + Money(max(self.tax_minor - other, 0), self.currency)

    @property
    def worth(self) -> Worth:
        """The amounts of which terms choose what counts (R2, R10)."""
        is_gone, parts = self.is_cancelled or self.is_deleted, self.parts
        left = Money.zero(self.currency) if is_gone else self.base - self.taken_back
        taken = parts if is_gone else (self.beside_taken or {})
        credit = (self.beside or {}).get(CREDIT, 0)
        return Worth(self.base, left, parts, taken, credit, self.total_minor)


class OrderLine(Model):
    """One line. `net_minor` is its part of the base; a gift card bought has none (R10)."""

    __tablename__ = "order_lines"
    __table_args__ = (Index(None, "order_id", "position"),)

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    position: Mapped[int]
    external_id: Mapped[str] = mapped_column(String(ID_CHARACTERS))
    title: Mapped[str] = mapped_column(String(200))
    quantity: Mapped[str] = mapped_column(String(40))
    product_id: Mapped[str] = mapped_column(String(ID_CHARACTERS))
    sku: Mapped[str] = mapped_column(String(200))
    is_gift_card: Mapped[bool] = mapped_column(default=False)
    category: Mapped[str] = mapped_column(String(200), default="", server_default="")
    tags: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    currency: Mapped[str] = currency_column()
    gross_minor: Mapped[int] = minor_column()
    net_minor: Mapped[int] = minor_column()

    gross: Mapped[Money] = money("gross_minor")
    net: Mapped[Money] = money("net_minor")


class OrderReference(Model):
    """An id by which the shop or its bank may name an order: its own, a payment's, a charge's.

    `order_id` is empty while only the link is known (`linked_by` is what links go together).
    """

    __tablename__ = "order_references"
    __table_args__ = (
        UniqueConstraint("connection_id", "reference"),
        Index(None, "order_id"),
        Index(None, "connection_id", "linked_by"),
    )

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    reference: Mapped[str] = mapped_column(String(ID_CHARACTERS + 20))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    linked_by: Mapped[str | None] = mapped_column(String(ID_CHARACTERS + 20))


class Refund(Model):
    """Money given back. Without an order it is parked until the order arrives (R77).

    `amount_minor` is read as `family` says. `stated` is the amount as written when the message
    named no currency. `review` is a sentence for a person.
    """

    __tablename__ = "refunds"
    __table_args__ = (UniqueConstraint("connection_id", "external_id"), Index(None, "order_id"))

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    external_id: Mapped[str] = mapped_column(String(ID_CHARACTERS + 20))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    family: Mapped[RefundFamily] = word_column(RefundFamily)
    precision: Mapped[int]
    told: Mapped[str] = mapped_column(String(120))
    currency: Mapped[str] = currency_column()
    amount_minor: Mapped[int] = minor_column()
    charged_minor: Mapped[int | None] = minor_column()
    stated: Mapped[str] = mapped_column(String(40), default="")
    is_withdrawn: Mapped[bool] = mapped_column(default=False)
    lines: Mapped[list[list[str | int]]] = mapped_column(JSON)
    beside: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    review: Mapped[str] = mapped_column(Text, default="")
    occurred_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime())

    amount: Mapped[Money] = money("amount_minor")


class Dispute(Model):
    """A chargeback of an order (R72); parked like a refund while its order is unknown."""

    __tablename__ = "disputes"
    __table_args__ = (UniqueConstraint("connection_id", "external_id"), Index(None, "order_id"))

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    external_id: Mapped[str] = mapped_column(String(ID_CHARACTERS + 20))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    state: Mapped[DisputeState] = word_column(DisputeState)
    told: Mapped[str] = mapped_column(String(120))
    currency: Mapped[str] = currency_column()
    amount_minor: Mapped[int] = minor_column()
    occurred_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime())

    amount: Mapped[Money] = money("amount_minor")


class WaitingReference(Model):
    """What waits for an order known by this id: a refund, a dispute, or (neither) its deletion."""

    __tablename__ = "waiting_references"
    __table_args__ = (Index(None, "connection_id", "reference"),)

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    reference: Mapped[str] = mapped_column(String(ID_CHARACTERS + 20))
    refund_id: Mapped[int | None] = mapped_column(ForeignKey("refunds.id"))
    dispute_id: Mapped[int | None] = mapped_column(ForeignKey("disputes.id"))
