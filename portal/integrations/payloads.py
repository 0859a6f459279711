"""Reading other people's JSON: tolerant of shapes and types, exact in amounts, never a crash.

Numbers arrive as Decimal (no floats); ids as text whatever they were; anything missing is empty.
Each provider's own part of that is in its `reading.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qs, urlsplit

from portal.kernel import currencies
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money

Entry = dict[str, Any]

CLICK_PARAMETER = "vclid"
ASSUMED_CURRENCY = "USD"  # a message that names none is read as this until its order is known
NO_CURRENCY = "XXX"  # ISO 4217’s own code for a transaction without a currency
LONGEST_ID = 120
MOST_PIECES = 1_000_000
LONGEST_TITLE = 200
LONGEST_INTEGER = 30  # digits; Python refuses to print longer ones by and by, nobody sells so many


def document(body: bytes) -> Any:
    """The JSON of a body. Raises InvalidInput with one sentence when it is none."""
    try:
        return json.loads(
            body.decode("utf-8-sig"),
            parse_float=Decimal,
            parse_int=_whole,
            parse_constant=_not_json,
        )
    except UnicodeDecodeError:
        raise InvalidInput("body", "The message is not text in UTF-8.") from None
    except (ValueError, RecursionError):
        raise InvalidInput("body", "The message is not valid JSON.") from None


def _whole(digits: str) -> int | Decimal:
    return int(digits) if len(digits) <= LONGEST_INTEGER else Decimal(digits)


def _not_json(word: str) -> None:
    raise ValueError(word)


def mapping(value: Any) -> Entry:
    """The value when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def entries(value: Any) -> list[Entry]:
    """The objects of a list, of a Stripe list (`{"data": […]}`) or of an object's values."""
    if isinstance(value, dict):
        value = value["data"] if isinstance(value.get("data"), list) else list(value.values())
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def text(value: Any, longest: int = LONGEST_TITLE) -> str:
    """A value as clean text: numbers as written, no NULs, no lone surrogates, not too long."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return ""
    clean = str(value).replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")
    return clean.strip()[:longest]


def ident(value: Any) -> str:
    """An id as text, whether it came as a number, a text, or the object itself (`{"id": …}`)."""
    if isinstance(value, dict):
        value = value.get("id")
    return text(value, LONGEST_ID)


def first_text(*values: Any, longest: int = LONGEST_TITLE) -> str:
    """The first of these that is not empty, as clean text."""
    return next((found for value in values if (found := text(value, longest))), "")


def truth(value: Any) -> bool:
    """Whether a flag is set; shops also write "true" and 1."""
    return value is True or value == 1 or text(value).casefold() in ("true", "yes")


def number(value: Any) -> Decimal:
    """A number written as number or text; zero when there is none. Raises InvalidInput."""
    if value is None or value == "":
        return Decimal(0)
    try:
        found = Decimal(text(value))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or found.adjusted() > 14:
        raise InvalidInput("amount", f"{text(value, 40)!r} is not a number we can count with.")
    return found


def whole(value: Any) -> int:
    """How many whole pieces; none where that is not told as a number."""
    try:
        return min(abs(int(number(value))), MOST_PIECES)
    except InvalidInput:
        return 0


def major(value: Any, currency: str) -> Money:
    """An amount in major units ("12.50", 12.5); nothing and "" are zero. Raises InvalidInput."""
    return Money(currencies.to_minor(number(value), currency), currency)


def in_major(amount: Money) -> str:
    """The amount in major units as text, without its currency."""
    return str(currencies.to_major(amount.minor, amount.currency))


def currency_of(*values: Any) -> str | None:
    """The first of these that looks like a currency code, in capitals."""
    words = (text(value).upper() for value in values)
    return next((word for word in words if currencies.is_code(word) and word != NO_CURRENCY), None)


def instant(*values: Any) -> datetime | None:
    """The first readable moment: ISO 8601 or seconds since 1970; without a zone it is UTC."""
    for value in values:
        found = _moment(value)
        if found is not None:
            return found
    return None


def _moment(value: Any) -> datetime | None:
    written = text(value)
    if not written:
        return None
    try:
        if written.lstrip("-").isdigit():
            return datetime.fromtimestamp(int(written), UTC)
        found = datetime.fromisoformat(written)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def click_in_url(url: Any) -> str | None:
    """The click id in a landing page's query, if there is one."""
    try:
        found = parse_qs(urlsplit(text(url, 4000)).query).get(CLICK_PARAMETER)
    except ValueError:
        return None
    return click(found[0]) if found else None


def click(value: Any) -> str | None:
    """A click id as it came back, or None; a stranger's word that attribution looks up."""
    return text(value, 64) or None


def click_in_pairs(pairs: Any, key: str, names: Iterable[str]) -> str | None:
    """The value of the first pair (`{key: name, "value": …}`) with one of these names."""
    wanted = {name.casefold() for name in names}
    if isinstance(pairs, dict) and not {key, "value"} <= pairs.keys():
        pairs = [{key: name, "value": value} for name, value in pairs.items()]
    for pair in entries(pairs):
        if text(pair.get(key)).casefold() in wanted and (found := click(pair.get("value"))):
            return found
    return None


def distinct(words: Iterable[str]) -> tuple[str, ...]:
    """These without empties and repetitions, in their order."""
    return tuple(dict.fromkeys(word for word in words if word))
