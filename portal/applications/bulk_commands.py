"""Decide about many applications, each in its own right: one that cannot be stops no other."""

from collections.abc import Sequence

from portal.applications import commands
from portal.applications.bulk_models import BulkDecision
from portal.applications.models import Application, ApplicationStatus, DeclineReason
from portal.audit import commands as audit
from portal.jobs import commands as jobs
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.storage.locks import lock
from portal.storage.model import db
from portal.storage.unit_of_work import savepoint

MOST = 500
JOB = "applications.decide_each"


def begin(
    brand_id: int, application_ids: Sequence[int], outcome: ApplicationStatus, note: str = "",
    *, by: int, reason: DeclineReason | None = None, reapply: str = "30", undo_seconds: int = 0,
) -> BulkDecision:  # fmt: skip
    """Keep what was decided about these; a job goes through them one by one.

    Raises InvalidInput for none or more than MOST, and for a decline without a reason.
    """
    if not application_ids:
        raise InvalidInput("ids", "Tick at least one application.")
    if len(application_ids) > MOST:
        raise InvalidInput("ids", f"Decide about at most {MOST} at once.")
    if outcome is ApplicationStatus.DECLINED and reason is None:
        raise InvalidInput("reason", "Choose the reason: each creator reads it.")
    bulk = BulkDecision(
        brand_id=brand_id, by_id=by, outcome=outcome, reason=reason, note=note.strip(),
        reapply=reapply, undo_seconds=undo_seconds, application_ids=list(application_ids),
        results=[], at=clock.now(),
    )  # fmt: skip
    db.session.add(bulk)
    db.session.flush()
    audit.note(by, "applications.decided-in-bulk", bulk.id, brand_id=brand_id,
               outcome=outcome.value, count=len(application_ids))  # fmt: skip
    jobs.enqueue(JOB, {"bulk_id": bulk.id}, total=len(application_ids))
    return bulk


def decide_next(bulk_id: int) -> bool:
    """Decide about the next one; False when there is none left. What became of it is kept in the
    same transaction, so that nobody is decided about twice whatever is killed."""
    bulk = lock(BulkDecision, bulk_id)
    at = len(bulk.results)
    if at >= len(bulk.application_ids):
        bulk.done_at = bulk.done_at or clock.now()
        return False
    application_id, why = bulk.application_ids[at], ""
    try:
        with savepoint():
            commands.decide(
                application_id, bulk.outcome, bulk.note, by=bulk.by_id, reason=bulk.reason,
                reapply=bulk.reapply, undo_seconds=bulk.undo_seconds,
            )  # fmt: skip
    except (Conflict, InvalidInput) as no:
        why = no.message
    bulk.results = [*bulk.results, [application_id, why]]
    return True


def undo(bulk_id: int, *, by: int) -> int:
    """Take back every decision of it that still can be; how many. Raises Conflict for none."""
    bulk, taken = lock(BulkDecision, bulk_id), 0
    for application_id, why in bulk.results:
        if why or not bulk.holds(lock(Application, application_id)):
            continue
        try:
            with savepoint():
                commands.undo(application_id, by=by)
            taken += 1
        except Conflict:  # its message has left
            continue
    if not taken:
        raise Conflict("The messages have left, so nothing of this can be undone any more.")
    audit.note(by, "applications.undone-in-bulk", bulk.id, brand_id=bulk.brand_id, count=taken)
    return taken
