"""Stripe Connect as a payout rail: transfers from the platform's balance to connected accounts.

Every error becomes one of three words: refused (certain), busy (nothing happened), unavailable
(nobody knows). The SDK's own retries are off: retrying is the job's business, with its own rules.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeVar

import stripe

from portal.destinations.provider import AccountState
from portal.integrations.stripe.accounts import state_of
from portal.kernel import currencies
from portal.kernel.errors import ProviderRefused, ProviderUnavailable
from portal.kernel.money import Money
from portal.payouts.provider import FoundTransfer, ProviderBusy, Receipt, Transfer

TIMEOUT_SECONDS = 20
CALLS_A_SECOND = 25
PAGE = 100
Result = TypeVar("Result")

# Stripe's word → ours; what is not here is kept raw and shown (R-mistake 20).
CODES = {
    "account_closed": "account_closed",
    "account_invalid": "no_account",
    "balance_insufficient": "insufficient_funds",
    "insufficient_capabilities_for_transfer": "account_restricted",
    "no_account": "no_account",
    "resource_missing": "no_account",
    "transfers_not_allowed": "account_restricted",
}
PLATFORMS_FAULT = frozenset({"api_key_expired", "platform_api_key_expired", "secret_key_required"})


class StripeRail:
    """Implements `payouts.provider.PayoutProvider` and `destinations.provider.AccountProvider` with
    the official SDK."""

    def __init__(
        self,
        key: str,
        api_base: str,
        instance: str,
        timeout_seconds: float = TIMEOUT_SECONDS,
        calls_a_second: int = CALLS_A_SECOND,
    ) -> None:
        self._instance = instance
        self.calls_a_second: int | None = calls_a_second
        self._client = stripe.StripeClient(
            key,
            base_addresses={"api": api_base},
            max_network_retries=0,
            http_client=stripe.RequestsClient(timeout=timeout_seconds),
        )

    def send(self, transfer: Transfer, *, idempotency_key: str) -> Receipt:
        """Create the transfer; the same key never creates a second one. Its id is Stripe's."""
        params = {
            "amount": to_stripe(transfer.amount),
            "currency": transfer.amount.currency.lower(),
            "destination": transfer.destination,
            "transfer_group": transfer.run,
            "metadata": {
                "payout": transfer.payout,
                "attempt": str(transfer.attempt),
                # Of the key, not of the settings: a resumed call must repeat its parameters.
                "instance": idempotency_key.partition(":")[0],
            },
        }
        options = {"idempotency_key": idempotency_key}
        made = _asked(lambda: self._client.v1.transfers.create(params, options))  # type: ignore[arg-type]
        return Receipt(made.id)

    def find(self, transfer: Transfer) -> Receipt | None:
        """The transfer that was made for this payout and not taken back, under any attempt."""
        params = {"transfer_group": transfer.run, "destination": transfer.destination}
        for found in self._listed(params):
            is_standing = found["amount_reversed"] < found["amount"]
            if (found["metadata"] or {}).get("payout") == transfer.payout and is_standing:
                return Receipt(str(found["id"]))
        return None

    def transfers_of(self, run: str) -> Iterator[FoundTransfer]:
        """Every transfer of a run, by its transfer group."""
        for found in self._listed({"transfer_group": run}):
            noted, currency = found["metadata"] or {}, found["currency"].upper()
            yield FoundTransfer(
                payout=noted.get("payout", ""),
                attempt=int(noted.get("attempt", "0")),
                provider_ref=found["id"],
                amount=from_stripe(found["amount"], currency),
                returned=from_stripe(found["amount_reversed"], currency),
            )

    def balance(self, currency: str) -> Money:
        """What can be transferred now in this currency."""
        now = _asked(self._client.v1.balance.retrieve)
        parts = [part.amount for part in now.available if part.currency == currency.lower()]
        return from_stripe(sum(parts), currency)

    def create_account(self, *, email: str, country: str, creator: str, replaces: str = "") -> str:
        """An Express account that its owner will fill in at Stripe. Asked twice, made once;
        another one when it `replaces` an account that has ended."""
        params: dict[str, Any] = {
            "email": email,
            "business_type": "individual",
            "capabilities": {"transfers": {"requested": True}},
            "controller": {
                "fees": {"payer": "application"},
                "losses": {"payments": "application"},
                "stripe_dashboard": {"type": "express"},
            },
            "metadata": {"creator": creator, "instance": self._instance},
        }
        if country:
            params["country"] = country
        key = f"{self._instance}:account:{creator}:{country}" + (replaces and f":{replaces}")
        options = {"idempotency_key": key}
        made = _asked(lambda: self._client.v1.accounts.create(params, options))  # type: ignore[arg-type]
        return made.id

    def onboarding_link(self, account_ref: str, *, return_url: str, refresh_url: str) -> str:
        """A short-lived address at Stripe where the owner finishes the account."""
        params = {
            "account": account_ref,
            "type": "account_onboarding",
            "return_url": return_url,
            "refresh_url": refresh_url,
        }
        return _asked(lambda: self._client.v1.account_links.create(params)).url  # type: ignore[arg-type]

    def bank_link(self, account_ref: str, *, return_url: str, refresh_url: str) -> str:
        """A short-lived address at Stripe where the owner changes her bank: her Express Dashboard,
        for an account without one the form to update it."""
        links = self._client.v1
        try:
            return _asked(lambda: links.accounts.login_links.create(account_ref)).url
        except ProviderRefused as refusal:
            if refusal.code == "no_account":
                raise
        params = {
            "account": account_ref,
            "type": "account_update",
            "return_url": return_url,
            "refresh_url": refresh_url,
        }
        return _asked(lambda: links.account_links.create(params)).url  # type: ignore[arg-type]

    def account_state(self, account_ref: str) -> AccountState:
        """Whether the account can receive transfers, and what is missing if not."""
        try:
            account = _asked(lambda: self._client.v1.accounts.retrieve(account_ref))
        except ProviderRefused as refusal:
            if refusal.code != "no_account":
                raise
            return AccountState("disconnected")
        return state_of(account.to_dict())

    def _listed(self, params: dict[str, Any]) -> Iterator[Any]:
        after: dict[str, str] = {}
        while True:
            asked: Any = {**params, **after, "limit": PAGE}
            page = _asked(partial(self._client.v1.transfers.list, asked))
            yield from (found.to_dict() for found in page.data)
            if not page.has_more:
                return
            after = {"starting_after": page.data[-1].id}


