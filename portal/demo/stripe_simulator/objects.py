"""The shapes of Stripe's objects (API 2026-10-28.endive), each built in one function.

Amounts are integer minor units, instants Unix seconds, `livemode` is always false.
"""

from collections.abc import Sequence
from typing import Any
from zlib import crc32

from portal.demo.stripe_simulator.refusals import JSON
from portal.demo.stripe_simulator.state import Cause, new_id, unix_now

API_VERSION = "2026-10-28.endive"

DEFAULT_CURRENCIES = {
    "US": "usd", "GB": "gbp", "CA": "cad", "AU": "aud", "NZ": "nzd", "CH": "chf", "DK": "dkk",
    "NO": "nok", "SE": "sek", "PL": "pln", "CZ": "czk", "HU": "huf", "RO": "ron", "BR": "brl",
    "MX": "mxn", "JP": "jpy", "SG": "sgd", "HK": "hkd", "IN": "inr", "AE": "aed", "TH": "thb",
}  # fmt: skip
"""Where it is not the euro."""

DUE_BEFORE_ONBOARDING = [
    "external_account", "individual.dob.day", "individual.dob.month", "individual.dob.year",
    "individual.first_name", "individual.last_name", "tos_acceptance.date", "tos_acceptance.ip",
]  # fmt: skip

EMBEDDED_REVERSALS = 10
"""So many reversals lie inside a transfer; the rest is listed."""


def listing(url: str, rows: Sequence[JSON], has_more: bool = False) -> JSON:
    return {"object": "list", "data": list(rows), "has_more": has_more, "url": url}


def requirements(due: Sequence[str] = ()) -> JSON:
    return {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": list(due),
        "disabled_reason": "requirements.past_due" if due else None,
        "errors": [],
        "eventually_due": list(due),
        "past_due": list(due),
        "pending_verification": [],
    }


def controller_of(kind: str) -> JSON:
    """Who answers for what in an account of the classic kinds."""
    if kind == "standard":
        return {"type": "account"}
    payer = f"application_{kind}"
    return {
        "type": "application",
        "is_controller": True,
        "fees": {"payer": payer},
        "losses": {"payments": "application"},
        "requirement_collection": "stripe" if kind == "express" else "application",
        "stripe_dashboard": {"type": "express" if kind == "express" else "none"},
    }


def controller_asked(asked: JSON) -> JSON:
    """A controller spelled out by the platform; what is left out has Stripe's defaults."""
    return {
        "type": "application",
        "is_controller": True,
        "fees": {"payer": "account", **asked.get("fees", {})},
        "losses": {"payments": "stripe", **asked.get("losses", {})},
        "requirement_collection": asked.get("requirement_collection", "stripe"),
        "stripe_dashboard": {"type": "full", **asked.get("stripe_dashboard", {})},
    }


def business_profile(asked: JSON) -> JSON:
    names = (
        "annual_revenue", "estimated_worker_count", "mcc", "minority_owned_business_designation",
        "name", "product_description", "support_address", "support_email", "support_phone",
        "support_url", "url",
    )  # fmt: skip
    return {**dict.fromkeys(names), **asked}


def payout_settings(old: JSON, asked: JSON) -> JSON:
    """What is asked replaces what was, in the schedule field by field."""
    return {**old, **asked, "schedule": {**old["schedule"], **asked.get("schedule", {})}}


def account_settings(country: str, payouts: JSON) -> JSON:
    descriptors = ("statement_descriptor", "statement_descriptor_kana")
    return {
        "bacs_debit_payments": {"display_name": None, "service_user_number": None},
        "branding": dict.fromkeys(("icon", "logo", "primary_color", "secondary_color")),
        "card_issuing": {"tos_acceptance": {"date": None, "ip": None}},
        "card_payments": {
            "decline_on": {"avs_failure": False, "cvc_failure": False},
            "statement_descriptor_prefix": None,
            "statement_descriptor_prefix_kana": None,
            "statement_descriptor_prefix_kanji": None,
        },
        "dashboard": {"display_name": None, "timezone": "Etc/UTC"},
        "invoices": {"default_account_tax_ids": None, "hosted_payment_method_save": "offer"},
        "payments": {**dict.fromkeys(descriptors), "statement_descriptor_kanji": None},
        "payouts": payout_settings(
            {
                "debit_negative_balances": True,
                "schedule": {"delay_days": 2 if country == "US" else 7, "interval": "daily"},
                "statement_descriptor": None,
            },
            payouts,
        ),
        "sepa_debit_payments": {},
    }


