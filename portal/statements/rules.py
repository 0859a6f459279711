"""What a statement is made of. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.kernel.money import Money

MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)
# Work that began before midnight may still commit after it.
SETTLES = timedelta(hours=1)


class MoveKind(StrEnum):
    """Why what a creator has with a brand changed."""

    EARNED = "earned"
    REVERSED = "reversed"
    ADJUSTED = "adjusted"
    WITHHELD = "withheld"
    PAID = "paid"


# The reasons of journals, by how they begin; what stands in none of them is an adjustment.
KINDS: tuple[tuple[str, MoveKind], ...] = (
    ("commission earned", MoveKind.EARNED),
    ("commission reversed", MoveKind.REVERSED),
    ("payout withheld", MoveKind.WITHHELD),
    ("payout fee", MoveKind.ADJUSTED),
    ("payout ", MoveKind.PAID),
)


def move_kind_of(reason: str) -> MoveKind:
    """The kind of a journal that changed what a creator has, by the journal's reason.

    Journals that only move money between her own accounts (matured, held, reserved) change
    nothing and are never asked about.
    """
    return next((kind for start, kind in KINDS if reason.startswith(start)), MoveKind.ADJUSTED)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month."""

    first: date

    @classmethod
    def of(cls, text: str) -> "Month":
        """Read "2026-10". Raises NotFound for anything else."""
        found = MONTH.fullmatch(text)
        if not found:
            raise NotFound
        return cls(date(int(found[1]), int(found[2]), 1))

    @classmethod
    def at(cls, moment: datetime, zone: str) -> "Month":
        """The month an instant lies in, in a zone."""
        return cls(moment.astimezone(ZoneInfo(zone)).date().replace(day=1))

    @property
    def next(self) -> "Month":
        return Month((self.first + timedelta(days=32)).replace(day=1))

    @property
    def before(self) -> "Month":
        return Month((self.first - timedelta(days=1)).replace(day=1))

    @property
    def last_day(self) -> date:
        return self.next.first - timedelta(days=1)

    def start(self, zone: str) -> datetime:
        """Its first instant in a zone, in UTC; right where the clocks change (R147)."""
        return clock.start_of_day(self.first, zone)

    def end(self, zone: str) -> datetime:
        """The first instant after it."""
        return self.next.start(zone)

    def is_settled(self, now: datetime, zone: str) -> bool:
        """Whether nothing can be posted in it any more, so that it may be published."""
        return now >= self.settled_at(zone)

    def settled_at(self, zone: str) -> datetime:
        """From when on it may be published."""
        return self.end(zone) + SETTLES

    @property
    def words(self) -> str:
        """ "October 2026"."""
        return f"{self.first:%B %Y}"

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"


@dataclass(frozen=True, slots=True)
class Figures:
    """A month's sums, signed from the creator's side: `opening` and all kinds sum to `closing`."""

    opening: Money
    moved: Mapping[MoveKind, Money]

    @property
    def closing(self) -> Money:
        return Money.total([self.opening, *self.moved.values()], self.opening.currency)

    @property
    def is_empty(self) -> bool:
        """Nothing before, nothing during it: no statement is made."""
        return not self.opening and not any(self.moved.values())

    def of(self, kind: MoveKind) -> Money:
        return self.moved.get(kind, Money.zero(self.opening.currency))
