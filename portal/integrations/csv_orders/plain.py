"""The ordinary row of an order, read fast. What it cannot read, `rows` reads, with a sentence.

A file has a million rows of which nearly all are ordinary: building the text and the Decimal of
each cell costs more than recording the order (PERFORMANCE §B). A test holds both readings together.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache

from portal.kernel import currencies
from portal.sales.commands import PlainOrder

LONGEST_CELL, LONGEST_EMAIL, LONGEST_CLICK = 120, 254, 64
LONGEST_WHOLE = 12
RARE = frozenset({"tip", "gift_wrap", "store_credit"})  # columns that `rows` reads alone
APART = "\x1f"
Reader = Callable[[Sequence[str]], PlainOrder | None]

COLUMNS = (
    "type", "order_id", "occurred_at", "currency", "amount", "discount", "tax", "shipping", "code",
    "click_id", "customer_email",
)  # fmt: skip


def reader_for(header: Sequence[str]) -> Reader:
    """What reads a row under this header; None for each row that is not ordinary."""
    width = len(header)
    if RARE & set(header):
        return lambda _cells: None
    places = [header.index(name) if name in header else width for name in COLUMNS]

    def read(cells: Sequence[str]) -> PlainOrder | None:
        together = APART.join(cells)
        # An apostrophe may defuse a formula; other alphabets and NUL are cleaned with more care.
        if len(cells) != width or not together.isascii() or "\0" in together or "'" in together:
            return None
        padded = [*cells, ""]
        return _order([padded[place].strip() for place in places])

    return read


def _order(cells: list[str]) -> PlainOrder | None:
    kind, name, at, currency, amount, discount, tax, shipping, code, click_id, email = cells
    currency = currency.upper()
    if kind.casefold() != "order" or not 0 < len(name) <= LONGEST_CELL or not amount:
        return None
    placed_at = _instant(at)
    if placed_at is None or not currencies.is_code(currency) or len(email) > LONGEST_EMAIL:
        return None
    digits = currencies.exponent(currency)
    whole, less = _minor(amount, digits), _minor(discount, digits)
    taxes, freight = _minor(tax, digits), _minor(shipping, digits)
    if whole is None or less is None or taxes is None or freight is None:
        return None
    base = whole - less - taxes - freight
    if base < 0:
        return None
    return PlainOrder(
        name, placed_at, currency, base + less, base, whole - less, taxes, freight, less,
        code[:LONGEST_CELL], click_id[:LONGEST_CLICK] or None, email,
    )  # fmt: skip


def _instant(cell: str) -> datetime | None:
    if cell.isdigit():  # seconds since 1970
        return None
    try:
        found = datetime.fromisoformat(cell)
    except ValueError:
        return None
    if found.tzinfo is UTC:
        return found
    if found.tzinfo is None:
        return found.replace(tzinfo=UTC)
    try:
        return found.astimezone(UTC)
    except OverflowError:
        return None


@lru_cache(10_000)  # a file repeats its taxes, shipping costs and prices
def _minor(cell: str, digits: int) -> int | None:
    """Minor units of a plain amount: digits, a point, and no more decimals than there are."""
    if not cell:
        return 0
    whole, _, rest = cell.partition(".")
    if not whole.isdigit() or len(whole) > LONGEST_WHOLE or len(rest) > digits:
        return None
    if rest and not rest.isdigit():
        return None
    return int(whole + rest.ljust(digits, "0"))
