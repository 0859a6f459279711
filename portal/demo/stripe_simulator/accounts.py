"""Connected accounts: made by the portal, filled in by their owners, then payable."""

import re
from typing import Any
from urllib.parse import urlencode

from portal.demo.stripe_simulator import events, listings, objects
from portal.demo.stripe_simulator.call import Call
from portal.demo.stripe_simulator.fields import (
    Fields,
    choice,
    currency,
    expand,
    flag,
    merged,
    metadata,
    read,
    text,
    unsupported,
    web_address,
    whole,
)
from portal.demo.stripe_simulator.refusals import JSON, Invalid, Refusal, no_such
from portal.demo.stripe_simulator.state import Store, unix_now

LINK_LIVES_SECONDS = 300
CAPABILITIES = ("card_payments", "transfers", "legacy_payments", "tax_reporting_us_1099_k",
                "tax_reporting_us_1099_misc", "us_bank_account_ach_payments")  # fmt: skip


def _country(value: Any, at: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Z]{2}", value):
        raise Invalid(f"Country '{value}' is unknown.", code="country_unsupported", param=at)
    return value


def _email(value: Any, at: str) -> str | None:
    address = text(value, at)
    if address is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
        raise Invalid(f"Invalid email address: {value}", code="email_invalid", param=at)
    return address


CHANGED: Fields = {
    "account_token": unsupported,
    "business_profile": {
        **dict.fromkeys(("mcc", "name", "product_description", "support_phone"), text),
        **dict.fromkeys(("support_email", "support_url", "url"), text),
        "estimated_worker_count": whole,
    },
    "business_type": choice("company", "government_entity", "individual", "non_profit"),
    "capabilities": {name: {"requested": flag} for name in CAPABILITIES},
    "company": unsupported,
    "default_currency": currency,
    "documents": unsupported,
    "email": _email,
    "expand": expand,
    "external_account": unsupported,
    "groups": unsupported,
    "individual": unsupported,
    "metadata": metadata,
    "settings": {
        **dict.fromkeys(("bacs_debit_payments", "branding", "card_issuing"), unsupported),
        **dict.fromkeys(("card_payments", "invoices", "payments", "treasury"), unsupported),
        "payouts": {
            "debit_negative_balances": flag,
            "schedule": {"interval": choice("daily", "manual", "monthly", "weekly")},
            "statement_descriptor": text,
        },
    },
    "tos_acceptance": {
        "date": whole,
        "ip": text,
        "service_agreement": choice("full", "recipient"),
        "user_agent": text,
    },
}
CREATED: Fields = {
    **CHANGED,
    "bank_account": unsupported,
    "controller": {
        "fees": {"payer": choice("account", "application")},
        "losses": {"payments": choice("application", "stripe")},
        "requirement_collection": choice("application", "stripe"),
        "stripe_dashboard": {"type": choice("express", "full", "none")},
    },
    "country": _country,
    "type": choice("custom", "express", "standard"),
}
LINKED: Fields = {
    "account": text,
    "collect": choice("currently_due", "eventually_due"),
    "collection_options": {
        "fields": choice("currently_due", "eventually_due"),
        "future_requirements": choice("include", "omit"),
    },
    "expand": expand,
    "refresh_url": web_address,
    "return_url": web_address,
    "type": choice("account_onboarding", "account_update"),
}


def create(store: Store, call: Call) -> JSON:
    asked = read(call.params, CREATED)
    if "type" in asked and "controller" in asked:
        raise Invalid("You may give either `type` or `controller`, not both.", param="controller")
    if "type" not in asked:
        asked.setdefault("controller", {})
    account = objects.account({**asked, "metadata": merged({}, asked.get("metadata"))})
    store.put("accounts", account["id"], account)
    return account


def retrieve(store: Store, call: Call, account_id: str) -> JSON:
    read(call.params, {"expand": expand})
    return known(store, account_id)


def update(store: Store, call: Call, account_id: str) -> JSON:
    asked = read(call.params, CHANGED)
    old = known(store, account_id)
    new = {**old, "metadata": merged(old["metadata"], asked.get("metadata"))}
    for name in ("business_type", "default_currency", "email"):
        if name in asked:
            new[name] = asked[name]
    for name in ("business_profile", "tos_acceptance"):
        new[name] = {**old[name], **asked.get(name, {})}
    payouts = asked.get("settings", {}).get("payouts", {})
    payouts = objects.payout_settings(old["settings"]["payouts"], payouts)
    new["settings"] = {**old["settings"], "payouts": payouts}
    wanted = asked.get("capabilities", {})
    status = "active" if old["details_submitted"] else "inactive"
    gained = {name: status for name, one in wanted.items() if one.get("requested")}
    new["capabilities"] = {**old["capabilities"], **gained}
    _replace(store, old, new)
    return new


