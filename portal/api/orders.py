"""From what a program told to what `sales` records, and the conversion as it is told back."""

from datetime import datetime

from portal.api.order_shapes import ConversionTold, LineTold, RefundTold
from portal.api.shapes import Amount
from portal.kernel import currencies
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.sales.rules import CREDIT, PARTS, LineReport, OrderReport, RefundReport


def order_report(told: ConversionTold, updated_at: datetime | None) -> OrderReport:
    """One order as a program told it. The subtotal is the commissionable base (R2)."""
    subtotal, zero = told.subtotal.money, Money.zero(told.subtotal.currency)
    tax, shipping, discount = (
        _money(one, zero) for one in (told.tax, told.shipping, told.discount)
    )
    beside = {name: _money(getattr(told, name), zero) for name in ("tip", "gift_wrap")}
    credit = _money(told.paid_with_credit, zero)
    return OrderReport(
        external_id=told.order_id,
        number=told.order_number or told.order_id,
        currency=subtotal.currency,
        placed_at=told.placed_at,
        updated_at=updated_at,
        lines=_lines(told, subtotal + discount),
        codes=tuple(dict.fromkeys(code.strip() for code in told.codes if code.strip())),
        is_paid=told.is_paid,
        total=Money.total([subtotal, tax, shipping, *beside.values()], subtotal.currency),
        tax=tax,
        shipping=shipping,
        discount=discount,
        click_id=told.click_id.strip() or None,
        customer_id=told.customer.id,
        customer_email=told.customer.email,
        is_test=told.is_test,
        is_cancelled=told.is_cancelled,
        tags=_words(told.tags),
        action=told.action,
        beside=tuple((name, one) for name, one in (*beside.items(), (CREDIT, credit)) if one),
    )


def refund_report(told: RefundTold) -> RefundReport:
    """A refund as a program told it. Raises InvalidInput for one of nothing."""
    parts = {name: getattr(told, name) for name in PARTS}
    beside = [(name, one.money) for name, one in parts.items() if one is not None]
    if any(worth.currency != told.amount.currency for _, worth in beside):
        raise InvalidInput("amount.currency", "All amounts of one refund are in one currency.")
    if not told.amount.amount_minor and not any(worth for _, worth in beside):
        raise InvalidInput("amount.amount_minor", "A refund gives back more than 0.")
    return RefundReport(
        external_id=told.refund_id,
        order_references=(told.order_id,),
        amount=told.amount.money,
        occurred_at=told.refunded_at,
        lines=tuple((line.line_id, line.amount.money) for line in told.lines),
        pieces=tuple(line.quantity for line in told.lines),
        beside=tuple(
            (name, str(currencies.to_major(worth.minor, worth.currency)))
            for name, worth in beside
            if worth
        ),
    )


def _lines(told: ConversionTold, gross: Money) -> tuple[LineReport, ...]:
    if not told.lines:
        return (LineReport(told.order_id, "Order", "1", gross, told.subtotal.money),)
    return tuple(_line(line, position) for position, line in enumerate(told.lines, 1))


def _line(line: LineTold, position: int) -> LineReport:
    return LineReport(
        external_id=line.line_id or str(position),
        title=line.title,
        quantity=line.quantity,
        gross=line.amount.money,
        net=line.amount.money,
        product_id=line.product_id,
        sku=line.sku,
        is_gift_card=line.is_gift_card,
        category=line.category.strip(),
        tags=_words(line.tags),
    )


def _words(told: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip() for word in told if word.strip()))


def _money(amount: Amount | None, zero: Money) -> Money:
    return zero if amount is None else amount.money