def account(asked: JSON) -> JSON:
    """A connected account before anyone has filled in anything: it cannot be paid yet."""
    id_, country = new_id("acct", 16), asked.get("country") or "US"
    spelled_out = asked.get("controller")
    kind = "none" if spelled_out is not None else asked["type"]
    payouts = (asked.get("settings") or {}).get("payouts", {})
    wanted = asked.get("capabilities") or {}
    return {
        "id": id_,
        "object": "account",
        "business_profile": business_profile(asked.get("business_profile") or {}),
        "business_type": asked.get("business_type"),
        "capabilities": {name: "inactive" for name, one in wanted.items() if one["requested"]},
        "charges_enabled": False,
        "controller": controller_of(kind) if spelled_out is None else controller_asked(spelled_out),
        "country": country,
        "created": unix_now(),
        "default_currency": asked.get("default_currency") or currency_of(country),
        "details_submitted": False,
        "email": asked.get("email"),
        "external_accounts": listing(f"/v1/accounts/{id_}/external_accounts", []),
        "future_requirements": requirements(),
        "metadata": asked.get("metadata") or {},
        "payouts_enabled": False,
        "requirements": requirements(DUE_BEFORE_ONBOARDING),
        "settings": account_settings(country, payouts),
        "tos_acceptance": {
            "date": None, "ip": None, "user_agent": None, **(asked.get("tos_acceptance") or {}),
        },
        "type": kind,
    }  # fmt: skip


def currency_of(country: str) -> str:
    return DEFAULT_CURRENCIES.get(country, "eur")


def bank_account(account_id: str, country: str, currency: str, number: int = 1) -> JSON:
    """The invented bank account that onboarding fills in; later numbers are those that its owner
    changes to."""
    told = account_id if number == 1 else f"{account_id} {number}"
    return {
        "id": new_id("ba"),
        "object": "bank_account",
        "account": account_id,
        "account_holder_name": None,
        "account_holder_type": "individual",
        "account_type": None,
        "available_payout_methods": ["standard"],
        "bank_name": "STRIPE TEST BANK",
        "country": country,
        "currency": currency,
        "default_for_currency": True,
        "fingerprint": new_id("fp", 16),
        "future_requirements": None,
        "last4": f"{crc32(told.encode()) % 10_000:04d}",  # another one for each account
        "metadata": {},
        "requirements": None,
        "routing_number": "110000000",
        "status": "new",
    }


def payout(account_id: str, bank_id: str, amount: int, currency: str, fails: str | None) -> JSON:
    """A payout of a connected account to its bank, as far as it will come."""
    now = unix_now()
    made = {
        "id": new_id("po"),
        "object": "payout",
        "account": account_id,  # the simulator's own: Stripe names it on the event
        "amount": amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": now,
        "automatic": True,
        "balance_transaction": new_id("txn"),
        "created": now,
        "currency": currency,
        "description": "STRIPE PAYOUT",
        "destination": bank_id,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "completed",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": "paid",
        "trace_id": None,
        "type": "bank_account",
    }
    return {**made, **failure(fails)} if fails else made


def failure(code: str) -> JSON:
    """What changes in a payout that the bank refused."""
    return {
        "failure_balance_transaction": new_id("txn"),
        "failure_code": code,
        "failure_message": f"The bank refused this payout ({code}).",
        "status": "failed",
    }


def account_link(url: str, lives_seconds: int) -> JSON:
    now = unix_now()
    return {
        "object": "account_link", "created": now, "expires_at": now + lives_seconds, "url": url,
    }  # fmt: skip


def login_link(url: str) -> JSON:
    return {"object": "login_link", "created": unix_now(), "url": url}


def balance(amounts: dict[str, int]) -> JSON:
    def parts(values: dict[str, int]) -> list[JSON]:
        return [
            {"amount": amount, "currency": currency, "source_types": {"card": amount}}
            for currency, amount in sorted(values.items())
        ]

    return {
        "object": "balance",
        "available": parts(amounts),
        "connect_reserved": [{"amount": 0, "currency": currency} for currency in sorted(amounts)],
        "livemode": False,
        "pending": parts(dict.fromkeys(amounts, 0)),
    }


