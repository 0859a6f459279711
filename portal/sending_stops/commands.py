"""Stop all sending, release it. Callers commit."""

from sqlalchemy.exc import IntegrityError

from portal.audit import commands as audit
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.sending_stops import queries
from portal.sending_stops.models import SendingStop
from portal.storage.locks import lock
from portal.storage.model import db
from portal.storage.unit_of_work import savepoint

REASON_LEAST = 3


def stop_all(reason: str, *, by: int) -> SendingStop:
    """Let nothing be sent any more, for any brand, until somebody releases it.

    What is with a provider at this moment is finished and recorded. Raises InvalidInput without a
    reason, Conflict when sending is stopped already.
    """
    if len(reason.strip()) < REASON_LEAST:
        raise InvalidInput("reason", "Write a reason: the finance people of every brand read it.")
    if queries.is_stopped():
        raise Conflict(f"Sending is stopped already. {queries.words()}")
    made = SendingStop(reason=reason.strip(), stopped_by=by, stopped_at=clock.now())
    try:
        with savepoint():
            db.session.add(made)
            db.session.flush()
    except IntegrityError:  # two operators in the same moment
        raise Conflict("Somebody else has just stopped all sending.") from None
    audit.note(by, "sending.stopped", made.id, reason=made.reason)
    return made


def release(stop_id: int, *, by: int) -> SendingStop:
    """Let sending go on. Raises Conflict for a stop that was released already."""
    found = lock(SendingStop, stop_id)
    if found.released_at is not None:
        raise Conflict("Sending was released already.")
    found.released_by, found.released_at = by, clock.now()
    audit.note(by, "sending.released", found.id, reason=found.reason)
    return found
