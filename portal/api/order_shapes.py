"""Conversions and refunds, as programs report and read them."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from portal.api.shapes import Amount, Cursor, ListAsked, Moment, Shape, Sum, Told, text
from portal.attribution.models import Outcome, Reason
from portal.commissions.models import CommissionKind
from portal.sales.models import Source
from portal.sales.rules import OrderPayment

MOST_LINES = 200


class LineTold(Told):
    """One line of an order. `amount` is what it came to after discounts, without tax."""

    title: Annotated[str, text(200), Field(description="What was bought")]
    amount: Amount
    quantity: Annotated[str, text(40), Field(description="As the shop writes it, also 1.5")] = "1"
    line_id: Annotated[str, text(120, 0), Field(description="The shop's own id of the line")] = ""
    product_id: Annotated[str, text(120, 0)] = ""
    sku: Annotated[str, text(200, 0)] = ""
    is_gift_card: Annotated[
        bool, Field(description="A gift card bought: it earns no commission")
    ] = False
    category: Annotated[
        str, text(200, 0), Field(description="The product’s category: terms may rate it")
    ] = ""
    tags: Annotated[
        list[Annotated[str, text(120)]],
        Field(max_length=20, description="The product’s tags: terms may rate them"),
    ] = []


class CustomerTold(Told):
    """Who bought. Only a keyed hash of it is stored, to know a returning customer."""

    id: Annotated[str, text(120, 0), Field(description="The shop's own id of the customer")] = ""
    email: Annotated[str, text(254, 0)] = ""


class ConversionTold(Told):
    """An order as your shop stands now. Report it again when it changes: the newest report counts
    (`updated_at` decides; without it, the later one)."""

    order_id: Annotated[
        str,
        text(120),
        Field(description="The shop's own id; one order is stored once, however often reported"),
    ]
    subtotal: Annotated[
        Amount,
        Field(
            description="What the goods came to after all discounts, without tax and shipping: "
            "commission is reckoned on this"
        ),
    ]
    order_number: Annotated[str, text(200, 0), Field(description="What people see, as “#1001”")] = (
        ""
    )
    placed_at: Annotated[Moment | None, Field(description="Left out: now")] = None
    updated_at: Annotated[
        Moment | None,
        Field(description="When the shop changed it; an older report changes nothing"),
    ] = None
    discount: Annotated[Amount | None, Field(description="Already taken off the subtotal")] = None
    tax: Amount | None = None
    shipping: Amount | None = None
    tip: Amount | None = None
    gift_wrap: Amount | None = None
    paid_with_credit: Annotated[
        Amount | None,
        Field(description="What gift cards or store credit paid of the order"),
    ] = None
    lines: Annotated[
        list[LineTold],
        Field(max_length=MOST_LINES, description="When given, they add up to the subtotal"),
    ] = []
    codes: Annotated[
        list[Annotated[str, text(120)]],
        Field(max_length=20, description="Discount codes the customer typed"),
    ] = []
    click_id: Annotated[
        str,
        text(64, 0),
        Field(description="The `vclid` that the shop's landing page was opened with"),
    ] = ""
    customer: CustomerTold = CustomerTold()
    is_paid: Annotated[bool, Field(description="An unpaid order earns when it is paid")] = True
    is_cancelled: bool = False
    is_test: Annotated[bool, Field(description="A test order earns nothing")] = False
    tags: Annotated[
        list[Annotated[str, text(120)]],
        Field(max_length=20, description="The shop’s words on the order, such as “wholesale”"),
    ] = []
    action: Annotated[
        Literal["sale", "lead", "sign_up"],
        Field(description="A lead or a sign-up costs nothing; terms may pay an amount for it"),
    ] = "sale"

    @model_validator(mode="after")
    def _adds_up(self) -> "ConversionTold":
        currency = self.subtotal.currency
        beside = [self.tip, self.gift_wrap, self.paid_with_credit]
        others = [self.discount, self.tax, self.shipping, *beside]
        others += [line.amount for line in self.lines]
        if any(one is not None and one.currency != currency for one in others):
            raise ValueError("All amounts of one order are in one currency.")
        lines = sum(line.amount.amount_minor for line in self.lines)
        if self.lines and lines != self.subtotal.amount_minor:
            raise ValueError(
                f"The lines add up to {lines}, the subtotal is {self.subtotal.amount_minor}."
            )
        return self


class RefundedLineTold(Told):
    """What of a refund one line of the order got: it takes back what that line earned."""

    line_id: Annotated[
        str, text(120), Field(description="As the order told it; else its place: 1, 2, …")
    ]
    amount: Amount
    quantity: Annotated[
        int, Field(ge=0, le=1_000_000, description="Whole pieces that came back")
    ] = 0


class RefundTold(Told):
    """Money given back on an order. It may arrive before its order: then it waits for it."""

    order_id: Annotated[str, text(120), Field(description="The shop's own id of the order")]
    refund_id: Annotated[
        str, text(120), Field(description="The shop's own id; one refund counts once")
    ]
    amount: Annotated[
        Amount,
        Field(
            description="What was given back for goods, without tax and shipping; 0 only where "
            "shipping, tax, tip or gift wrap was given back"
        ),
    ]
    shipping: Amount | None = None
    tax: Amount | None = None
    tip: Amount | None = None
    gift_wrap: Amount | None = None
    refunded_at: Annotated[
        Moment | None, Field(description="Left out: only `recorded_at` tells when")
    ] = None
    lines: Annotated[
        list[RefundedLineTold],
        Field(
            max_length=MOST_LINES,
            description="Left out: it is spread over all lines. When given, they add up to the "
            "amount",
        ),
    ] = []

    @model_validator(mode="after")
    def _adds_up(self) -> "RefundTold":
        if any(line.amount.currency != self.amount.currency for line in self.lines):
            raise ValueError("All amounts of one refund are in one currency.")
        lines = sum(line.amount.amount_minor for line in self.lines)
        if self.lines and lines != self.amount.amount_minor:
            raise ValueError(
                f"The lines add up to {lines}, the amount is {self.amount.amount_minor}."
            )
        return self


class Credit(Shape):
    """Who was credited with an order, or why nobody was."""

    outcome: Outcome
    reason: Reason
    ambassador: Annotated[str | None, Field(description="The ambassador's id", examples=["amb_…"])]
    code: Annotated[str | None, Field(description="The code that decided")]
    decided_at: Moment


class CommissionSeen(Shape):
    """What an order earned somebody."""

    id: Annotated[str, Field(examples=["com_…"])]
    ambassador: str
    kind: CommissionKind
    status: Annotated[str, Field(examples=["pending"])]
    amount: Annotated[Sum, Field(description="As earned")]
    net: Annotated[Sum, Field(description="What is left after refunds")]
    payable_from: Moment


class Conversion(Shape):
    """An order, who was credited with it, and what it earned."""

    id: Annotated[str, Field(examples=["ord_8kq2f7m3n4p5"])]
    order_id: str
    order_number: str
    source: Source
    status: OrderPayment
    subtotal: Sum
    refunded: Annotated[Sum, Field(description="How much of the subtotal was taken back")]
    discount: Sum
    tax: Sum
    shipping: Sum
    codes: list[str]
    click_id: str | None
    is_test: bool
    placed_at: Moment
    recorded_at: Moment
    credit: Annotated[
        Credit | None, Field(description="Null for the second or so until it is decided")
    ]
    commissions: list[CommissionSeen]


class Conversions(Shape):
    """One page of conversions, the newest first."""

    data: list[Conversion]
    next_cursor: Cursor


class ConversionsAsked(ListAsked):
    """Which conversions."""

    placed_from: Annotated[Moment | None, Field(description="Placed at or after")] = None
    placed_until: Annotated[Moment | None, Field(description="Placed before")] = None
    status: OrderPayment | None = None
    order_id: Annotated[
        Annotated[str, text(120)] | None, Field(description="The shop's own id")
    ] = None


class RefundSeen(Shape):
    """A refund, and the conversion it belongs to once that is known."""

    refund_id: str
    conversion: Annotated[str | None, Field(description="Null while it waits for its order")]
    amount: Sum
    refunded_at: Moment | None
    recorded_at: Moment


class Refunds(Shape):
    """One page of refunds, the newest first."""

    data: list[RefundSeen]
    next_cursor: Cursor


class RefundsAsked(ListAsked):
    """Which refunds."""

    conversion: Annotated[
        Annotated[str, text(60)] | None, Field(description="Of this conversion only")
    ] = None
