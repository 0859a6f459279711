"""What a shop's message says, in our words: pure dataclasses that every integration fills.

Amounts are Money in the shop's own currency. The commissionable base of an order is the sum over
its lines of price × quantity less every discount allocated to the line (R2, R4, R6); tax,
shipping, tips and fees never enter it, and a gift card used to pay is tender (R10).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum

from portal.bank_payouts.rules import BankPayoutTold
from portal.kernel.money import Money


class ReportKind(StrEnum):
    """What one message means (the words of CONTRACTS: `portal order preview`)."""

    SALE = "sale"
    SALE_AND_REFUND = "sale+refund"
    SALE_UNPAID = "sale_unpaid"
    REFUND = "refund"
    CANCEL = "cancel"
    REFETCH = "refetch"
    IGNORE = "ignore"
    DISPUTE_OPEN = "dispute_open"
    DISPUTE_WON = "dispute_won"
    DISPUTE_LOST = "dispute_lost"
    ACCOUNT_PAYABLE = "account_payable"
    ACCOUNT_NOT_PAYABLE = "account_not_payable"
    ACCOUNT_DISCONNECTED = "account_disconnected"
    REFERENCE = "reference"


class OrderPayment(StrEnum):
    """UX 6.9."""

    OPEN = "open"
    PAID = "paid"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"
    CHARGED_BACK = "charged_back"


PARTS = ("shipping", "tax", "tip", "gift_wrap")
CREDIT = "credit"
TAX_BESIDE = "tax_beside"  # what of the tax is not the goods': shipping's, a tip's
BESIDE = (*PARTS, CREDIT, TAX_BESIDE)


@dataclass(frozen=True, slots=True)
class Worth:
    """An order's amounts, of which terms choose what counts: its goods, whole and what is left of
    them, and every part beside them, whole and given back, in minor units. `credit_minor` of
    `total_minor` was paid with gift cards or store credit."""

    goods: Money
    goods_left: Money
    beside: Mapping[str, int]
    given_back: Mapping[str, int]
    credit_minor: int = 0
    total_minor: int = 0


class DisputeState(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class LineReport:
    """One order line. `net` = price × quantity − discounts, without tax: its part of the base."""

    external_id: str
    title: str
    quantity: str  # as the shop wrote it: WooCommerce sells 1.5 of a thing
    gross: Money
    net: Money
    product_id: str = ""
    sku: str = ""
    is_gift_card: bool = False
    category: str = ""
    tags: tuple[str, ...] = ()


class RefundFamily(StrEnum):
    """How a refund's amount is to be read, and with which others it must not be added up.

    OWN: its part of the base, each refund by itself. GOODS: a sum that names no lines, of goods
    with their tax, each refund by itself (R67). The other three are Stripe's several
    accounts of the same money, so the largest of their sums counts: CHARGE is all that was given
    back of one charge so far, PAYMENT one refund of what was paid (both with tax and shipping:
    the base shrinks in the same ratio), CREDIT_NOTE the base's part of a refund already paid out.
    """

    OWN = "own"
    GOODS = "goods"
    CHARGE = "charge"
    PAYMENT = "payment"
    CREDIT_NOTE = "credit note"


class Precision(IntEnum):
    """How much a report of a refund knows; the better one of the same refund stays."""

    TOTAL = 0  # one sum, tax and shipping not told apart
    LINES = 1  # line by line
    LINES_IN_ORDER = 2  # line by line, beside the order whose lines they are


@dataclass(frozen=True, slots=True)
class RefundReport:
    """Money given back on one order.

    `amount` is read as `family` says; `cumulative_of` is the charged amount that a CHARGE is part
    of. `order_references` are any ids by which the order may be known. `stated` is the amount as
    written when the message names no currency: the order's own currency then decides. A refund
    that failed, or a voided credit note, `is_withdrawn`. `review` is a sentence when a person
    should look at it. `pieces` goes with `lines`: how many whole pieces of each came back.
    `beside`: what was given back of BESIDE, in major units as written (R67).
    """

    external_id: str
    order_references: tuple[str, ...]
    amount: Money
    occurred_at: datetime | None
    lines: tuple[tuple[str, Money], ...] = ()
    family: RefundFamily = RefundFamily.OWN
    cumulative_of: Money | None = None
    precision: Precision = Precision.LINES
    stated: str = ""
    is_withdrawn: bool = False
    review: str = ""
    pieces: tuple[int, ...] = ()
    beside: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class BuyerClues:
    """What else a shop tells of the buyer. Only keyed hashes of it are kept (R51)."""

    surname: str = ""
    ip: str = ""
    payment: str = ""  # the fingerprint of a card or an account, as the provider makes it


@dataclass(frozen=True, slots=True)
class OrderReport:
    """One order as the shop tells it now. `references` are its other ids (payment intent, …).

    `placed_at` is None when the shop does not say; whoever records it then takes the moment it
    was heard. `paid_at` is None too where only the newest change is known to be a payment.
    `updated_at` orders the reports of one order: an older one changes nothing.
    `promotions` are ids that stand for codes nobody wrote out (Stripe).
    `subscription` is the shop's id of the subscription this charge belongs to (R45).
    `beside`: of BESIDE, what the goods are not (R2): `shipping` only where `shipping` holds tax
    too; `credit`, what was paid with gift cards or store credit (R10); and TAX_BESIDE.
    """

    external_id: str
    number: str
    currency: str
    placed_at: datetime | None
    updated_at: datetime | None
    lines: tuple[LineReport, ...]
    codes: tuple[str, ...]
    is_paid: bool
    total: Money
    tax: Money
    shipping: Money
    discount: Money
    click_id: str | None = None
    customer_id: str = ""
    customer_email: str = ""
    is_test: bool = False
    is_cancelled: bool = False
    references: tuple[str, ...] = ()
    refunds: tuple[RefundReport, ...] = ()
    subscription: str = ""
    checkout_started_at: datetime | None = None
    fulfilled_at: datetime | None = None
    delivered_at: datetime | None = None
    clues: BuyerClues = BuyerClues()
    paid_at: datetime | None = None
    tags: tuple[str, ...] = ()
    action: str = "sale"  # or `lead`, `sign_up`: what costs the customer nothing
    promotions: tuple[str, ...] = field(default=(), repr=False)
    beside: tuple[tuple[str, Money], ...] = ()

    @property
    def base(self) -> Money:
        """The commissionable base (R2): the lines' net amounts; gift cards bought earn 0 (R10)."""
        counted = (line.net for line in self.lines if not line.is_gift_card)
        return max(Money.total(counted, self.currency), Money.zero(self.currency))


