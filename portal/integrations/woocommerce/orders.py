"""A WooCommerce order, as the REST API (v3) and the order.* webhooks tell it.

A line's `total` is net of coupons and never holds tax, whatever `prices_include_tax` says.
"""

from dataclasses import replace
from datetime import datetime

from portal.integrations import payloads
from portal.integrations.payloads import Entry, entries, first_text, ident, mapping, text
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.sales.rules import (
    CREDIT,
    TAX_BESIDE,
    BuyerClues,
    LineReport,
    OrderReport,
    Precision,
    RefundReport,
)

PAID = frozenset({"processing", "completed", "refunded"})
UNPAID = frozenset({"pending", "on-hold", "failed"})
CANCELLED = frozenset({"cancelled", "trash"})
DRAFT = frozenset({"draft", "checkout-draft", "auto-draft", "new"})
PAID_ON_DELIVERY = "cod"
STORE_CREDIT = frozenset({"smart_coupon", "store_credit", "gift_card", "gift_certificate"})
WALLETS = frozenset({"wallet", "store_credit", "gift_card"})
CLICK_KEYS = ("_vclid", "vclid")
WITH_TAX = "The shop names only the total given back; the tax in it was taken out in proportion."


def order_report(order: Entry) -> OrderReport:
    """The order with its lines, coupons and refund totals.

    Raises InvalidInput when it has no id, no currency, or a figure that is none.
    """
    external_id, currency = ident(order.get("id")), payloads.currency_of(order.get("currency"))
    if not external_id:
        raise InvalidInput("id", "The WooCommerce order has no id.")
    if not currency:
        raise InvalidInput("currency", "The WooCommerce order names no currency.")
    billing = mapping(order.get("billing"))
    lines = _lines(order, currency)
    return OrderReport(
        external_id=external_id,
        number=first_text(order.get("number"), external_id),
        currency=currency,
        placed_at=_moment(order, "date_created"),
        paid_at=_moment(order, "date_paid"),
        fulfilled_at=_moment(order, "date_completed"),
        updated_at=_moment(order, "date_modified") or _moment(order, "date_created"),
        lines=lines,
        codes=payloads.distinct(text(c.get("code")) for c in entries(order.get("coupon_lines"))),
        is_paid=is_paid(order),
        total=_total(order, lines, currency),
        tax=payloads.major(order.get("total_tax"), currency),
        shipping=payloads.major(order.get("shipping_total"), currency),
        discount=payloads.major(order.get("discount_total"), currency),
        click_id=payloads.click_in_pairs(order.get("meta_data"), "key", CLICK_KEYS),
        customer_id=_customer_id(order),
        customer_email=text(billing.get("email")),
        is_cancelled=status(order) in CANCELLED,
        refunds=_refunds(order, Money.total((line.net for line in lines), currency)),
        tags=_tags(order),
        beside=_beside(order, currency),
        clues=BuyerClues(
            surname=text(billing.get("last_name")), ip=text(order.get("customer_ip_address"))
        ),
    )


def _tags(order: Entry) -> tuple[str, ...]:
    """How the order was made, when not by the buyer at the checkout: "admin", "rest-api" (R11)."""
    made = text(order.get("created_via")).casefold()
    return (made,) if made not in ("", "checkout") else ()


def status(order: Entry) -> str:
    """The order's state word, without the "wc-" some plugins leave on."""
    return text(order.get("status")).casefold().removeprefix("wc-")


def is_draft(order: Entry) -> bool:
    """Not yet an order: a cart that a visitor or clerk has begun."""
    return status(order) in DRAFT


def is_paid(order: Entry) -> bool:
    """By WooCommerce's own words; cash on delivery waits for the date it was paid (R48), and a
    shop's own words ("shipped") count as paid once there is such a date."""
    word, has_paid_date = status(order), _moment(order, "date_paid") is not None
    if word in UNPAID | CANCELLED | DRAFT:
        return False
    if word not in PAID:
        return has_paid_date
    on_delivery = text(order.get("payment_method")).casefold() == PAID_ON_DELIVERY
    says_when = "date_paid" in order or "date_paid_gmt" in order
    return not (word == "processing" and on_delivery and says_when and not has_paid_date)


def _moment(order: Entry, field: str) -> datetime | None:
    return payloads.instant(order.get(f"{field}_gmt"), order.get(field))


def _customer_id(order: Entry) -> str:
    found = ident(order.get("customer_id"))
    return "" if found == "0" else found


def _lines(order: Entry, currency: str) -> tuple[LineReport, ...]:
    lines = tuple(_line(line, currency) for line in entries(order.get("line_items")))
    credit = Money.total(
        (payloads.major(coupon.get("discount"), currency) for coupon in _credits(order)), currency
    )
    if not credit or not lines:
        return lines
    shares = credit.split([max((line.gross - line.net).minor, 0) for line in lines])
    return tuple(
        replace(line, net=line.net + share) for line, share in zip(lines, shares, strict=True)
    )


