"""Endpoints, messages and their deliveries. Callers commit; nobody here calls the network.

Lock order: the endpoint, then its deliveries.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from portal.audit import commands as audit
from portal.identity import queries as identity
from portal.jobs import commands as jobs
from portal.kernel import clock, codes
from portal.kernel.errors import Conflict
from portal.storage.changes import change
from portal.storage.insert_once import insert_once
from portal.storage.locks import lock, lock_each
from portal.storage.model import db
from portal.webhooks import queries, rules
from portal.webhooks.events import WebhookDisabled
from portal.webhooks.models import (
    DeliveryStatus,
    EndpointStatus,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
)

JOB, REST_JOB = "webhooks.deliver", "webhooks.replay_rest"
REPLAY_MOST = 1000


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message, addressed and signed."""

    delivery_id: int
    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try: an answer, or the trouble that kept it away."""

    status: int | None
    answer: str
    trouble: str
    duration_ms: int


# ---- endpoints
def add_endpoint(
    brand_id: int, url: str, label: str, types: Iterable[str], *,
    by: int | None, allows_loopback: bool = False,
) -> WebhookEndpoint:  # fmt: skip
    """A new endpoint with its own secret. Raises InvalidInput for an address that cannot be
    called, Conflict when the brand has ten."""
    if len(queries.endpoints_of(brand_id)) >= rules.MOST_ENDPOINTS:
        raise Conflict(f"A brand can have {rules.MOST_ENDPOINTS} endpoints. Remove one first.")
    endpoint = WebhookEndpoint(
        brand_id=brand_id, url=rules.checked_url(url, allows_loopback=allows_loopback),
        label=label.strip(), types=rules.checked_types(types), secret=rules.new_secret(),
        created_at=clock.now(), created_by=by,
    )  # fmt: skip
    db.session.add(endpoint)
    db.session.flush()
    _note(by, endpoint, "added", url=endpoint.url)
    return endpoint


def edit_endpoint(
    endpoint_id: int, url: str, label: str, types: Iterable[str], *,
    by: int | None, allows_loopback: bool = False,
) -> WebhookEndpoint:  # fmt: skip
    """Another address or other events. Raises InvalidInput as `add_endpoint` does."""
    endpoint = _open(endpoint_id)
    endpoint.url = rules.checked_url(url, allows_loopback=allows_loopback)
    endpoint.label, endpoint.types = label.strip(), rules.checked_types(types)
    endpoint.resting_until = None
    _note(by, endpoint, "edited", url=endpoint.url)
    return endpoint


def rotate_secret(endpoint_id: int, *, by: int | None) -> WebhookEndpoint:
    """Sign with a new secret; for 24 hours the old one signs too. Raises Conflict meanwhile: by a
    second rotation, such as a page loaded again, the secret that receivers have would be lost."""
    endpoint = _open(endpoint_id)
    if endpoint.is_rotating(clock.now()):
        raise Conflict("The secret was rotated already. The old one signs too for a day.")
    endpoint.previous_secret, endpoint.secret = endpoint.secret, rules.new_secret()
    endpoint.previous_until = clock.now() + rules.ROTATION
    _note(by, endpoint, "rotated")
    return endpoint


def note_secret_shown(endpoint_id: int, *, by: int | None) -> WebhookEndpoint:
    """Somebody looked at the secret: it stands in the audit trail."""
    endpoint = _open(endpoint_id)
    _note(by, endpoint, "secret-shown")
    return endpoint


def disable(endpoint_id: int, reason: str, *, by: int | None) -> WebhookEndpoint:
    """Send nothing more to it; what waits, waits. Disabling twice is disabling once."""
    endpoint = _open(endpoint_id)
    if endpoint.status is EndpointStatus.ACTIVE:
        endpoint.status, endpoint.disabled_at = EndpointStatus.DISABLED, clock.now()
        endpoint.disabled_reason = reason[:200]
        _note(by, endpoint, "disabled", reason=reason)
    return endpoint


def enable(endpoint_id: int, *, by: int | None) -> WebhookEndpoint:
    """Send again, beginning with what waited: the oldest 1,000 now, by `queue_overdue` the rest."""
    endpoint = _open(endpoint_id)
    endpoint.status, endpoint.disabled_at, endpoint.disabled_reason = (
        EndpointStatus.ACTIVE,
        None,
        "",
    )
    endpoint.failing_since, endpoint.failures, endpoint.resting_until = None, 0, None
    for delivery_id in queries.waiting_of(endpoint_id, REPLAY_MOST):
        _begin(lock(WebhookDelivery, delivery_id))
    _note(by, endpoint, "enabled")
    return endpoint


def remove(endpoint_id: int, *, by: int | None) -> None:
    """Take an endpoint away for ever; its secrets are forgotten, its log stays for 30 days."""
    endpoint = _open(endpoint_id)
    endpoint.status, endpoint.secret, endpoint.previous_secret = EndpointStatus.REMOVED, "", None
    _note(by, endpoint, "removed", url=endpoint.url)


# ---- messages
def publish(
    brand_id: int,
    kind: str,
    subject: str,
    data: Callable[[], Mapping[str, Any]],
    *,
    began_at: datetime | None = None,
) -> int | None:
    """Keep what happened and queue it for every active endpoint that wants it; its row id, or None
    when nothing was kept. `data` is asked for only when it is.

    With `began_at`, the instant it is about, a subject is told of only the first time; that it was
    is kept as soon as the brand has an endpoint, even when none wants this type. What began longer
    ago than messages are kept is no news, whether it was told or not.
    """
    wanting = queries.listeners(brand_id, kind)
    if began_at is not None:
        is_news = clock.now() - began_at < rules.KEPT and not queries.was_told(subject, kind)
        if not is_news or not queries.endpoints_of(brand_id):
            return None
    elif not wanting:
        return None
    message = _write(brand_id, kind, subject, data())
    for endpoint in wanting:
        if endpoint.status is EndpointStatus.ACTIVE:
            _queue(endpoint.id, message.id)
    return message.id


def send_test(endpoint_id: int, *, by: int | None) -> WebhookDelivery:
    """Queue a test message for one endpoint, whatever it listens to. Raises Conflict while it is
    disabled."""
    endpoint = _open(endpoint_id)
    if endpoint.status is not EndpointStatus.ACTIVE:
        raise Conflict("This endpoint is disabled. Enable it, then send a test.")
    endpoint.resting_until = None
    told = {"note": "A test: nothing happened.", "endpoint": endpoint.public_id}
    message = _write(endpoint.brand_id, rules.TEST, endpoint.public_id, told)
    _note(by, endpoint, "tested")
    return lock(WebhookDelivery, _queue(endpoint_id, message.id))


def replay(delivery_id: int, *, by: int | None) -> WebhookDelivery:
    """Send one message again, from its first try, under the same webhook-id. Raises Conflict while
    its endpoint takes nothing."""
    endpoint = _open(queries.endpoint_id_of(delivery_id))
    delivery = lock(WebhookDelivery, delivery_id)
    if endpoint.status is not EndpointStatus.ACTIVE:
        raise Conflict("This endpoint is disabled. Enable it, then send the message again.")
    endpoint.resting_until = None
    _begin(delivery)
    _note(by, endpoint, "replayed", message=delivery.message_id)
    return delivery


def replay_since(endpoint_id: int, since: datetime, *, only_failed: bool, by: int | None) -> int:
    """Send again what happened since an instant: what failed, or everything the endpoint listens
    to, told or not. Begins with the oldest 1,000 and returns how many these are; a job goes on
    with the rest. Raises Conflict while the endpoint takes nothing."""
    endpoint = _open(endpoint_id)
    if endpoint.status is not EndpointStatus.ACTIVE:
        raise Conflict("This endpoint is disabled. Enable it, then send messages again.")
    endpoint.resting_until = None
    _note(by, endpoint, "replayed-since", since=since.isoformat(), only_failed=only_failed)
    return _replay_some(endpoint, queries.Span(since, clock.now()), only_failed=only_failed)


def replay_rest(
    endpoint_id: int, span: queries.Span, after_id: int, *, only_failed: bool
) -> int:  # fmt: skip
    """Go on with `replay_since` after a message; nothing, once the endpoint takes nothing."""
    endpoint = lock(WebhookEndpoint, endpoint_id)
    if endpoint.status is not EndpointStatus.ACTIVE:
        return 0
    return _replay_some(endpoint, span, after_id, only_failed=only_failed)


def _replay_some(
    endpoint: WebhookEndpoint, span: queries.Span, after_id: int = 0, *, only_failed: bool
) -> int:
    found = queries.messages_in(endpoint, span, after_id, REPLAY_MOST, only_failed=only_failed)
    for message_id in found:
        delivery_id = _queue(endpoint.id, message_id, begin=False)
        _begin(lock(WebhookDelivery, delivery_id))
    if len(found) == REPLAY_MOST:
        since, until = (moment.isoformat() for moment in span)
        rest = {"since": since, "until": until, "after_id": found[-1], "only_failed": only_failed}
        jobs.enqueue(REST_JOB, {"endpoint_id": endpoint.id, **rest})
    return len(found)


# ---- one try
def prepare(delivery_id: int) -> Parcel | None:
    """The message to send now, signed with this moment; None when there is nothing to send: it was
    received or forgotten, its endpoint is switched off, or it is not due (then it is queued for
    when it is)."""
    found = lock_each(WebhookDelivery, [delivery_id])
    if not found:
        return None
    delivery = found[0]
    endpoint = queries.endpoint(delivery.endpoint_id)
    if (
        delivery.status is not DeliveryStatus.WAITING
        or endpoint.status is not EndpointStatus.ACTIVE
    ):
        return None
    now = clock.now()
    due_at = max(delivery.next_at or now, endpoint.resting_until or now)
    if due_at > now:
        _enqueue(delivery.id, due_at)
        return None
    message = queries.message(delivery.message_id)
    timestamp = int(clock.wall().timestamp())
    keys = endpoint.secrets_at(now)
    return Parcel(
        delivery.id, endpoint.url,
        rules.headers(keys, message.public_id, timestamp, message.body), message.body.encode(),
    )  # fmt: skip


def note_attempt(delivery_id: int, outcome: Outcome) -> None:
    """Keep what became of a try, and queue the next one when it is needed. A failure of a second
    try at the same time does not undo that the message was received."""
    endpoint = lock(WebhookEndpoint, queries.endpoint_id_of(delivery_id))
    delivery, now = lock(WebhookDelivery, delivery_id), clock.now()
    delivery.attempts += 1
    delivery.last_status = outcome.status
    db.session.add(
        WebhookAttempt(
            delivery_id=delivery.id, number=delivery.attempts, at=now, status=outcome.status,
            duration_ms=outcome.duration_ms, trouble=outcome.trouble[:300],
            answer=outcome.answer[: rules.EXCERPT_CHARACTERS],
        )
    )  # fmt: skip
    if rules.succeeded(outcome.status):
        delivery.status, delivery.delivered_at = DeliveryStatus.DELIVERED, now
        delivery.next_at = None
        endpoint.failing_since, endpoint.failures, endpoint.resting_until = None, 0, None
        endpoint.last_success_at = now
        return
    if delivery.status is DeliveryStatus.WAITING:
        _note_failure(delivery, endpoint, now, is_gone=outcome.status == 410)


def queue_overdue() -> None:
    """Queue what waits though its time has come and gone: what `enable` left for later, and what
    has lost its job."""
    now = clock.now()
    for delivery_id in queries.overdue(now - rules.OVERDUE, REPLAY_MOST):
        _enqueue(delivery_id, now)


def forget_old(limit: int = 500) -> int:
    """Delete messages older than 30 days with their log, the oldest first; returns how many."""
    found = queries.messages_before(clock.now() - rules.KEPT, limit)
    of_these = select(WebhookDelivery.id).where(WebhookDelivery.message_id.in_(found))
    change(delete(WebhookAttempt).where(WebhookAttempt.delivery_id.in_(of_these)))
    change(delete(WebhookDelivery).where(WebhookDelivery.message_id.in_(found)))
    return change(delete(WebhookMessage).where(WebhookMessage.id.in_(found)))


def _note_failure(
    delivery: WebhookDelivery, endpoint: WebhookEndpoint, now: datetime, *, is_gone: bool
) -> None:
    delivery.failures += 1
    endpoint.failures += 1
    endpoint.failing_since = endpoint.failing_since or now
    endpoint.resting_until = rules.rest_until(now, endpoint.failures)
    delivery.next_at = rules.next_try(now, delivery.failures, delivery.id)
    if delivery.next_at is None:
        delivery.status = DeliveryStatus.FAILED
    if is_gone or rules.is_hopeless(endpoint.failing_since, now):
        reason = "It answered 410 Gone." if is_gone else "It failed for five days."
        if endpoint.status is EndpointStatus.ACTIVE:
            disable(endpoint.id, reason, by=None)
            jobs.announce(WebhookDisabled(endpoint.id, delivery.id))
    elif delivery.next_at is not None:
        _enqueue(delivery.id, delivery.next_at)


def _write(brand_id: int, kind: str, subject: str, data: Mapping[str, Any]) -> WebhookMessage:
    now = clock.now()
    told = {
        "type": kind,
        "version": rules.VERSION,
        "timestamp": now.isoformat().replace("+00:00", "Z"),
        "brand": identity.brand(brand_id).slug,
        "data": data,
    }
    body = json.dumps(told, separators=(",", ":"), ensure_ascii=False)
    message = WebhookMessage(
        public_id=codes.public_id("msg"), brand_id=brand_id, type=kind, subject=subject,
        body=body, happened_at=now,
    )  # fmt: skip
    db.session.add(message)
    db.session.flush()
    return message


def _queue(endpoint_id: int, message_id: int, *, begin: bool = True) -> int:
    """The delivery of a message to an endpoint, made when there is none, and queued."""
    now = clock.now()
    made = insert_once(
        WebhookDelivery, public_id=codes.public_id("del"), endpoint_id=endpoint_id,
        message_id=message_id, status=DeliveryStatus.WAITING, failures=0, attempts=0,
        last_status=None, next_at=now, created_at=now, delivered_at=None,
    )  # fmt: skip
    delivery_id = made or queries.delivery_id(endpoint_id, message_id)
    if begin:
        _enqueue(delivery_id, now)
    return delivery_id


def _begin(delivery: WebhookDelivery) -> None:
    delivery.status, delivery.failures, delivery.next_at = DeliveryStatus.WAITING, 0, clock.now()
    delivery.delivered_at = None
    dedupe = f"webhook:{delivery.id}"
    jobs.cancel(dedupe)
    _enqueue(delivery.id, clock.now())


def _enqueue(delivery_id: int, run_at: datetime) -> None:
    jobs.enqueue(
        JOB, {"delivery_id": delivery_id}, dedupe=f"webhook:{delivery_id}", run_at=run_at
    )  # fmt: skip


def _open(endpoint_id: int) -> WebhookEndpoint:
    endpoint = lock(WebhookEndpoint, endpoint_id)
    if endpoint.status is EndpointStatus.REMOVED:
        raise Conflict("This endpoint was removed.")
    return endpoint


def _note(by: int | None, endpoint: WebhookEndpoint, did: str, **facts: Any) -> None:
    audit.note(by, f"webhook.{did}", endpoint.id, brand_id=endpoint.brand_id, **facts)
