"""What a brand does with work that was accepted: its product came, or it is called off."""

from datetime import date, timedelta

from sqlalchemy import select

from portal.audit import commands as audit
from portal.briefs import queries, rules
from portal.briefs.events import AssignmentCancelled
from portal.briefs.models import OPEN_WORK, Assignment, Submission, SubmissionStatus
from portal.identity import queries as identity
from portal.jobs.commands import announce
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.money import Money
from portal.storage.locks import lock
from portal.storage.model import db

UNDECIDED = (SubmissionStatus.DRAFT, SubmissionStatus.IN_REVIEW)


def note_delivery(assignment_id: int, delivered_on: date, *, by: int) -> Assignment:
    """The product came: the work is due so many days later where that is after the planned day
    (R118). Said again, it only ever moves the day further away.

    Raises Conflict where the brief waits for no product or the work has ended, InvalidInput for a
    day ahead.
    """
    assignment = lock(Assignment, assignment_id)
    zone = identity.brand(assignment.brand_id).zone
    days = queries.work(assignment.id).text.delivery_days
    if days is None or assignment.status not in OPEN_WORK:
        raise Conflict("This work waits for no delivery.")
    if delivered_on > clock.today(zone):
        raise InvalidInput("delivered_on", "This day lies ahead. Say it when the product is there.")
    was = assignment.due_on
    assignment.delivered_on = delivered_on
    assignment.due_on = rules.due_after_delivery(was, delivered_on, days)
    assignment.due_at = clock.start_of_day(assignment.due_on + timedelta(days=1), zone)
    audit.note(by, "assignment.delivered", assignment.id, brand_id=assignment.brand_id,
               delivered_on=delivered_on.isoformat(), was=was.isoformat(),
               due_on=assignment.due_on.isoformat())  # fmt: skip
    return assignment


def owed(assignment_id: int) -> Money:
    """What calling this work off would pay now (R119)."""
    found = queries.work(assignment_id)
    return rules.owed_when_cancelled(
        found.assignment.fee, found.text.kill_fee_bp, is_live=_is_live(assignment_id)
    )


def cancel(assignment_id: int, reason: str, *, by: int) -> Money:
    """Call accepted work off; returns what is owed for it, which is paid like a fee (R119).

    Announces AssignmentCancelled. Raises InvalidInput without a reason, Conflict for work that was
    not accepted or has ended.
    """
    if not reason.strip():
        raise InvalidInput("reason", "Tell the creator why. She reads this sentence.")
    assignment = lock(Assignment, assignment_id)
    status = rules.next_status(assignment.status, "cancel")
    amount = owed(assignment.id)
    assignment.status, assignment.ended_at, assignment.owed = status, clock.now(), amount
    assignment.end_reason = f"Cancelled by the brand: {reason.strip()}"[:300]
    waiting = select(Submission).where(
        Submission.assignment_id == assignment.id, Submission.status.in_(UNDECIDED)
    )
    for version in db.session.scalars(waiting.with_for_update()):
        version.status = rules.next_status(version.status, "withdraw")
    db.session.flush()
    audit.note(by, "assignment.cancelled", assignment.id, brand_id=assignment.brand_id,
               reason=reason.strip(), owed=str(amount))  # fmt: skip
    announce(
        AssignmentCancelled(
            assignment.id, assignment.brand_id, assignment.creator_id, assignment.ambassador_id,
            amount.minor, amount.currency, assignment.fee_hold_days,
        )
    )  # fmt: skip
    return amount


def _is_live(assignment_id: int) -> bool:
    """Caption and live link travel together: what was sent is live."""
    sent = select(Submission.id).where(
        Submission.assignment_id == assignment_id, Submission.sent_at.is_not(None),
        Submission.status != SubmissionStatus.WITHDRAWN,
    )  # fmt: skip
    return db.session.scalar(sent.limit(1)) is not None
