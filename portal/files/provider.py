"""What files needs from outside: formats that banks and PayPal read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from portal.creators.models import Rail
from portal.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Order:
    """One line: so much to this account of this holder, under this reference."""

    reference: str
    holder: str
    account: str
    bic: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Batch:
    """One file: what it is known by, who pays from where, and its lines."""

    message_id: str
    purpose: str
    created_at: datetime
    execute_on: date
    currency: str
    payer_name: str
    payer_iban: str
    payer_bic: str
    orders: Sequence[Order]


class FileFormat(Protocol):
    """A format of one rail. The same batch always gives the same bytes."""

    rail: Rail
    needs_payer: bool
    lines_at_most: int

    def refusal(self, amount: Money) -> str | None:
        """Why it cannot carry this amount, as a sentence; None when it can."""

    def name_of(self, message_id: str) -> str:
        """What the file is called."""

    def write(self, batch: Batch) -> str:
        """The whole file. Raises InvalidInput with a sentence when it would not be accepted."""
