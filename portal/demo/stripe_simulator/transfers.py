"""The platform's balance, transfers out of it to connected accounts, and their reversals.

Balance plus transfers less reversals is always the same: money neither appears nor disappears.
"""

from portal.demo.stripe_simulator import accounts, events, listings, objects
from portal.demo.stripe_simulator.call import Call
from portal.demo.stripe_simulator.fields import (
    Fields,
    choice,
    currency,
    expand,
    flag,
    merged,
    metadata,
    positive,
    read,
    text,
)
from portal.demo.stripe_simulator.refusals import JSON, Refusal, no_such
from portal.demo.stripe_simulator.state import Store

CREATED: Fields = {
    "amount": positive,
    "currency": currency,
    "description": text,
    "destination": text,
    "expand": expand,
    "metadata": metadata,
    "source_transaction": text,
    "source_type": choice("bank_account", "card", "fpx"),
    "transfer_group": text,
}
REVERSED: Fields = {
    "amount": positive,
    "description": text,
    "expand": expand,
    "metadata": metadata,
    "refund_application_fee": flag,
}
LISTED: Fields = {**listings.FILTERS, "destination": text, "transfer_group": text}


def balance(store: Store, call: Call) -> JSON:
    read(call.params, {"expand": expand})
    return objects.balance(store.table("balance"))


def create(store: Store, call: Call) -> JSON:
    """Move money to an account; every refusal leaves the balance as it was."""
    asked = read(call.params, CREATED, required=("amount", "currency", "destination"))
    account: JSON | None = store.get("accounts", asked["destination"])
    if account is None:
        raise no_such("destination", asked["destination"], "destination")
    _want_receivable(account)
    if asked.get("source_transaction"):
        raise no_such("charge", asked["source_transaction"], "source_transaction")
    held = store.balance(asked["currency"])
    if asked["amount"] > held or asked.get("source_type", "card") != "card":
        raise Refusal(
            "You have insufficient available funds in your Stripe account. Add funds directly "
            "to your available balance first.",
            code="balance_insufficient",
        )
    transfer = objects.transfer({**asked, "metadata": merged({}, asked.get("metadata"))})
    store.put("balance", asked["currency"], held - asked["amount"])
    store.put("transfers", transfer["id"], transfer)
    events.announce(store, "transfer.created", transfer)
    return transfer


def _want_receivable(account: JSON) -> None:
    if not accounts.is_payable(account):
        raise Refusal(
            "Your destination account needs to have at least one of the following capabilities "
            "enabled: transfers, crypto_transfers, legacy_payments",
            code="insufficient_capabilities_for_transfer",
        )
    if account["metadata"].get("simulate") == "transfer_refused":
        raise Refusal(
            "The requested transfer cannot be created: the destination account is restricted "
            "and cannot receive transfers at the moment.",
            code="transfers_not_allowed",
            param="destination",
        )


def retrieve(store: Store, call: Call, transfer_id: str) -> JSON:
    read(call.params, {"expand": expand})
    return _known(store, transfer_id)


def update(store: Store, call: Call, transfer_id: str) -> JSON:
    asked = read(call.params, {"description": text, "expand": expand, "metadata": metadata})
    old = _known(store, transfer_id)
    new = {**old, "metadata": merged(old["metadata"], asked.get("metadata"))}
    if "description" in asked:
        new["description"] = asked["description"]
    store.put("transfers", transfer_id, new)
    events.announce(store, "transfer.updated", new, before=old)
    return new


def list_all(store: Store, call: Call) -> JSON:
    asked = read(call.params, LISTED)
    wanted = {k: asked[k] for k in ("destination", "transfer_group") if asked.get(k)}
    rows = [
        transfer
        for transfer in store.rows("transfers")
        if all(transfer[name] == value for name, value in wanted.items())
    ]
    return listings.page(rows, asked, "/v1/transfers")


def reverse(store: Store, call: Call, transfer_id: str) -> JSON:
    """Take money back, all that is left unless an amount is given."""
    asked = read(call.params, REVERSED)
    transfer = _known(store, transfer_id)
    left = transfer["amount"] - transfer["amount_reversed"]
    if left == 0:
        raise Refusal(f"Transfer {transfer_id} has already been fully reversed.", param="id")
    amount = asked.get("amount", left)
    if amount > left:
        raise Refusal(
            f"The amount to reverse ({amount}) is greater than what is left of the transfer "
            f"({left}).",
            param="amount",
        )
    reversal = objects.transfer_reversal(transfer, amount, merged({}, asked.get("metadata")))
    now = objects.reversed_by(transfer, reversal)
    code = transfer["currency"]
    store.put("balance", code, store.balance(code) + amount)
    store.put("reversals", reversal["id"], reversal)
    store.put("transfers", transfer_id, now)
    events.announce(store, "transfer.reversed", now, before=transfer)
    return reversal


def list_reversals(store: Store, call: Call, transfer_id: str) -> JSON:
    filters = {name: rule for name, rule in listings.FILTERS.items() if name != "created"}
    asked = read(call.params, filters)
    _known(store, transfer_id)
    rows = [r for r in store.rows("reversals") if r["transfer"] == transfer_id]
    return listings.page(rows, asked, f"/v1/transfers/{transfer_id}/reversals")


def retrieve_reversal(store: Store, call: Call, transfer_id: str, reversal_id: str) -> JSON:
    read(call.params, {"expand": expand})
    reversal: JSON | None = store.get("reversals", reversal_id)
    if reversal is None or reversal["transfer"] != transfer_id:
        raise no_such("transfer reversal", reversal_id, "id", 404)
    return reversal


def _known(store: Store, transfer_id: str) -> JSON:
    transfer: JSON | None = store.get("transfers", transfer_id)
    if transfer is None:
        raise no_such("transfer", transfer_id, "id", 404)
    return transfer