def transfer(asked: JSON) -> JSON:
    id_ = new_id("tr")
    return {
        "id": id_,
        "object": "transfer",
        "amount": asked["amount"],
        "amount_reversed": 0,
        "balance_transaction": new_id("txn"),
        "created": unix_now(),
        "currency": asked["currency"],
        "description": asked.get("description"),
        "destination": asked["destination"],
        "destination_payment": new_id("py"),
        "livemode": False,
        "metadata": asked.get("metadata") or {},
        "reversals": listing(f"/v1/transfers/{id_}/reversals", []),
        "reversed": False,
        "source_transaction": None,
        "source_type": asked.get("source_type") or "card",
        "transfer_group": asked.get("transfer_group"),
    }


def transfer_reversal(of: JSON, amount: int, metadata: dict[str, str]) -> JSON:
    return {
        "id": new_id("trr"),
        "object": "transfer_reversal",
        "amount": amount,
        "balance_transaction": new_id("txn"),
        "created": unix_now(),
        "currency": of["currency"],
        "destination_payment_refund": new_id("pyr"),
        "metadata": metadata,
        "source_refund": None,
        "transfer": of["id"],
    }


def reversed_by(of: JSON, reversal: JSON) -> JSON:
    """The transfer with one more reversal, the newest first."""
    amount = of["amount_reversed"] + reversal["amount"]
    rows = [reversal, *of["reversals"]["data"]]
    more = of["reversals"]["has_more"] or len(rows) > EMBEDDED_REVERSALS
    url = of["reversals"]["url"]
    return {
        **of,
        "amount_reversed": amount,
        "reversals": listing(url, rows[:EMBEDDED_REVERSALS], more),
        "reversed": amount == of["amount"],
    }


def coupon(asked: JSON) -> JSON:
    return {
        "id": asked.get("id") or new_id("", 8).removeprefix("_"),
        "object": "coupon",
        "amount_off": asked.get("amount_off"),
        "created": unix_now(),
        "currency": asked.get("currency"),
        "duration": asked.get("duration") or "once",
        "duration_in_months": asked.get("duration_in_months"),
        "livemode": False,
        "max_redemptions": asked.get("max_redemptions"),
        "metadata": asked.get("metadata") or {},
        "name": asked.get("name"),
        "percent_off": asked.get("percent_off"),
        "redeem_by": asked.get("redeem_by"),
        "times_redeemed": 0,
        "valid": True,
    }


def promotion_code(asked: JSON) -> JSON:
    limits = asked.get("restrictions") or {}
    return {
        "id": new_id("promo"),
        "object": "promotion_code",
        "active": asked.get("active", True),
        "code": asked.get("code") or new_id("", 8).removeprefix("_").upper(),
        "created": unix_now(),
        "customer": None,
        "customer_account": None,
        "expires_at": asked.get("expires_at"),
        "livemode": False,
        "max_redemptions": asked.get("max_redemptions"),
        "metadata": asked.get("metadata") or {},
        "promotion": {"type": "coupon", "coupon": asked["promotion"]["coupon"]},
        "restrictions": {
            "first_time_transaction": limits.get("first_time_transaction", False),
            "minimum_amount": limits.get("minimum_amount"),
            "minimum_amount_currency": limits.get("minimum_amount_currency"),
        },
        "times_redeemed": 0,
    }


def webhook_endpoint(asked: JSON) -> JSON:
    """Without its secret, which Stripe shows once, when the endpoint is made."""
    return {
        "id": new_id("we"),
        "object": "webhook_endpoint",
        "api_version": asked.get("api_version"),
        "application": None,
        "created": unix_now(),
        "description": asked.get("description"),
        "enabled_events": asked["enabled_events"],
        "livemode": False,
        "metadata": asked.get("metadata") or {},
        "status": "enabled",
        "url": asked["url"],
    }


def event(kind: str, data: JSON, cause: Cause, pending: int) -> JSON:
    return {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": unix_now(),
        "data": data,
        "livemode": False,
        "pending_webhooks": pending,
        "request": {"id": cause.request_id, "idempotency_key": cause.key},
        "type": kind,
    }


def deleted(kind: str, id_: str) -> dict[str, Any]:
    return {"id": id_, "object": kind, "deleted": True}