def to_stripe(amount: Money) -> int:
    """Our minor units as Stripe counts them. Raises ProviderRefused for what it cannot carry."""
    ours, theirs = currencies.exponent(amount.currency), currencies.stripe_exponent(amount.currency)
    scaled, rest = divmod(amount.minor * 10 ** max(theirs - ours, 0), 10 ** max(ours - theirs, 0))
    if rest or (theirs == 3 and scaled % 10):
        raise ProviderRefused(f"Stripe cannot carry exactly {amount}.", code="invalid_currency")
    return int(scaled)


def from_stripe(minor: int, currency: str) -> Money:
    """Stripe's integer amount as Money; a fraction of ours (ISK, UGX) is rounded half up."""
    ours, theirs = currencies.exponent(currency), currencies.stripe_exponent(currency)
    return Money(minor, currency).scaled(10 ** max(ours - theirs, 0), 10 ** max(theirs - ours, 0))


def _asked(call: Callable[[], Result]) -> Result:
    try:
        return call()
    except stripe.RateLimitError as error:
        raise ProviderBusy("Stripe asks us to slow down.", retry_after=_wait(error)) from error
    except stripe.StripeError as error:
        raise _translated(error) from error


def _translated(error: stripe.StripeError) -> ProviderRefused | ProviderUnavailable:
    said = error.error  # the SDK fills `code` and `param` only for some of its classes
    status, code = error.http_status or 0, (said and said.code) or error.code or ""
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    is_certain = (
        400 <= status < 500
        and status not in (401, 408, 409)
        and not isinstance(error, stripe.IdempotencyError)
        and headers.get("stripe-should-retry") != "true"
        and code not in PLATFORMS_FAULT
        and (status != 403 or code in CODES)
    )
    if not is_certain:
        return ProviderUnavailable(_unclear(status))
    message = error.user_message or "Stripe refused the request."
    if said and said.param == "currency":
        code = "invalid_currency"
    return ProviderRefused(message, code=CODES.get(code, code or "other"))


def _unclear(status: int) -> str:
    if status in (401, 403):
        return "Stripe does not accept the portal's key."
    return f"Stripe answered {status}; asking again." if status else "Stripe gave no answer."


def _wait(error: stripe.StripeError) -> int:
    given = {name.lower(): value for name, value in (error.headers or {}).items()}
    seconds = str(given.get("retry-after", "1"))
    return min(int(seconds), 300) if seconds.isdecimal() else 1
