"""Take in what comes from outside: store first, think later, any number of times."""

from portal.audit.commands import note
from portal.integrations import applying
from portal.integrations.doors import Door, Label
from portal.integrations.events import InboundReceived
from portal.integrations.models import InboundEvent, InboundState
from portal.jobs import commands as jobs
from portal.kernel import clock, codes
from portal.kernel.errors import Conflict, PortalError
from portal.storage.insert_once import insert_once
from portal.storage.locks import lock
from portal.storage.unit_of_work import savepoint

DONE = frozenset({InboundState.PROCESSED, InboundState.IGNORED, InboundState.REPLAYED})


def accept_inbound(door: Door, label: Label, body: bytes) -> int | None:
    """Store one message and ask the worker for it; None when it is here already.

    The caller has checked its signature and commits before it answers.
    """
    event_id = insert_once(
        InboundEvent, public_id=codes.public_id("evt"), provider=door.provider.value, door=door.key,
        connection_id=door.connection_id, brand_id=door.brand_id, provider_event_id=label.event_id,
        topic=label.topic, headers=label.headers, body=body, content_sha256=label.content_sha256,
        received_at=clock.wall(), heard_at=clock.now(), state=InboundState.RECEIVED, attempts=0,
        replays=0, kind="", external_id="", note="",
    )  # fmt: skip
    if event_id is not None:
        jobs.announce(InboundReceived(event_id))
    return event_id


def process_inbound(event_id: int) -> InboundEvent:
    """Apply a stored message. Doing it again has no further effect.

    What it cannot use is kept with its error, to be replayed; Conflict (another worker is at the
    same order) is raised, so that the job is tried again.
    """
    event = lock(InboundEvent, event_id)
    if event.state in DONE:
        return event
    event.attempts += 1
    try:
        with savepoint():
            outcome = applying.apply(event)
    except Conflict:
        raise
    except PortalError as error:
        event.state, event.last_error = InboundState.FAILED, error.message
    else:
        event.kind, event.external_id = outcome.kind, outcome.external_id[:140]
        event.order_id, event.note, event.last_error = outcome.order_id, outcome.note, None
        event.state = InboundState.PROCESSED if outcome.changed else InboundState.IGNORED
        if event.replays and outcome.changed:
            event.state = InboundState.REPLAYED
    event.processed_at = clock.now()
    return event


def replay(event_id: int, *, by: int | None) -> InboundEvent:
    """Process a message again, whatever became of it: applying is safe to repeat."""
    event = lock(InboundEvent, event_id)
    event.state, event.replays = InboundState.RECEIVED, event.replays + 1
    note(by, "inbound-event.replayed", event.id, brand_id=event.brand_id)
    jobs.announce(InboundReceived(event.id))
    return event


def ignore(event_id: int, reason: str, *, by: int | None) -> InboundEvent:
    """Set a message aside for good. Raises Conflict once it was processed."""
    event = lock(InboundEvent, event_id)
    if event.state in DONE:
        raise Conflict(f"This message was already {event.state}.")
    event.state, event.note = InboundState.IGNORED, reason.strip()[:500]
    note(by, "inbound-event.ignored", event.id, brand_id=event.brand_id, reason=event.note)
    return event