def _beside(order: Entry, currency: str) -> tuple[tuple[str, Money], ...]:
    """Tips and gift wrap, which are fees; what store credit, a wallet or gift cards paid (R2)."""
    fees = {"tip": Money.zero(currency), "gift_wrap": Money.zero(currency)}
    for fee in entries(order.get("fee_lines")):
        part = fee_part(fee)
        if part:
            fees[part] = fees[part] + payloads.major(fee.get("total"), currency)
    credit = _credit(order, currency)
    if text(order.get("payment_method")).casefold() in WALLETS:
        credit = payloads.major(order.get("total"), currency)
    told = {**fees, CREDIT: credit, TAX_BESIDE: _tax_beside(order, currency)}
    return tuple((name, amount) for name, amount in told.items() if amount.minor > 0)


def _tax_beside(order: Entry, currency: str) -> Money:
    """What of the tax is shipping's, where WooCommerce tells the cart's apart."""
    if order.get("cart_tax") in (None, ""):
        return Money.zero(currency)
    tax, of_cart = (payloads.major(order.get(name), currency) for name in ("total_tax", "cart_tax"))
    return tax - of_cart


def _credit(order: Entry, currency: str) -> Money:
    """What coupons of store credit and gift cards paid."""
    told = [(one, "discount") for one in _credits(order)]
    told += [(one, "amount") for one in entries(order.get("gift_cards"))]
    return Money.total((payloads.major(one.get(name), currency) for one, name in told), currency)


def _total(order: Entry, lines: tuple[LineReport, ...], currency: str) -> Money:
    """What the order came to, however it was paid (R10): coupons and gift cards that pay are off
    WooCommerce's total, where it is less than its parts."""
    told = [(one, "total") for one in entries(order.get("fee_lines"))]
    told += [(order, "shipping_total"), (order, "total_tax")]
    parts = [payloads.major(one.get(name), currency) for one, name in told]
    whole = Money.total([*parts, *(line.net for line in lines)], currency)
    total = payloads.major(order.get("total"), currency)
    return min(total + _credit(order, currency), max(total, whole))


def fee_part(fee: Entry) -> str:
    """What a fee is, by its name: a tip, gift wrap, or neither."""
    name = text(fee.get("name")).casefold()
    if "gift wrap" in name:
        return "gift_wrap"
    return "tip" if name.split()[:1] in (["tip"], ["tips"], ["gratuity"]) else ""


def _credits(order: Entry) -> list[Entry]:
    """Store credit that a plugin books as a coupon: a way to pay, no discount (R10)."""
    found = []
    for coupon in entries(order.get("coupon_lines")):
        meta = entries(coupon.get("meta_data"))
        inside = (mapping(pair.get("value")) for pair in meta if pair.get("key") == "coupon_data")
        kinds = {text(coupon.get("discount_type")), *(text(d.get("discount_type")) for d in inside)}
        if kinds & STORE_CREDIT:
            found.append(coupon)
    return found


def _line(line: Entry, currency: str) -> LineReport:
    quantity = text(line.get("quantity", 1)) or "1"
    total, subtotal = line.get("total"), line.get("subtotal")
    if total in (None, ""):
        total = payloads.number(line.get("price")) * payloads.number(quantity)
    net = payloads.major(total, currency)
    return LineReport(
        external_id=ident(line.get("id")),
        title=text(line.get("name")),
        quantity=quantity,
        gross=net if subtotal in (None, "") else payloads.major(subtotal, currency),
        net=net,
        product_id=ident(line.get("product_id")),
        sku=text(line.get("sku")),
        category=next((text(one.get("name")) for one in entries(line.get("categories"))), ""),
    )


def _refunds(order: Entry, goods: Money) -> tuple[RefundReport, ...]:
    """An order names only each refund's total; the refund itself, if it comes, knows better."""
    currency, tax = goods.currency, payloads.major(order.get("cart_tax"), goods.currency)
    order_id, listed = ident(order.get("id")), entries(order.get("refunds"))
    reports = [
        _refund(refund, order_id, goods, tax) for refund in listed if ident(refund.get("id"))
    ]
    if status(order) == "refunded" and not reports:
        whole = {"id": f"{order_id}:refunded", "total": payloads.in_major(goods)}
        reports.append(_refund(whole, order_id, goods, Money.zero(currency)))
    return tuple(reports)


def _refund(refund: Entry, order_id: str, goods: Money, tax: Money) -> RefundReport:
    given = abs(payloads.major(refund.get("total", refund.get("amount")), goods.currency))
    has_tax = tax.minor > 0 and goods.minor > 0
    if has_tax:
        given = given.scaled(goods.minor, (goods + tax).minor)
    return RefundReport(
        external_id=ident(refund.get("id")),
        order_references=(order_id,),
        amount=min(given, goods) if has_tax else given,
        occurred_at=None,
        precision=Precision.TOTAL,
        review=WITH_TAX if has_tax else "",
    )
