"""What a Shopify order came to beside its goods: tips, gift wrap, and what gift cards paid (R2)."""

from portal.integrations.payloads import Entry, entries, first_text, text, truth
from portal.integrations.shopify.amounts import per_unit_times, shop_money, total_of
from portal.kernel.money import Money
from portal.sales.rules import CREDIT, TAX_BESIDE

GIFT_CARD = "gift_card"
STORE_CREDIT = frozenset({GIFT_CARD, "shopify_store_credit", "store_credit"})
GIFT_WRAP = frozenset({"gift wrap", "gift wrapping"})
PAID = frozenset({"sale", "capture"})


def of_order(order: Entry, currency: str) -> tuple[tuple[str, Money], ...]:
    """The parts by name; shipping only where it holds its tax."""
    told = {
        "tip": _tips(order, currency),
        "gift_wrap": _wrap(order, currency),
        CREDIT: _credit(order, currency),
        TAX_BESIDE: _tax_beside(order, currency),
    }
    found = [(name, amount) for name, amount in told.items() if amount.minor > 0]
    inside = _tax_inside(order, entries(order.get("shipping_lines")), currency)
    if inside.minor > 0:
        found.append(("shipping", shipping_of(order, currency) - inside))
    return tuple(found)


def shipping_of(order: Entry, currency: str) -> Money:
    """What the customer paid for shipping: less what a discount took off it."""
    lines = entries(order.get("shipping_lines"))
    off = _discounts(lines, currency)
    if off or "total_shipping_price_set" not in order:
        return total_of(lines, "price", currency) - off
    return shop_money(order, "total_shipping_price", currency)


def is_beside(line: Entry) -> bool:
    """A tip or gift wrap, written as a line of its own: no part of the goods (R2)."""
    return is_tip(line) or is_wrap(line)


def is_tip(line: Entry) -> bool:
    """A tip, however old the order."""
    return bool(line.get("tip") or line.get("tip_payment_gateway"))


def is_wrap(line: Entry) -> bool:
    """Gift wrap that the shop sells as a product called so, and nothing else."""
    return first_text(line.get("title"), line.get("name")).casefold() in GIFT_WRAP


def _tips(order: Entry, currency: str) -> Money:
    told = shop_money(order, "total_tip_received", currency)
    if told:
        return told
    lines = [line for line in entries(order.get("line_items")) if is_tip(line)]
    return _worth(lines, currency)


def _wrap(order: Entry, currency: str) -> Money:
    lines = [one for one in entries(order.get("line_items")) if is_wrap(one)]
    return _worth(lines, currency) - _tax_inside(order, lines, currency)


def _worth(lines: list[Entry], currency: str) -> Money:
    whole = (per_unit_times(line, line.get("quantity", 1), currency) for line in lines)
    return Money.total(whole, currency) - _discounts(lines, currency)


def _discounts(lines: list[Entry], currency: str) -> Money:
    told = (entries(line.get("discount_allocations")) for line in lines)
    return Money.total((total_of(one, "amount", currency) for one in told), currency)


def _credit(order: Entry, currency: str) -> Money:
    """What gift cards and store credit paid: from the payments where they are told, else all of
    it where nothing else paid. Beside another way to pay, the sum is not told."""
    payments = [
        one
        for one in entries(order.get("transactions"))
        if text(one.get("kind")).casefold() in PAID
        and text(one.get("status")).casefold() in ("", "success")
    ]
    if payments:
        own = [one for one in payments if text(one.get("gateway")).casefold() in STORE_CREDIT]
        return total_of(own, "amount", currency)
    told = order.get("payment_gateway_names")
    ways = {text(one).casefold() for one in told} if isinstance(told, list) else set()
    if ways and ways <= STORE_CREDIT:
        return shop_money(order, "total_price", currency)
    return Money.zero(currency)


def _tax_beside(order: Entry, currency: str) -> Money:
    """The tax of shipping, tips and gift wrap."""
    beside = [line for line in entries(order.get("line_items")) if is_beside(line)]
    return _tax_of(entries(order.get("shipping_lines")) + beside, currency)


def _tax_inside(order: Entry, lines: list[Entry], currency: str) -> Money:
    """The tax that the prices of these lines hold."""
    if not truth(order.get("taxes_included")):
        return Money.zero(currency)
    return _tax_of(lines, currency)


def _tax_of(lines: list[Entry], currency: str) -> Money:
    taxes = (total_of(entries(line.get("tax_lines")), "price", currency) for line in lines)
    return Money.total(taxes, currency)
