"""What reconciliation needs from outside: readers of banks' and PayPal's reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from portal.kernel.money import Money
from portal.reconciliation.models import RowSays, Source


@dataclass(frozen=True, slots=True)
class RowRead:
    """One row that speaks of money we sent, or may have sent."""

    number: int
    says: RowSays
    reference: str
    amount: Money
    proof: str = ""
    who: str = ""
    raw_status: str = ""
    fee: Money | None = None
    booked_on: date | None = None


@dataclass(frozen=True, slots=True)
class WrongRow:
    """A row that cannot be read, and why, as a sentence."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class ReportRead:
    """A whole report. `passed_over` counts rows that have nothing to do with payouts."""

    source: Source
    rows: Sequence[RowRead]
    wrong: Sequence[WrongRow]
    passed_over: int = 0


class ReportReader(Protocol):
    """Reads one kind of report. `fits` looks at the first characters only."""

    def fits(self, text: str) -> bool: ...
    def read(self, text: str) -> ReportRead: ...