@dataclass(frozen=True, slots=True)
class DisputeReport:
    """A chargeback as the provider tells it; `order_references` as for refunds (R72)."""

    external_id: str
    order_references: tuple[str, ...]
    amount: Money
    state: DisputeState
    occurred_at: datetime | None


@dataclass(frozen=True, slots=True)
class AccountReport:
    """What the payment provider says of a creator's payout account, written at `reported_at`. An
    empty `state` says only that something changed: the provider is to be asked."""

    account_id: str
    state: str  # payable | not_payable | restricted | rejected | disconnected
    missing: tuple[str, ...] = ()
    due: tuple[str, ...] = ()
    due_at: datetime | None = None
    label: str = ""
    country: str = ""
    bank: str = ""
    reported_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TransferReport:
    """Money of ours that came back: a payout's transfer was reversed, wholly or in part."""

    transfer_id: str
    amount: Money
    reversed: Money

    @property
    def is_whole(self) -> bool:
        return self.reversed >= self.amount


@dataclass(frozen=True, slots=True)
class Reading:
    """One message, understood: what `portal order preview` prints and what the worker applies.

    `links` are two or more ids that name one order, told by a message that is no order itself.
    """

    kind: ReportKind
    external_id: str = ""
    currency: str | None = None
    commissionable: Money | None = None
    clawback: Money | None = None
    codes: tuple[str, ...] = ()
    note: str = ""
    order: OrderReport | None = None
    refunds: tuple[RefundReport, ...] = field(default=())
    dispute: DisputeReport | None = None
    account: AccountReport | None = None
    transfer: TransferReport | None = None
    bank_payout: BankPayoutTold | None = None
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefundFact:
    """A stored refund, as the sum of an order's refunds needs it."""

    family: RefundFamily
    amount: Money
    charged: Money | None
    is_withdrawn: bool
    occurred_at: datetime | None
    beside: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DisputeFact:
    """A stored dispute, as an order's standing needs it; its amount may be in the currency that
    the buyer paid in."""

    amount: Money
    state: DisputeState


@dataclass(frozen=True, slots=True)
class LineBack:
    """What refunds that name a line gave back of it: its part of the base, and whole pieces."""

    worth: Money
    pieces: int = 0


def refunded_base(
    base: Money, total: Money, facts: Sequence[RefundFact], goods: Money | None = None
) -> Money:
    """How much of the base was given back in all: never more than the base (R65, R66, R73).

    Refunds of the OWN family add up; so do those of GOODS, in the ratio of the base to the `goods`
    with their tax (the total, where that is all that is known). The other families tell the same
    money in their own ways, so the largest of their sums counts, once. The result does not depend
    on the facts' order.
    """
    zero = Money.zero(base.currency)
    own = _sum(facts, RefundFamily.OWN, base.currency)
    unlined = share_of(base, _sum(facts, RefundFamily.GOODS, base.currency), goods or total)
    return min(max(own + unlined + _of_payments(base, total, facts), zero), base)


