"""The Stripe simulator, and how a test steers it."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from portal.integrations.stripe.rail import StripeRail
from portal.payouts.provider import Transfer

KEY = "sk_test_portal_tests"


class Simulator:
    """`simulator.fails("drop", when="after")`, `simulator.state()["transfers"]`."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def rail(self, timeout_seconds: float = 20) -> StripeRail:
        return StripeRail(KEY, self.base_url, "test", timeout_seconds=timeout_seconds)

    def account(self, creator: str = "crt_1", *, is_payable: bool = True) -> str:
        made = self.rail().create_account(email="a@example.com", country="US", creator=creator)
        if is_payable:
            self.onboard(made)
        return made

    def onboard(self, account: str) -> None:
        self.control("onboard", {"account": account})

    def reset(self) -> None:
        self.control("reset", {})

    def holds(self, minor: int, currency: str = "usd") -> None:
        self.control("balance", {"amount": minor, "currency": currency})

    def fails(self, action: str, *, when: str = "before", times: int = 1, **more: Any) -> None:
        """The next transfers meet this fault."""
        fault = {"path": "/v1/transfers", "method": "POST", "when": when, "action": action}
        self.control("faults", [{**fault, "skip": 0, "times": times, **more}])

    def faults(self, faults: list[dict[str, Any]]) -> None:
        self.control("faults", faults)

    def state(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.base_url}/_simulator/state", timeout=10) as answer:
            return dict(json.load(answer))

    def turn_back(self, reference: str) -> None:
        """The whole transfer comes back."""
        self.rail()._client.v1.transfers.reversals.create(reference)

    def control(self, what: str, body: Any) -> None:
        request = urllib.request.Request(
            f"{self.base_url}/_simulator/{what}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=10):
            return


def transfer(
    destination: str, amount: Any, *, payout: str = "po_1", attempt: int = 1, run: str = "run_1"
) -> Transfer:
    key = f"test:payout:{payout}:{attempt}"
    return Transfer(1, run, payout, attempt, key, "stripe", destination, amount)
