"""Payouts of connected accounts to their banks: paid, or refused by the bank."""

from typing import Any

from portal.demo.stripe_simulator import accounts, events, objects
from portal.demo.stripe_simulator.fields import currency
from portal.demo.stripe_simulator.refusals import JSON, Invalid, Refusal
from portal.demo.stripe_simulator.state import Store


def pay_out(store: Store, asked: Any) -> JSON:
    """Pay out to the bank of an account, by default all that was transferred to it and has not
    gone on; with `fails`, a failure code of Stripe's, the bank refuses and is marked so."""
    given = asked if isinstance(asked, dict) else {}
    account = accounts.known(store, str(given.get("account", "")))
    banks = account["external_accounts"]["data"]
    code = currency(given.get("currency") or account["default_currency"], "currency")
    amount = given.get("amount", _lying(store, account["id"], code))
    if not banks:
        raise Refusal("Sorry, you don't have any external accounts in that currency.")
    if not isinstance(amount, int) or isinstance(amount, bool) or amount <= 0:
        raise Invalid("The amount is a whole number of minor units above 0.")
    made = objects.payout(account["id"], banks[0]["id"], amount, code, given.get("fails"))
    store.put("payouts", made["id"], made)
    kind = "payout.failed" if given.get("fails") else "payout.paid"
    events.announce(store, kind, _shown(made), account=account["id"])
    if given.get("fails"):
        accounts.mark_bank(store, account["id"], "errored")
    return made


def fail(store: Store, payout_id: str, code: str) -> JSON:
    """What was paid fails after all, as it may for some days."""
    old: JSON | None = store.get("payouts", payout_id)
    if old is None or old["status"] == "failed":
        raise Refusal(f"There is no paid payout {payout_id}.")
    new = {**old, **objects.failure(code)}
    store.put("payouts", payout_id, new)
    events.announce(store, "payout.failed", _shown(new), _shown(old), account=old["account"])
    accounts.mark_bank(store, old["account"], "errored")
    return new


def _lying(store: Store, account_id: str, code: str) -> int:
    came = sum(
        one["amount"] - one["amount_reversed"]
        for one in store.rows("transfers")
        if (one["destination"], one["currency"]) == (account_id, code)
    )
    gone = sum(
        one["amount"]
        for one in store.rows("payouts")
        if (one["account"], one["currency"], one["status"]) == (account_id, code, "paid")
    )
    return int(came - gone)


def _shown(payout: JSON) -> JSON:
    """As Stripe shows it: whose it is stands on the event."""
    return {name: value for name, value in payout.items() if name != "account"}
