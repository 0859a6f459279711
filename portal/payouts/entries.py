"""The entries behind a payout, each with its words and a link to the commission it came from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from portal.commissions.models import Commission, CommissionKind
from portal.commissions.wording import KINDS
from portal.kernel.money import Money
from portal.payouts.queries import BookLine
from portal.storage.model import db


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of "what it is made of"; `base` is what counted of the sale it came from."""

    at: object
    words: str
    amount: Money
    href: str | None
    base: Money | None = None


def linked(found: Sequence[BookLine], url_of: Callable[[str], str]) -> list[Entry]:
    """Lines for a page; `url_of` makes the address of a commission from its public id."""
    numbers = {line.reference: _commission_id(line.reference) for line in found}
    known = _commissions({number for number in numbers.values() if number is not None})
    made = []
    for line in found:
        public_id, kind, base = known.get(numbers[line.reference] or 0, ("", None, None))
        href = url_of(public_id) if public_id else None
        made.append(Entry(line.at, _words(line, kind), line.amount, href, base))
    return made


def _words(line: BookLine, kind: CommissionKind | None) -> str:
    if line.amount.minor < 0:
        return "Taken back: refund or correction"
    return KINDS[kind] if kind else line.reason.capitalize()


def _commissions(ids: set[int]) -> dict[int, tuple[str, CommissionKind, Money | None]]:
    found = db.session.scalars(select(Commission).where(Commission.id.in_(ids)))
    return {
        one.id: (one.public_id, one.kind, one.base if one.kind is CommissionKind.SALE else None)
        for one in found
    }


def _commission_id(reference: str) -> int | None:
    kind, _, rest = reference.partition(":")
    number = rest.partition(":")[0]
    return int(number) if kind == "commission" and number.isdecimal() else None
