"""Coupons, and the promotion codes under which shoppers use them."""

import re
from typing import Any

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
    percent,
    positive,
    read,
    text,
    unsupported,
    whole,
)
from portal.demo.stripe_simulator.refusals import JSON, Invalid, Refusal, missing, no_such
from portal.demo.stripe_simulator.state import Store


def _code(value: Any, at: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9-]{1,500}", value):
        raise Invalid("A promotion code holds only letters, digits and dashes.", param=at)
    return value


COUPON: Fields = {
    "amount_off": positive,
    "applies_to": unsupported,
    "currency": currency,
    "currency_options": unsupported,
    "duration": choice("forever", "once", "repeating"),
    "duration_in_months": positive,
    "expand": expand,
    "id": text,
    "max_redemptions": positive,
    "metadata": metadata,
    "name": text,
    "percent_off": percent,
    "redeem_by": whole,
}
COUPON_CHANGED: Fields = {
    "currency_options": unsupported, "expand": expand, "metadata": metadata, "name": text,
}  # fmt: skip
PROMOTED: Fields = {"coupon": text, "type": choice("coupon")}
PROMOTION: Fields = {
    "active": flag,
    "code": _code,
    "customer": unsupported,
    "customer_account": unsupported,
    "expand": expand,
    "expires_at": whole,
    "max_redemptions": positive,
    "metadata": metadata,
    "promotion": PROMOTED,
    "restrictions": {
        "currency_options": unsupported,
        "first_time_transaction": flag,
        "minimum_amount": positive,
        "minimum_amount_currency": currency,
    },
}
PROMOTION_CHANGED: Fields = {
    "active": flag,
    "expand": expand,
    "metadata": metadata,
    "restrictions": {"currency_options": unsupported},
}
PROMOTION_LISTED: Fields = {
    **listings.FILTERS,
    "active": flag,
    "code": text,
    "coupon": text,
    "customer": text,
    "customer_account": text,
}


# ------------------------------------------------------------------ coupons
def create_coupon(store: Store, call: Call) -> JSON:
    asked = read(call.params, COUPON)
    if ("percent_off" in asked) == ("amount_off" in asked):
        raise Invalid("You must pass either `percent_off` or `amount_off`.", param="percent_off")
    if "amount_off" in asked and not asked.get("currency"):
        raise missing("currency")
    if asked.get("duration") == "repeating" and not asked.get("duration_in_months"):
        raise missing("duration_in_months")
    coupon = objects.coupon({**asked, "metadata": merged({}, asked.get("metadata"))})
    if store.get("coupons", coupon["id"]) is not None:
        raise Refusal("Coupon already exists.", code="resource_already_exists", param="id")
    store.put("coupons", coupon["id"], coupon)
    events.announce(store, "coupon.created", coupon)
    return coupon


def retrieve_coupon(store: Store, call: Call, coupon_id: str) -> JSON:
    read(call.params, {"expand": expand})
    return _known(store, "coupons", coupon_id)


def update_coupon(store: Store, call: Call, coupon_id: str) -> JSON:
    asked = read(call.params, COUPON_CHANGED)
    old = _known(store, "coupons", coupon_id)
    new = {**old, "metadata": merged(old["metadata"], asked.get("metadata"))}
    if "name" in asked:
        new["name"] = asked["name"]
    store.put("coupons", coupon_id, new)
    events.announce(store, "coupon.updated", new, before=old)
    return new


def delete_coupon(store: Store, call: Call, coupon_id: str) -> JSON:
    read(call.params, {})
    old = _known(store, "coupons", coupon_id)
    store.put("coupons", coupon_id, None)
    events.announce(store, "coupon.deleted", {**old, "valid": False})
    return objects.deleted("coupon", coupon_id)


def list_coupons(store: Store, call: Call) -> JSON:
    asked = read(call.params, listings.FILTERS)
    return listings.page(store.rows("coupons"), asked, "/v1/coupons")


# ------------------------------------------------------------------ promotion codes
def create_promotion(store: Store, call: Call) -> JSON:
    """A code is unique among the active ones, whatever its letter case."""
    asked = read(call.params, PROMOTION, required=("promotion",))
    read(call.params["promotion"], PROMOTED, ("type", "coupon"), at="promotion")
    coupon_id = asked["promotion"]["coupon"]
    if store.get("coupons", coupon_id) is None:
        raise no_such("coupon", coupon_id, "promotion[coupon]")
    promotion = objects.promotion_code({**asked, "metadata": merged({}, asked.get("metadata"))})
    if promotion["active"]:
        _want_free(store, promotion["code"])
    store.put("promotion_codes", promotion["id"], promotion)
    events.announce(store, "promotion_code.created", promotion)
    return promotion


def _want_free(store: Store, code: str) -> None:
    for other in store.rows("promotion_codes"):
        if other["active"] and other["code"].lower() == code.lower():
            raise Refusal(
                f"An active promotion code with `code: {other['code']}` already exists.",
                code="resource_already_exists",
                param="code",
            )


def retrieve_promotion(store: Store, call: Call, promotion_id: str) -> JSON:
    read(call.params, {"expand": expand})
    return _known(store, "promotion_codes", promotion_id)


def update_promotion(store: Store, call: Call, promotion_id: str) -> JSON:
    asked = read(call.params, PROMOTION_CHANGED)
    old = _known(store, "promotion_codes", promotion_id)
    active = asked.get("active", old["active"])
    if active and not old["active"]:
        _want_free(store, old["code"])
    changed = merged(old["metadata"], asked.get("metadata"))
    new = {**old, "active": active, "metadata": changed}
    store.put("promotion_codes", promotion_id, new)
    events.announce(store, "promotion_code.updated", new, before=old)
    return new


def list_promotions(store: Store, call: Call) -> JSON:
    asked = read(call.params, PROMOTION_LISTED)
    code = asked.get("code")
    rows = [
        promotion
        for promotion in store.rows("promotion_codes")
        if (code is None or promotion["code"].lower() == code.lower())
        and asked.get("active", promotion["active"]) == promotion["active"]
        and asked.get("coupon") in (None, promotion["promotion"]["coupon"])
        and not asked.get("customer")
        and not asked.get("customer_account")
    ]
    return listings.page(rows, asked, "/v1/promotion_codes")


def _known(store: Store, table: str, id_: str) -> JSON:
    row: JSON | None = store.get(table, id_)
    if row is None:
        raise no_such(table.removesuffix("s").replace("_", " "), id_, "id", 404)
    return row
