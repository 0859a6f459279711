"""How many decimals a currency has (ISO 4217), and how amounts are read and written in digits."""

from decimal import Decimal, InvalidOperation
from functools import lru_cache

from portal.kernel.errors import InvalidInput

ZERO_DECIMAL = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"}
    | {"RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"}
)
THREE_DECIMAL = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})

# Stripe counts these in whole units although ISO gives them decimals, or the other way round:
# https://docs.stripe.com/currencies#zero-decimal and #special-cases.
STRIPE_ZERO_DECIMAL = (ZERO_DECIMAL - {"ISK", "UGX", "UYI"}) | {"MGA"}


def exponent(currency: str) -> int:
    """Digits after the decimal point: 2 for most, 0 for JPY, 3 for KWD (R1)."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def stripe_exponent(currency: str) -> int:
    """The exponent Stripe's API uses for its integer amounts."""
    if currency in STRIPE_ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


@lru_cache(1000)  # asked for every Money that is made
def is_code(text: str) -> bool:
    """Three capital letters; whether the currency exists is for the shop to know."""
    return len(text) == 3 and text.isascii() and text.isalpha() and text.isupper()


def to_minor(text: str | int | Decimal, currency: str) -> int:
    """Read an amount in major units ("12.50") as integer minor units.

    More digits than the currency has are rounded half up, away from zero, once (R5).
    Raises InvalidInput when the text is not a finite plain number, or has over 15 digits.
    """
    if isinstance(text, bool) or not isinstance(text, str | int | Decimal):
        raise InvalidInput("amount", f"{text!r} is not an amount.")
    try:
        value = Decimal(str(text).strip())
    except InvalidOperation:
        raise InvalidInput("amount", f"{str(text)[:40]!r} is not an amount.") from None
    if not value.is_finite() or value.adjusted() > 14:
        raise InvalidInput("amount", f"{str(text)[:40]!r} is not an amount we can store.")
    return half_up(value.scaleb(exponent(currency)))


def half_up(value: Decimal) -> int:
    """The nearest integer; a half goes away from zero (R5)."""
    sign = -1 if value < 0 else 1
    return sign * int(abs(value) + Decimal("0.5"))


def to_major(minor: int, currency: str) -> Decimal:
    """Integer minor units as an exact decimal in major units."""
    return Decimal(minor).scaleb(-exponent(currency))