def delete(store: Store, call: Call, account_id: str) -> JSON:
    read(call.params, {})
    known(store, account_id)
    store.put("accounts", account_id, None)
    return objects.deleted("account", account_id)


def list_all(store: Store, call: Call) -> JSON:
    asked = read(call.params, listings.FILTERS)
    return listings.page(store.rows("accounts"), asked, "/v1/accounts")


def create_link(store: Store, call: Call) -> JSON:
    """A short-lived address at which the owner of the account finishes its set-up."""
    asked = read(call.params, LINKED, required=("account", "type", "refresh_url", "return_url"))
    account = known(store, asked["account"], status=400)
    if asked["type"] == "account_update" and not account["details_submitted"]:
        raise Refusal("You cannot create `account_update` type Account Links for this account.")
    query = urlencode({"return_url": asked["return_url"]})
    url = f"{call.base_url}/connect/onboarding/{account['id']}?{query}"
    link = objects.account_link(url, LINK_LIVES_SECONDS)
    kept = {k: asked[k] for k in ("account", "refresh_url", "return_url")}
    store.put("links", url, {**kept, "expires_at": link["expires_at"]})
    return link


def create_login_link(store: Store, call: Call, account_id: str) -> JSON:
    read(call.params, {"expand": expand})
    account = known(store, account_id)
    if account["controller"].get("stripe_dashboard", {}).get("type") != "express":
        raise Refusal("Login links exist only for accounts with the Express Dashboard.")
    if not account["details_submitted"]:
        raise Refusal(
            "Cannot create a login link for an account that has not completed onboarding."
        )
    return objects.login_link(f"{call.base_url}/connect/dashboard/{account_id}")


def onboard(store: Store, account_id: str) -> JSON:
    """Make the account payable, as its owner would, and announce `account.updated`."""
    old: JSON | None = store.get("accounts", account_id)
    if old is None:
        raise no_such("account", account_id, "account", 404)
    capabilities = dict.fromkeys([*old["capabilities"], "transfers"], "active")
    bank = objects.bank_account(account_id, old["country"], old["default_currency"])
    new = {
        **old,
        "business_type": old["business_type"] or "individual",
        "capabilities": capabilities,
        "charges_enabled": "card_payments" in capabilities,
        "details_submitted": True,
        "external_accounts": objects.listing(old["external_accounts"]["url"], [bank]),
        "payouts_enabled": True,
        "requirements": objects.requirements(),
        "tos_acceptance": {**old["tos_acceptance"], "date": unix_now(), "ip": "127.0.0.1"},
    }
    if old["details_submitted"]:
        new = old
    _replace(store, old, new)
    return new


def change_bank(store: Store, account_id: str) -> JSON:
    """Give the account another bank, as its owner would in the Express Dashboard, and announce
    it. Refuses an account that is not set up yet."""
    old = known(store, account_id)
    if not old["details_submitted"]:
        raise Refusal("Finish the set-up of this account first.")
    number = int(old["metadata"].get("simulated_banks", "1")) + 1
    bank = objects.bank_account(account_id, old["country"], old["default_currency"], number)
    banks = objects.listing(old["external_accounts"]["url"], [bank])
    metadata = {**old["metadata"], "simulated_banks": str(number)}
    new = {**old, "external_accounts": banks, "metadata": metadata}
    _replace(store, old, new)
    events.announce(store, "account.external_account.created", bank, account=account_id)
    return new


def mark_bank(store: Store, account_id: str, status: str) -> None:
    """What the bank of an account is called from now on; "errored" gets no payouts."""
    old = known(store, account_id)
    banks = [{**bank, "status": status} for bank in old["external_accounts"]["data"]]
    _replace(store, old, {**old, "external_accounts": {**old["external_accounts"], "data": banks}})


def is_payable(account: JSON) -> bool:
    return bool(account["capabilities"].get("transfers") == "active")


def known(store: Store, account_id: str, status: int = 403) -> JSON:
    account: JSON | None = store.get("accounts", account_id)
    if account is None:
        raise Refusal(
            f"The provided key does not have access to account '{account_id}' (or that account "
            "does not exist).",
            status,
            code="account_invalid",
            **({"param": "account"} if status == 400 else {}),
        )
    return account


def _replace(store: Store, old: JSON, new: JSON) -> None:
    store.put("accounts", new["id"], new)
    events.announce(store, "account.updated", new, before=old, account=new["id"])
