"""The control surface `/_simulator/…`, never part of Stripe's own (CONTRACTS.md)."""

import json
from collections.abc import Callable
from typing import Any

from portal.demo.stripe_simulator import accounts, bank_payouts, fields
from portal.demo.stripe_simulator.faults import Faults
from portal.demo.stripe_simulator.limits import Limit
from portal.demo.stripe_simulator.refusals import JSON, Invalid, Refusal
from portal.demo.stripe_simulator.replies import Reply, as_json
from portal.demo.stripe_simulator.state import Store
from portal.demo.stripe_simulator.webhooks import Disturbance, Webhooks


class Control:
    """Steers the simulator and tells what it holds."""

    def __init__(self, store: Store, faults: Faults, limit: Limit, webhooks: Webhooks) -> None:
        self._store, self._faults, self._limit, self._webhooks = store, faults, limit, webhooks
        self._doors: dict[str, Callable[[Any], JSON]] = {
            "GET state": self._state,
            "POST reset": self._reset,
            "POST onboard": self._onboard,
            "POST balance": self._balance,
            "POST faults": self._replace_faults,
            "POST limit": self._replace_limit,
            "POST hooks": self._disturb,
            "POST flush": self._flush,
            "POST bank-payout": self._pay_out,
            "POST bank-failure": self._fail,
        }

    def answer(self, method: str, name: str, body: bytes) -> Reply:
        """`name` is what follows `/_simulator/`; a wrong body gets a sentence and a 400."""
        try:
            door = self._doors.get(f"{method} {name}")
            if door is None:
                raise Invalid(f"The simulator has no control {method} /_simulator/{name}.", 404)
            return as_json(door(_read(body)))
        except Refusal as refusal:
            answer = refusal.answer()
            return as_json(answer.body, answer.status)

    def _state(self, _: Any) -> JSON:
        with self._store.lock:
            return {
                "accounts": self._store.table("accounts"),
                "transfers": self._store.rows("transfers"),
                "reversals": self._store.rows("reversals"),
                "payouts": self._store.rows("payouts"),
                "balance": self._store.table("balance"),
                "events": len(self._store.rows("events")),
                "keys": self._store.table("seen"),
            }

    def _reset(self, _: Any) -> JSON:
        self._faults.replace([])
        self._limit.set(0)
        self._webhooks.clear()
        self._store.reset()
        return {}

    def _onboard(self, asked: Any) -> JSON:
        account_id = asked.get("account") if isinstance(asked, dict) else None
        if not isinstance(account_id, str):
            raise Invalid('Say which account: {"account": "acct_…"}.')
        with self._store.change():
            return accounts.onboard(self._store, account_id)

    def _balance(self, asked: Any) -> JSON:
        given = asked if isinstance(asked, dict) else {}
        amount_minor = given.get("amount")
        if not isinstance(amount_minor, int) or isinstance(amount_minor, bool) or amount_minor < 0:
            raise Invalid("The amount is a whole number of minor units, 0 or more.")
        currency = fields.currency(given.get("currency"), "currency")
        with self._store.change():
            self._store.put("balance", currency, amount_minor)
        return self._store.table("balance")

    def _replace_faults(self, asked: Any) -> JSON:
        self._faults.replace(asked)
        return {}

    def _replace_limit(self, asked: Any) -> JSON:
        """{"calls_a_second": 25}, 0 for none; how many calls the limit before refused."""
        per_second = asked.get("calls_a_second") if isinstance(asked, dict) else None
        if not isinstance(per_second, int) or isinstance(per_second, bool) or per_second < 0:
            raise Invalid("The limit is a whole number of calls a second; 0 for none.")
        refused = self._limit.refused
        self._limit.set(per_second)
        return {"refused": refused}

    def _disturb(self, asked: Any) -> JSON:
        self._webhooks.disturb(Disturbance.asked(asked))
        return {}

    def _pay_out(self, asked: Any) -> JSON:
        """{"account", "amount", "currency", "fails": a failure code of Stripe's}."""
        with self._store.change():
            return bank_payouts.pay_out(self._store, asked)

    def _fail(self, asked: Any) -> JSON:
        """{"payout", "code"}: what was paid fails days later."""
        given = asked if isinstance(asked, dict) else {}
        with self._store.change():
            return bank_payouts.fail(
                self._store, str(given.get("payout")), str(given.get("code") or "account_closed")
            )

    def _flush(self, _: Any) -> JSON:
        return {"sent": self._webhooks.flush()}


def _read(body: bytes) -> Any:
    try:
        return json.loads(body) if body.strip() else {}
    except ValueError:
        raise Invalid("The body has to be JSON.") from None