def beside_given_back(
    beside: Mapping[str, int], base: Money, total: Money, facts: Sequence[RefundFact],
    disputed: Money, goods: Money | None = None,
) -> dict[str, int]:  # fmt: skip
    """How much of each part beside the goods was given back, never more than it (R67, R73).

    Refunds that name it add up; where a shop tells only one sum of a payment, and for lost
    disputes, a part shrinks in the ratio of the goods. A sum of `goods` with their tax holds some
    of the tax.
    """
    in_ratio = min(_of_payments(base, total, facts) + disputed, base)
    unlined = _sum(facts, RefundFamily.GOODS, base.currency)
    taxes = (unlined - share_of(base, unlined, goods or total)).minor
    own = [*_live(facts, RefundFamily.OWN), *_live(facts, RefundFamily.GOODS)]
    found = {}
    for name, whole in beside.items():
        named = sum(fact.beside.get(name, 0) for fact in own) + (taxes if name == "tax" else 0)
        share = share_of(Money(whole, base.currency), in_ratio, base).minor if base else 0
        taken = min(named + share, whole)
        if taken > 0:
            found[name] = taken
    return found


def _of_payments(base: Money, total: Money, facts: Sequence[RefundFact]) -> Money:
    """The base's part of refunds that are told as sums of a payment: the largest account."""
    zero = Money.zero(base.currency)
    noted = _sum(facts, RefundFamily.CREDIT_NOTE, base.currency)
    paid_back = _sum(facts, RefundFamily.PAYMENT, base.currency)
    told = [
        _charge_share(base, fact, facts) for fact in facts if fact.family is RefundFamily.CHARGE
    ]
    of_charges = Money.total(told, base.currency)
    return max(of_charges, share_of(base, paid_back, total), noted, zero)


def _sum(facts: Sequence[RefundFact], family: RefundFamily, currency: str) -> Money:
    return Money.total((fact.amount for fact in _live(facts, family)), currency)


def _live(facts: Sequence[RefundFact], family: RefundFamily) -> Iterator[RefundFact]:
    return (fact for fact in facts if fact.family is family and not fact.is_withdrawn)


def _charge_share(base: Money, charge: RefundFact, facts: Sequence[RefundFact]) -> Money:
    """A charge's own sum, less refunds that failed after it was told."""
    amount = charge.amount
    for fact in facts:
        failed = fact.family is RefundFamily.PAYMENT and fact.is_withdrawn
        if failed and _is_later(fact, charge):
            amount = amount - fact.amount
    return share_of(base, max(amount, Money.zero(base.currency)), charge.charged or charge.amount)


def _is_later(fact: RefundFact, other: RefundFact) -> bool:
    if fact.occurred_at is None or other.occurred_at is None:
        return fact.occurred_at is not None
    return fact.occurred_at > other.occurred_at


def share_of(base: Money, part: Money, whole: Money) -> Money:
    """The base in the ratio part ÷ whole, at most all of it; all of it when there is no whole."""
    if part.minor <= 0:
        return Money.zero(base.currency)
    if whole.minor <= 0 or part >= whole:
        return base
    return base.scaled(part.minor, whole.minor)


def disputed_base(base: Money, total: Money, disputes: Sequence[DisputeFact]) -> Money:
    """How much of the base lost disputes took (R72); open and won ones take nothing.

    Amounts are never converted: one that was lost in another currency took all of it.
    """
    lost = [dispute.amount for dispute in disputes if dispute.state is DisputeState.LOST]
    if any(amount.currency != base.currency for amount in lost):
        return base
    return share_of(base, Money.total(lost, base.currency), total)


@dataclass(frozen=True, slots=True)
class Standing:
    """What an order is worth to whoever earned on it. `remaining` is never below zero (R65);
    `back` is what refunds took of single lines, by the shop's ids of them (R66)."""

    order_id: int
    brand_id: int
    currency: str
    original: Money
    remaining: Money
    is_paid: bool
    is_cancelled: bool
    is_test: bool
    is_charged_back: bool
    has_open_dispute: bool
    placed_at: datetime
    paid_at: datetime | None
    fulfilled_at: datetime | None = None
    delivered_at: datetime | None = None
    back: Mapping[str, LineBack] = field(default_factory=dict)
    worth: Worth | None = None

    @property
    def is_gone(self) -> bool:
        """Cancelled, or charged back whole: even what cost nothing earns nothing any more."""
        return self.is_cancelled or (self.is_charged_back and not self.remaining)

    @property
    def is_whole(self) -> bool:
        """Nothing was given back, cancelled or charged back."""
        beside = self.worth is not None and any(self.worth.given_back.values())
        return self.remaining == self.original and not beside

    @property
    def is_undisturbed(self) -> bool:
        """Whole, and the buyer's bank asks nothing."""
        gone = self.is_cancelled or self.is_charged_back
        return self.is_whole and not gone and not self.has_open_dispute


def payment_state(
    *, is_paid: bool, is_cancelled: bool, is_charged_back: bool, base: Money, refunded: Money
) -> OrderPayment:
    """The word of UX 6.9 that follows from the facts, in whatever order they came."""
    if is_cancelled:
        return OrderPayment.CANCELLED
    if is_charged_back:
        return OrderPayment.CHARGED_BACK
    if not is_paid:
        return OrderPayment.OPEN
    if not refunded:
        return OrderPayment.PAID
    return OrderPayment.REFUNDED if refunded >= base else OrderPayment.PARTLY_REFUNDED
