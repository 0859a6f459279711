"""What destinations needs from outside: accounts that a provider keeps for creators."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class AccountState:
    """A payee's account as the provider sees it; `state` is payable, not_payable, restricted,
    rejected or disconnected. `missing` keeps money back now; `due` is wanted by `due_at` of an
    account that can be paid until then. `bank` names the bank accounts behind it, only to tell
    whether they are the same; empty when the provider did not say."""

    state: str
    missing: tuple[str, ...] = ()
    label: str = ""
    country: str = ""
    due: tuple[str, ...] = ()
    due_at: datetime | None = None
    bank: str = ""


class AccountProvider(Protocol):
    """Whoever keeps payees' accounts. Raises as a rail does (payouts.provider)."""

    def create_account(
        self, *, email: str, country: str, creator: str, replaces: str = ""
    ) -> str: ...
    def onboarding_link(self, account_ref: str, *, return_url: str, refresh_url: str) -> str: ...
    def bank_link(self, account_ref: str, *, return_url: str, refresh_url: str) -> str: ...
    def account_state(self, account_ref: str) -> AccountState: ...
