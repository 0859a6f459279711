"""Delivery of events: signed as Stripe signs, in the background, and disturbed on demand."""

import hashlib
import hmac
import http.client
import json
import secrets
import threading
import time
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlsplit

from portal.demo.stripe_simulator.events import subscribers
from portal.demo.stripe_simulator.refusals import JSON, Invalid
from portal.demo.stripe_simulator.state import Store, unix_now

RETRY_AFTER_SECONDS = (2, 10, 60)
"""Stripe tries for days; a demo for about a minute."""
ANSWER_WITHIN_SECONDS = 10
MOST_DUPLICATES = 100
_random = secrets.SystemRandom()


@dataclass(frozen=True)
class Disturbance:
    """How deliveries go wrong: CONTRACTS.md, "Stripe simulator control"."""

    duplicates: int = 0
    shuffle: bool = False
    hold: bool = False
    age: int = 0
    bad_signature: bool = False
    drop: float = 0

    @classmethod
    def asked(cls, given: Any) -> "Disturbance":
        """What is left out goes back to its default; raises Invalid for what makes no sense."""
        names = [f.name for f in fields(cls)]
        if not isinstance(given, dict) or not set(given) <= set(names):
            raise Invalid(f"Hooks are an object with {', '.join(names)}.")
        for f in fields(cls):
            number = f.name in ("duplicates", "age", "drop")
            if not isinstance(given.get(f.name, f.default), (int, float) if number else bool):
                raise Invalid(f"{f.name} has to be {'a number' if number else 'true or false'}.")
        made = cls(**given)
        if not 0 <= made.duplicates <= MOST_DUPLICATES or not 0 <= made.drop <= 1:
            raise Invalid(f"duplicates go from 0 to {MOST_DUPLICATES}, drop from 0 to 1.")
        return made


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one endpoint; `due` and the signature use the wall clock."""

    event: JSON
    endpoint_id: str
    is_copy: bool = False
    attempt: int = 0
    due: float = 0


class Webhooks:
    """The queue and the thread that empties it, one delivery after the other."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue: list[Delivery] = []
        self._changed = threading.Condition()
        self._sending = threading.Lock()
        self._disturbed = Disturbance()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
        store.heard = self.add

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def add(self, event: JSON) -> None:
        """Queue the event for everyone who asked for its type."""
        ids = [endpoint["id"] for endpoint in subscribers(self._store, event["type"])]
        with self._changed:
            self._queue += [Delivery(event, id_) for id_ in ids]
            self._changed.notify_all()

    def disturb(self, disturbance: Disturbance) -> None:
        """From now on like this; what was held comes by itself when nothing is held any more."""
        with self._changed:
            self._disturbed = disturbance
            self._changed.notify_all()

    def clear(self) -> None:
        """Forget what is queued, and disturb nothing."""
        with self._changed:
            self._queue, self._disturbed = [], Disturbance()

    def flush(self) -> int:
        """Deliver everything queued now, held or not yet due; return the number of POSTs."""
        with self._sending:
            with self._changed:
                batch, self._queue = self._queue, []
            return self._send(batch)

    # -------------------------------------------------------------- the thread
    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._closed and self._pause() != 0:
                    self._changed.wait(self._pause())
                if self._closed:
                    return
            with self._sending:
                self._send(self._take_due())

    def _pause(self) -> float | None:
        """Seconds until something is due, 0 for now; None until something changes."""
        if self._disturbed.hold or not self._queue:
            return None
        return max(0, min(d.due for d in self._queue) - time.monotonic())

    def _take_due(self) -> list[Delivery]:
        with self._changed:
            if self._disturbed.hold:
                return []
            now = time.monotonic()
            batch = [d for d in self._queue if d.due <= now]
            self._queue = [d for d in self._queue if d.due > now]
            return batch

    # -------------------------------------------------------------- one batch
    def _send(self, batch: list[Delivery]) -> int:
        how, singles = self._disturbed, []
        for delivery in batch:
            copies = [Delivery(delivery.event, delivery.endpoint_id, True)] * how.duplicates
            singles += [delivery, *copies]
        singles = [one for one in singles if not how.drop or _random.random() >= how.drop]
        if how.shuffle:
            singles = _shuffled(singles)
        return sum(self._post(one, how) for one in singles if not self._closed)

    def _post(self, one: Delivery, how: Disturbance) -> bool:
        """Whether it was sent at all, whatever came back."""
        endpoint: JSON | None = self._store.get("webhook_endpoints", one.endpoint_id)
        secret = self._store.get("secrets", one.endpoint_id)
        if endpoint is None or secret is None or endpoint["status"] != "enabled":
            return False
        body = json.dumps(one.event, indent=2).encode()
        if how.bad_signature:
            secret = "whsec_of_someone_else"  # noqa: S105 - wrong on purpose
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(body, secret, unix_now() - how.age),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        if _is_accepted(endpoint["url"], body, headers):
            self._note_delivered(one)
        elif not one.is_copy and one.attempt < len(RETRY_AFTER_SECONDS):
            self._try_again(one)
        return True

    def _note_delivered(self, one: Delivery) -> None:
        if one.is_copy:
            return
        with self._store.change():
            event = self._store.get("events", one.event["id"])
            if event is not None:
                left = max(0, event["pending_webhooks"] - 1)
                self._store.put("events", event["id"], {**event, "pending_webhooks": left})

    def _try_again(self, one: Delivery) -> None:
        due = time.monotonic() + RETRY_AFTER_SECONDS[one.attempt]
        later = Delivery(one.event, one.endpoint_id, False, one.attempt + 1, due)
        with self._changed:
            self._queue.append(later)
            self._changed.notify_all()


def signature(body: bytes, secret: str, dated: int) -> str:
    """The Stripe-Signature header for this body, as if signed at `dated` (Unix seconds)."""
    mac = hmac.new(secret.encode(), f"{dated}.".encode() + body, hashlib.sha256)
    return f"t={dated},v1={mac.hexdigest()}"


def _shuffled(singles: list[Delivery]) -> list[Delivery]:
    """Another order than the given one, wherever there is another."""
    order = list(range(len(singles)))
    while len(order) > 1 and order == sorted(order):
        _random.shuffle(order)
    return [singles[place] for place in order]


def _is_accepted(url: str, body: bytes, headers: dict[str, str]) -> bool:
    """POST past every proxy; True for a 2xx. No answer is as good as a refusal."""
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = http.client.HTTPConnection(
        parts.hostname or "", parts.port or 80, timeout=ANSWER_WITHIN_SECONDS
    )
    try:
        connection.request("POST", path, body, headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return http.HTTPStatus.OK <= status < http.HTTPStatus.MULTIPLE_CHOICES
