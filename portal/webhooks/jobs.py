"""The call itself, between two short transactions; a crash anywhere leads to one more try under
the same webhook-id."""

import time
from datetime import datetime

from portal import outbound
from portal.kernel.errors import ProviderRefused, ProviderUnavailable
from portal.storage.unit_of_work import unit_of_work
from portal.webhooks import commands
from portal.webhooks.commands import Outcome, Parcel
from portal.webhooks.queries import Span

ANSWER_BYTES = 100_000
TIMEOUT_SECONDS = 5


def deliver(delivery_id: int, *, allows_loopback: bool = False) -> None:
    """Try to send one message, and keep what became of it."""
    with unit_of_work():
        parcel = commands.prepare(delivery_id)
    if parcel is None:
        return
    outcome = _sent(parcel, allows_loopback)
    with unit_of_work():
        commands.note_attempt(delivery_id, outcome)


def replay_rest(
    endpoint_id: int, since: str, until: str, after_id: int, *, only_failed: bool
) -> None:
    """Go on sending again what was too much for one request."""
    span = Span(datetime.fromisoformat(since), datetime.fromisoformat(until))
    with unit_of_work():
        commands.replay_rest(endpoint_id, span, after_id, only_failed=only_failed)


def queue_overdue() -> None:
    """Queue again what waits for too long."""
    with unit_of_work():
        commands.queue_overdue()


def forget_old() -> None:
    """Delete what was told more than 30 days ago, in slices."""
    deleted = 1
    while deleted:
        with unit_of_work():
            deleted = commands.forget_old()


def _sent(parcel: Parcel, allows_loopback: bool) -> Outcome:
    started = time.monotonic()
    try:
        answer = outbound.fetch(
            parcel.url,
            method="POST",
            headers=parcel.headers,
            body=parcel.body,
            timeout_seconds=TIMEOUT_SECONDS,
            most_bytes=ANSWER_BYTES,
            allows_loopback=allows_loopback,
        )
    except (ProviderRefused, ProviderUnavailable) as trouble:
        return Outcome(None, "", trouble.message, _milliseconds(started))
    said = answer.body.decode("utf-8", "replace").replace("\0", "")
    trouble_words = (
        "It answered with a redirect, which is not followed." if answer.is_redirect else ""
    )
    return Outcome(answer.status, said, trouble_words, _milliseconds(started))


def _milliseconds(started: float) -> int:
    return int((time.monotonic() - started) * 1000)
