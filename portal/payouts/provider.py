"""What payouts needs from outside: rails that move money, each behind the same few words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from portal.kernel.errors import ProviderUnavailable
from portal.kernel.money import Money


class ProviderBusy(ProviderUnavailable):
    """Asked too fast: nothing happened there. Ask again after `retry_after` seconds."""

    def __init__(self, message: str, *, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Transfer:
    """One order to the rail: `amount` is what has to arrive. `run` and `payout` are public ids, by
    which it is found again."""

    payout_id: int
    run: str
    payout: str
    attempt: int
    key: str
    rail: str
    destination: str
    amount: Money
    is_resumed: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """The rail has the order. `is_moved`: and the money has gone; else its word comes later, by a
    report or a person, and until then nothing is paid."""

    provider_ref: str
    is_moved: bool = True


@dataclass(frozen=True, slots=True)
class FoundTransfer:
    """One transfer that the rail says it made."""

    payout: str
    attempt: int
    provider_ref: str
    amount: Money
    returned: Money


class PayoutProvider(Protocol):
    """A rail. Raises ProviderRefused (a definite no), ProviderBusy (not done, ask later) or
    ProviderUnavailable (nobody knows).

    `calls_a_second` is its documented rate; None where nobody outside is called. `balance` is None
    where only a person can know what the account holds.
    """

    @property
    def calls_a_second(self) -> int | None: ...

    def send(self, transfer: Transfer, *, idempotency_key: str) -> Receipt: ...
    def find(self, transfer: Transfer) -> Receipt | None: ...
    def transfers_of(self, run: str) -> Iterable[FoundTransfer]: ...
    def balance(self, currency: str) -> Money | None: ...
