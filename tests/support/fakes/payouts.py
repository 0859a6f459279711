"""A rail in memory that follows a script, kept honest by tests/rooms/payouts/test_rail_contract.

`script` holds what the next calls of `send` do: an error is raised, "lose" does the work and
loses the answer; without a script a transfer is made. A key that was used gives its first answer.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from portal.destinations.provider import AccountState
from portal.kernel.errors import ProviderRefused, ProviderUnavailable
from portal.kernel.money import Money
from portal.payouts.provider import FoundTransfer, Receipt, Transfer

Step = Exception | str


@dataclass
class ScriptedRail:
    """Implements `portal.payouts.provider.PayoutProvider`, and keeps accounts."""

    funds: dict[str, Money] = field(default_factory=dict)
    script: list[Step] = field(default_factory=list)
    made: dict[str, FoundTransfer] = field(default_factory=dict)
    runs: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str | ProviderRefused] = field(default_factory=dict)
    keys: Counter[str] = field(default_factory=Counter)
    accounts: dict[str, AccountState] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    calls: int = 0
    calls_a_second: int | None = 25

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def send(self, transfer: Transfer, *, idempotency_key: str) -> Receipt:
        with self._lock:
            self.calls += 1
            self.keys[idempotency_key] += 1
            step = self.script.pop(0) if self.script else "send"
            if isinstance(step, ProviderUnavailable):
                raise step
            if idempotency_key not in self.answers:
                self.answers[idempotency_key] = self._first(transfer, step)
            answer = self.answers[idempotency_key]
            if isinstance(answer, ProviderRefused):
                raise answer
            if step == "lose":
                raise ProviderUnavailable("No answer came.")
            return Receipt(answer)

    def _first(self, transfer: Transfer, step: Step) -> str | ProviderRefused:
        if isinstance(step, ProviderRefused):
            return step
        state = self.accounts.get(transfer.destination, AccountState("payable"))
        if state.state != "payable":
            return ProviderRefused("The account cannot be paid.", code="account_restricted")
        funds = self.funds.get(transfer.amount.currency)
        if funds is not None and funds < transfer.amount:
            return ProviderRefused("Not enough funds.", code="insufficient_funds")
        if funds is not None:
            self.funds[transfer.amount.currency] = funds - transfer.amount
        reference = f"tr_{len(self.made) + 1}"
        zero = Money.zero(transfer.amount.currency)
        self.made[reference] = FoundTransfer(
            transfer.payout, transfer.attempt, reference, transfer.amount, zero
        )
        self.runs[reference] = transfer.run
        return reference

    def find(self, transfer: Transfer) -> Receipt | None:
        self.asked.append(transfer.payout)
        found = [t for t in self.made.values() if t.payout == transfer.payout]
        return next((Receipt(t.provider_ref) for t in found if t.returned < t.amount), None)

    def transfers_of(self, run: str) -> Iterator[FoundTransfer]:
        return iter([t for t in self.made.values() if self.runs[t.provider_ref] == run])

    def balance(self, currency: str) -> Money:
        return self.funds.get(currency, Money.zero(currency))

    def create_account(self, *, email: str, country: str, creator: str, replaces: str = "") -> str:
        reference = f"acct_{creator}" + (replaces and f"_after_{replaces}")
        self.accounts.setdefault(reference, AccountState("not_payable", ("tos",), "", country))
        return reference

    def onboarding_link(self, account_ref: str, *, return_url: str, refresh_url: str) -> str:
        return f"https://rail.example/{account_ref}?back={return_url}"

    def bank_link(self, account_ref: str, *, return_url: str, refresh_url: str) -> str:
        return f"https://rail.example/{account_ref}/bank?back={return_url}"

    def account_state(self, account_ref: str) -> AccountState:
        return self.accounts.get(account_ref, AccountState("disconnected"))

    def turn_back(self, reference: str) -> FoundTransfer:
        """The whole transfer comes back."""
        t = self.made[reference]
        self.made[reference] = FoundTransfer(t.payout, t.attempt, reference, t.amount, t.amount)
        return self.made[reference]
