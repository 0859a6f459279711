"""How amounts are written for people: "$1,204.50", the same in a sentence, on a page, in a mail."""

from decimal import Decimal
from functools import cache

from babel.numbers import get_currency_symbol

from portal.kernel import currencies

LOCALE = "en_US"
MINUS = "\N{MINUS SIGN}"


def written(minor: int, currency: str) -> str:
    """Minor units with the currency's symbol; negative "−$6.75"."""
    sign = MINUS if minor < 0 else ""
    return sign + symbol(currency) + digits(currencies.to_major(abs(minor), currency), currency)


@cache
def symbol(currency: str) -> str:
    """What stands before the figure: "$", "CA$", or "CHF " with a space after letters."""
    found: str = get_currency_symbol(currency, locale=LOCALE)
    return f"{found} " if found[-1].isalpha() else found


def digits(major: Decimal, currency: str) -> str:
    """The figure alone, in groups, with the currency's decimals: "1,204.50"."""
    return f"{major:,.{currencies.exponent(currency)}f}"


def ordinal(number: int) -> str:
    """The day of a month in a sentence: "5th", "22nd"."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if 10 < number % 100 < 14 else ending}"
