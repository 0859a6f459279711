"""Stripe's events: every change announces one, and they can be listed for catching up."""

from portal.demo.stripe_simulator import listings, objects
from portal.demo.stripe_simulator.call import Call
from portal.demo.stripe_simulator.fields import Fields, expand, flag, read, text, texts
from portal.demo.stripe_simulator.refusals import JSON, Invalid, no_such
from portal.demo.stripe_simulator.state import Store

LISTED: Fields = {**listings.FILTERS, "delivery_success": flag, "type": text, "types": texts}


def announce(
    store: Store, kind: str, now: JSON, before: JSON | None = None, account: str | None = None
) -> None:
    """Add an event about this object, inside the change that made it so.

    `before` is the object as it was, so that the event can say what changed; `account` the
    connected account it happened to.
    """
    data: JSON = {"object": now}
    if before is not None:
        changed = {name: before[name] for name in before if before[name] != now.get(name)}
        data["previous_attributes"] = changed
    pending = len(subscribers(store, kind))
    event = objects.event(kind, data, store.cause, pending)
    if account is not None:
        event["account"] = account
    store.put("events", event["id"], event)


def subscribers(store: Store, kind: str) -> list[JSON]:
    """The enabled webhook endpoints that asked for this type."""
    return [
        endpoint
        for endpoint in store.rows("webhook_endpoints")
        if endpoint["status"] == "enabled" and {kind, "*"} & set(endpoint["enabled_events"])
    ]


def retrieve(store: Store, call: Call, event_id: str) -> JSON:
    read(call.params, {"expand": expand})
    event: JSON | None = store.get("events", event_id)
    if event is None:
        raise no_such("event", event_id, "id", 404)
    return event


def list_all(store: Store, call: Call) -> JSON:
    asked = read(call.params, LISTED)
    if asked.get("type") and asked.get("types"):
        raise Invalid("You may specify either type or types, not both.", param="types")
    kinds = set(asked.get("types") or filter(None, [asked.get("type")]))
    delivered = asked.get("delivery_success")
    rows = [
        event
        for event in store.rows("events")
        if (not kinds or any(_is_of(event["type"], kind) for kind in kinds))
        and (delivered is None or delivered == (event["pending_webhooks"] == 0))
    ]
    return listings.page(rows, asked, "/v1/events")


def _is_of(kind: str, wanted: str) -> bool:
    """`transfer.*` means all about transfers."""
    return kind.startswith(wanted[:-1]) if wanted.endswith("*") else kind == wanted
