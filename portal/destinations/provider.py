"""What destinations needs from outside: accounts that a provider keeps for creators."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class AccountState:
    """A payee's account as the provider sees it; `state` is a word of UX 6.13."""

    state: str
    missing: tuple[str, ...] = ()
    label: str = ""
    country: str = ""


class AccountProvider(Protocol):
    """Whoever keeps payees' accounts. Raises as a rail does (payouts.provider)."""

    def create_account(self, *, email: str, country: str, creator: str) -> str: ...
    def onboarding_link(self, account_ref: str, *, return_url: str, refresh_url: str) -> str: ...
    def account_state(self, account_ref: str) -> AccountState: ...
