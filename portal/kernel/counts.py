"""Numbers of people as people write them: "18,400", "18.400", "12k", "12.5k", "1,2 Mio"."""

import re
from decimal import Decimal

TIMES = {
    "": 1, "k": 1_000, "tsd": 1_000, "thousand": 1_000, "m": 1_000_000, "mn": 1_000_000,
    "mio": 1_000_000, "million": 1_000_000, "millions": 1_000_000,
}  # fmt: skip
TYPED = re.compile(r"(?a)(?P<number>[\d.,'’ \u00a0\u202f]*\d)\s*(?P<unit>[a-z]*)\.?\s*\+?")
GROUPED = re.compile(r"\d{1,3}(?:[.,'’ ]\d{3})+")
GROUPED_BEFORE_UNIT = re.compile(r"\d{1,3}(?:[,'’ ]\d{3})+")
PLAIN = re.compile(r"\d{1,12}")
WITH_PART = re.compile(r"\d{1,9}[.,]\d{1,3}")


def people_in(typed: str) -> int | None:
    """How many people a text means; None when it is no such number.

    Before "k", "Tsd", "M" or "Mio" a point or a comma begins the part of a thousand or a million;
    else it groups thousands, and a part of a person is none.
    """
    found = TYPED.fullmatch(typed.strip().lower())
    if found is None or found["unit"] not in TIMES:
        return None
    number = re.sub(r"[\u00a0\u202f]", " ", found["number"])
    times = TIMES[found["unit"]]
    if PLAIN.fullmatch(number):
        return int(number) * times
    if (GROUPED if times == 1 else GROUPED_BEFORE_UNIT).fullmatch(number):
        return int(re.sub(r"\D", "", number)) * times
    if times > 1 and WITH_PART.fullmatch(number):
        return int(Decimal(number.replace(",", ".")) * times)
    return None
