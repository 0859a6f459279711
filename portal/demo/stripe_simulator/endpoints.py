"""Webhook endpoints: where events are sent. Only addresses on this very machine."""

import ipaddress
import re
from typing import Any
from urllib.parse import urlsplit

from portal.demo.stripe_simulator import listings, objects
from portal.demo.stripe_simulator.call import Call
from portal.demo.stripe_simulator.fields import (
    Fields,
    expand,
    flag,
    merged,
    metadata,
    read,
    text,
    texts,
)
from portal.demo.stripe_simulator.refusals import JSON, Invalid, no_such
from portal.demo.stripe_simulator.state import Store, new_id

TABLE = "webhook_endpoints"


def is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _local_address(value: Any, at: str) -> str:
    parts = urlsplit(value if isinstance(value, str) else "")
    if parts.scheme != "http" or not is_loopback(parts.hostname):
        raise Invalid(
            "The Stripe simulator sends webhooks only to http addresses on this machine.",
            code="url_invalid",
            param=at,
        )
    return str(value)


def _event_types(value: Any, at: str) -> list[str]:
    kinds = texts(value, at)
    wrong = [k for k in kinds if k != "*" and not re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)+", k)]
    if wrong or not kinds:
        raise Invalid(f"Invalid {at}: {', '.join(wrong) or 'it is empty'}", param=at)
    return kinds


CHANGED: Fields = {
    "description": text,
    "enabled_events": _event_types,
    "expand": expand,
    "metadata": metadata,
    "url": _local_address,
}
CREATED: Fields = {**CHANGED, "api_version": text, "connect": flag}


def create(store: Store, call: Call) -> JSON:
    """The only answer that shows the signing secret."""
    asked = read(call.params, CREATED, required=("enabled_events", "url"))
    endpoint = objects.webhook_endpoint(asked)
    secret = new_id("whsec", 32)
    store.put(TABLE, endpoint["id"], endpoint)
    store.put("secrets", endpoint["id"], secret)
    return {**endpoint, "secret": secret}


def retrieve(store: Store, call: Call, endpoint_id: str) -> JSON:
    read(call.params, {"expand": expand})
    return _known(store, endpoint_id)


def update(store: Store, call: Call, endpoint_id: str) -> JSON:
    asked = read(call.params, {**CHANGED, "disabled": flag})
    old = _known(store, endpoint_id)
    plain = {k: v for k, v in asked.items() if k in ("description", "enabled_events", "url")}
    new = {**old, **plain, "metadata": merged(old["metadata"], asked.get("metadata"))}
    if "disabled" in asked:
        new["status"] = "disabled" if asked["disabled"] else "enabled"
    store.put(TABLE, endpoint_id, new)
    return new


def delete(store: Store, call: Call, endpoint_id: str) -> JSON:
    read(call.params, {})
    _known(store, endpoint_id)
    store.put(TABLE, endpoint_id, None)
    store.put("secrets", endpoint_id, None)
    return objects.deleted("webhook_endpoint", endpoint_id)


def list_all(store: Store, call: Call) -> JSON:
    filters = {name: rule for name, rule in listings.FILTERS.items() if name != "created"}
    asked = read(call.params, filters)
    return listings.page(store.rows(TABLE), asked, "/v1/webhook_endpoints")


def _known(store: Store, endpoint_id: str) -> JSON:
    endpoint: JSON | None = store.get(TABLE, endpoint_id)
    if endpoint is None:
        raise no_such("webhook endpoint", endpoint_id, "id", 404)
    return endpoint
