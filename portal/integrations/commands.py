"""Take in what comes from outside: store first, think later, any number of times."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from portal.audit.commands import note
from portal.integrations import applying
from portal.integrations.applying import Outcome
from portal.integrations.doors import Door, Label
from portal.integrations.events import InboundReceived
from portal.integrations.models import InboundEvent, InboundState
from portal.jobs import commands as jobs
from portal.kernel import clock, codes
from portal.kernel.errors import Conflict, PortalError
from portal.sales import commands as sales
from portal.sales.commands import Arrival
from portal.sales.rules import Reading
from portal.storage.insert_once import insert_new
from portal.storage.locks import lock
from portal.storage.model import db
from portal.storage.unit_of_work import savepoint

REFUSED = "refused"  # the kind of a message whose sender was told no
REFUSED_BYTES = 100_000
FLOOD, FLOOD_TIME = 100, timedelta(hours=1)
DONE = frozenset({InboundState.PROCESSED, InboundState.IGNORED, InboundState.REPLAYED})


@dataclass(frozen=True, slots=True)
class Message:
    """One message whose signature was checked, on its way into the inbox."""

    door: Door
    label: Label
    body: bytes


def accept_inbound(door: Door, label: Label, body: bytes) -> int | None:
    """Store one message and ask the worker for it; None when it is here already.

    The caller has checked its signature and commits before it answers.
    """
    return accept_each([Message(door, label, body)])[0]


def accept_each(messages: Sequence[Message]) -> list[int | None]:
    """`accept_inbound` for many, in the order given."""
    rows = [_row(one) for one in messages]
    new = insert_new(InboundEvent, rows)
    ids = [new.get(row["public_id"]) for row in rows]
    jobs.announce_each([InboundReceived(event_id) for event_id in ids if event_id is not None])
    return ids


def _row(message: Message) -> dict[str, Any]:
    door, label = message.door, message.label
    return {
        "public_id": codes.public_id("evt"), "provider": door.provider.value, "door": door.key,
        "connection_id": door.connection_id, "brand_id": door.brand_id,
        "provider_event_id": label.event_id, "topic": label.topic, "headers": label.headers,
        "body": message.body, "content_sha256": label.content_sha256, "received_at": clock.wall(),
        "heard_at": clock.now(), "state": InboundState.RECEIVED, "attempts": 0, "replays": 0,
        "kind": "", "external_id": "", "note": "",
    }  # fmt: skip


def keep(message: Message) -> InboundEvent:
    """Store a message that is done already, in the transaction that did it; `close` it next."""
    event = InboundEvent(**_row(message))
    db.session.add(event)
    db.session.flush()
    event.attempts = 1
    return event  # type: ignore[no-any-return]


def keep_refused(message: Message, reason: str) -> None:
    """Store a message of a known sender that was answered with a no, so that people see it.

    A repetition changes nothing; the body of a long one is not kept, and of a flood only the first
    hundred in an hour are.
    """
    now, door = clock.wall(), message.door
    lately = select(InboundEvent.id).where(
        InboundEvent.door == door.key, InboundEvent.provider == door.provider.value,
        InboundEvent.state == InboundState.REFUSED, InboundEvent.received_at > now - FLOOD_TIME,
    )  # fmt: skip
    if len(db.session.scalars(lately.limit(FLOOD)).all()) == FLOOD:
        return
    row = _row(message) | {
        "state": InboundState.REFUSED, "kind": REFUSED, "last_error": reason[:2000],
        "processed_at": clock.now(), "attempts": 1,
    }  # fmt: skip
    if len(message.body) > REFUSED_BYTES:
        row |= {"body": b"", "body_forgotten_at": now}
    insert_new(InboundEvent, [row])


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
            outcome = applying.apply(event, applying.read(event))
    except Conflict:
        raise
    except PortalError as error:
        # What its sender was told cannot be used is nothing that anybody here has to look after.
        event.state = InboundState.REFUSED if event.kind == REFUSED else InboundState.FAILED
        event.last_error, event.processed_at = error.message, clock.now()
    else:
        close(event, outcome)
    return event


def process_each(event_ids: Sequence[int]) -> None:
    """`process_inbound` for many: those that tell of an order and nothing else in sets.

    Raises what makes the set impossible (another worker at the same order): the caller's
    SAVEPOINT rolls back, and each is done by itself.
    """
    events = db.session.scalars(
        select(InboundEvent)
        .where(InboundEvent.id.in_(event_ids), InboundEvent.state.not_in(DONE))
        .order_by(InboundEvent.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    told: list[tuple[InboundEvent, Reading, Arrival]] = []
    for event in events:
        reading, arrival = _order_of(event)
        if reading is None or arrival is None:
            process_inbound(event.id)
        else:
            told.append((event, reading, arrival))
    order_ids = sales.record_orders([arrival for _, _, arrival in told])
    for (event, reading, _), order_id in zip(told, order_ids, strict=True):
        event.attempts += 1
        close(event, applying.recorded(reading, order_id))
    heard = {arrival.connection_id: arrival.heard_at for _, _, arrival in told}
    for connection_id, heard_at in heard.items():
        sales.note_event(connection_id, heard_at)


def _order_of(event: InboundEvent) -> tuple[Reading | None, Arrival | None]:
    try:
        reading = applying.read(event)
    except PortalError:  # `process_inbound` keeps the sentence
        return None, None
    return reading, applying.arrival_of(event, reading)


def close(event: InboundEvent, outcome: Outcome) -> None:
    """Say what became of a message."""
    event.kind, event.external_id = outcome.kind, outcome.external_id[:140]
    event.order_id, event.note, event.last_error = outcome.order_id, outcome.note, None
    event.state = InboundState.PROCESSED if outcome.changed else InboundState.IGNORED
    if event.replays and outcome.changed:
        event.state = InboundState.REPLAYED
    event.processed_at = clock.now()


def replay(event_id: int, *, by: int | None) -> InboundEvent:
    """Process a message again, whatever became of it: applying is safe to repeat.

    Raises Conflict when its body was forgotten.
    """
    event = lock(InboundEvent, event_id)
    if event.body_forgotten_at is not None:
        raise Conflict("Its body was forgotten when its time was over: nothing is left to read.")
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
