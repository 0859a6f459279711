"""What payouts needs from outside: a rail that moves money, and accounts it can move it to."""

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
    """One order to the rail. `run` and `payout` are public ids, by which it is found again."""

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
class FoundTransfer:
    """One transfer as the rail remembers it."""

    payout: str
    attempt: int
    provider_ref: str
    amount: Money
    returned: Money


@dataclass(frozen=True, slots=True)
class AccountState:
    """A payee's account as the rail sees it; `state` is a word of UX 6.13."""

    state: str
    missing: tuple[str, ...] = ()
    label: str = ""
    country: str = ""


class PayoutProvider(Protocol):
    """A rail. Raises ProviderRefused (a definite no), ProviderBusy (not done, ask later) or
    ProviderUnavailable (nobody knows)."""

    def send(self, transfer: Transfer, *, idempotency_key: str) -> str: ...
    def find(self, transfer: Transfer) -> str | None: ...
    def transfers_of(self, run: str) -> Iterable[FoundTransfer]: ...
    def balance(self, currency: str) -> Money: ...
    def create_account(self, *, email: str, country: str, creator: str) -> str: ...
    def onboarding_link(self, account_ref: str, *, return_url: str, refresh_url: str) -> str: ...
    def account_state(self, account_ref: str) -> AccountState: ...
