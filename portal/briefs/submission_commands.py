"""Deliver, discuss and decide: what ambassadors send and what the brand makes of it.

Lock order: the assignment, then the submission. Completion happens under the assignment's lock
and is announced there, so that two reviewers at once still owe one fee.
"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from portal.audit import commands as audit
from portal.briefs import queries as briefs
from portal.briefs import reading, rules
from portal.briefs import submission_queries as queries
from portal.briefs.events import (
    AssignmentCompleted,
    ChangesRequested,
    SubmissionApproved,
    SubmissionRejected,
    SubmissionSent,
)
from portal.briefs.models import (
    Assignment,
    Comment,
    RejectReason,
    Submission,
    SubmissionStatus,
)
from portal.identity import queries as identity
from portal.jobs.commands import announce
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.storage.locks import lock
from portal.storage.model import db

CAPTION_CHARACTERS = 5_000
URL_CHARACTERS = 500
COMMENT_CHARACTERS = 2_000


def save_draft_submission(
    assignment_id: int, *, caption: str, live_url: str, by: int
) -> Submission:
    """Keep what the creator has so far, as it is; one draft per assignment.

    Raises Conflict when the assignment takes no versions now.
    """
    assignment = lock(Assignment, assignment_id)
    _refuse_closed(assignment)
    draft = _draft(assignment)
    draft.caption, draft.live_url = caption[:CAPTION_CHARACTERS], live_url[:URL_CHARACTERS]
    draft.saved_at = clock.now()
    db.session.flush()
    audit.note(by, "submission.saved", draft.id, brand_id=draft.brand_id)
    return draft


def submit(assignment_id: int, *, caption: str, live_url: str, by: int) -> Submission:
    """Send caption and live link together for review, as the next version, with its checks.

    A version with failed checks may be sent: the brand decides, though never to approve one
    without a disclosure (R113). Raises InvalidInput for an empty caption or no web address,
    Conflict when the assignment takes no versions now.
    """
    assignment = lock(Assignment, assignment_id)
    status = rules.next_status(assignment.status, "submit")
    _check_delivery(caption, live_url)
    for earlier in queries.versions_of(assignment.id):
        if earlier.status is SubmissionStatus.CHANGES_REQUESTED:
            earlier.status = rules.next_status(earlier.status, "supersede")
    version = _draft(assignment)
    version.caption, version.live_url = caption, live_url
    version.platform = reading.platform_of(live_url)
    version.sent_at = version.saved_at = clock.now()
    version.checks = rules.as_facts(queries.checks_for(assignment, caption, live_url))
    version.status = rules.next_status(version.status, "submit")
    assignment.status = status
    db.session.flush()
    audit.note(by, "submission.sent", version.id, brand_id=version.brand_id,
               assignment_id=assignment.id, version=version.version)  # fmt: skip
    announce(SubmissionSent(version.id))
    return version


def take_back(submission_id: int, *, by: int) -> Submission:
    """Withdraw a version that nobody has decided on. Raises Conflict afterwards."""
    submission, assignment = _locked(submission_id)
    submission.status = rules.next_status(submission.status, "withdraw")
    assignment.status = rules.next_status(assignment.status, "take back")
    audit.note(by, "submission.withdrawn", submission.id, brand_id=submission.brand_id)
    return submission


def comment(
    submission_id: int,
    *,
    body: str,
    by: int,
    is_from_brand: bool,
    quote: str = "",
    reply_to: int | None = None,
) -> Comment:
    """Say something about a version, or answer a comment on it. `quote` is a piece of its caption.

    Raises InvalidInput for an empty comment or a quote that does not stand in the caption,
    Conflict when the assignment has ended.
    """
    submission, assignment = _locked(submission_id)
    if not (assignment.takes_submissions or submission.status is SubmissionStatus.IN_REVIEW):
        raise Conflict("This assignment has ended, so its comments are closed.")
    if not body.strip():
        raise InvalidInput("body", "Write what should be different, or what is good.")
    if quote and reading.one_line(quote) not in reading.one_line(submission.caption):
        raise InvalidInput("quote", "These words are not in the caption. Copy them as they stand.")
    made = Comment(
        submission_id=submission.id, author_id=by, is_from_brand=is_from_brand,
        body=body.strip()[:COMMENT_CHARACTERS], quote=quote[:300], reply_to=reply_to,
        created_at=clock.now(),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    audit.note(by, "comment.made", made.id, brand_id=submission.brand_id)
    return made


def resolve(comment_id: int, *, by: int) -> Comment:
    """Mark a comment as done; doing it twice is doing it once."""
    found = lock(Comment, comment_id)
    if found.resolved_at is None:
        found.resolved_at, found.resolved_by = clock.now(), by
        audit.note(by, "comment.resolved", found.id)
    return found


def reopen(comment_id: int, *, by: int) -> Comment:
    """Ask for something again after all."""
    found = lock(Comment, comment_id)
    if found.resolved_at is not None:
        found.resolved_at = found.resolved_by = None
        audit.note(by, "comment.reopened", found.id)
    return found


def ask_for_changes(
    submission_id: int, *, by: int, due_on: date | None = None, wish: str = ""
) -> Submission:
    """Send all open comments back to the creator, with a due day when it moves. A `wish` becomes
    one more comment.

    Raises Conflict without an open comment, beyond the second round (R117), or when someone has
    decided already; InvalidInput for a due day before today or before the present one.
    """
    submission, assignment = _locked(submission_id)
    status = rules.next_status(submission.status, "ask for changes")
    if wish.strip():
        comment(submission_id, body=wish, by=by, is_from_brand=True)
    if not briefs.open_comments(assignment.id):
        raise Conflict("Write at least one comment first: it says what has to change.")
    if assignment.rounds >= rules.ROUNDS_CAP:
        raise Conflict(
            f"Changes were asked for {rules.ROUNDS_CAP} times already, which is the most (R117). "
            "Approve this version or reject it."
        )
    if due_on is not None:
        _move_due_day(assignment, due_on)
    assignment.status = rules.next_status(assignment.status, "ask for changes")
    assignment.rounds += 1
    _decide(submission, status, by)
    audit.note(by, "submission.changes-requested", submission.id, brand_id=submission.brand_id,
               due_on=assignment.due_on.isoformat())  # fmt: skip
    announce(ChangesRequested(submission.id))
    return submission


def approve_submission(
    submission_id: int, *, by: int | None, override_reason: str = ""
) -> Submission:
    """Approve a version: its assignment is completed and the frozen fee is owed, once.

    Raises Conflict without a valid disclosure (R113) or when someone has decided already,
    InvalidInput when another check failed and no reason is given.
    """
    submission, assignment = _locked(submission_id)
    status = rules.next_status(submission.status, "approve")
    _refuse_approval(submission, override_reason)
    assignment.status = rules.next_status(assignment.status, "approve")
    assignment.completed_at = assignment.ended_at = clock.now()
    assignment.owed = assignment.fee
    submission.override_reason = override_reason.strip()[:300]
    _decide(submission, status, by)
    audit.note(by, "submission.approved", submission.id, brand_id=submission.brand_id,
               override_reason=submission.override_reason, fee=str(assignment.fee))  # fmt: skip
    announce(SubmissionApproved(submission.id))
    announce(
        AssignmentCompleted(
            assignment.id, assignment.brand_id, assignment.creator_id, assignment.ambassador_id,
            assignment.fee.minor, assignment.fee.currency, assignment.fee_hold_days,
        )
    )  # fmt: skip
    return submission


def approve_unreviewed(submission_id: int) -> bool:
    """Approve a version that nobody reviewed in time, where its brief says so, and log it as such
    (R116). Never without a valid disclosure (R113): that one waits for a person. Whether it did."""
    submission, assignment = _locked(submission_id)
    found = briefs.work(assignment.id)
    if submission.status is not SubmissionStatus.IN_REVIEW or not found.text.auto_approves:
        return False
    assert submission.sent_at is not None, "a version in review was sent"
    if clock.now() < rules.approves_itself_at(submission.sent_at, found.brand.zone):
        return False
    if rules.undisclosed(rules.checks_again(submission.checks, submission.caption)):
        return False
    approve_submission(submission.id, by=None, override_reason=rules.UNREVIEWED)
    return True


def reject(submission_id: int, *, reason: RejectReason, note: str, by: int) -> Submission:
    """Turn a version down for good: the assignment ends without a fee.

    Raises InvalidInput without a note to the creator, Conflict when someone has decided already.
    """
    submission, assignment = _locked(submission_id)
    status = rules.next_status(submission.status, "reject")
    if not note.strip():
        raise InvalidInput("note", "Tell the creator why. She reads this sentence.")
    assignment.status = rules.next_status(assignment.status, "reject")
    assignment.ended_at, assignment.end_reason = clock.now(), f"Rejected: {reason.value}."
    submission.reject_reason, submission.decision_note = reason, note.strip()
    _decide(submission, status, by)
    audit.note(by, "submission.rejected", submission.id, brand_id=submission.brand_id,
               reason=reason.value, note=submission.decision_note)  # fmt: skip
    announce(SubmissionRejected(submission.id))
    return submission


# ---- inside


def _locked(submission_id: int) -> tuple[Submission, Assignment]:
    assignment_id = db.session.scalar(
        select(Submission.assignment_id).where(Submission.id == submission_id)
    )
    assignment = lock(Assignment, assignment_id or 0)
    return lock(Submission, submission_id), assignment


def _draft(assignment: Assignment) -> Submission:
    versions = queries.versions_of(assignment.id)
    draft = next((v for v in versions if v.status is SubmissionStatus.DRAFT), None)
    if draft is None:
        number = max((v.version for v in versions), default=0) + 1
        draft = Submission(
            assignment_id=assignment.id, brand_id=assignment.brand_id, version=number,
            status=SubmissionStatus.DRAFT, caption="", live_url="", saved_at=clock.now(), checks=[],
        )  # fmt: skip
        db.session.add(draft)
    return draft


def _refuse_closed(assignment: Assignment) -> None:
    if not assignment.takes_submissions:
        word = assignment.status.value.replace("_", " ")
        raise Conflict(f"This assignment is {word}, so nothing more can be sent for it.")


def _refuse_approval(submission: Submission, override_reason: str) -> None:
    checks = rules.checks_again(submission.checks, submission.caption)
    failed = rules.failed_labels(checks)
    undisclosed = rules.undisclosed(checks)
    if undisclosed:
        raise Conflict(
            f"The caption has no valid disclosure ({undisclosed.found}), so it cannot be approved "
            "(R113). Ask for changes instead."
        )
    if failed and not override_reason.strip():
        raise InvalidInput(
            "override_reason",
            f"Not every check passed ({', '.join(failed)}). Say why you approve it all the same.",
        )


def _check_delivery(caption: str, live_url: str) -> None:
    if not caption.strip():
        raise InvalidInput("caption", "Paste the caption as it stands under the post.")
    if len(caption) > CAPTION_CHARACTERS:
        raise InvalidInput("caption", f"Use at most {CAPTION_CHARACTERS:,} characters.")
    if len(live_url) > URL_CHARACTERS or reading.address_of(live_url) is None:
        raise InvalidInput(
            "live_url", "Paste the whole address of the post, starting with https://."
        )


def _move_due_day(assignment: Assignment, due_on: date) -> None:
    zone = identity.brand(assignment.brand_id).zone
    if due_on < max(assignment.due_on, clock.today(zone)) and due_on != assignment.due_on:
        raise InvalidInput(
            "due_on", "A new due day lies after the present one, and not in the past."
        )
    assignment.due_on = due_on
    assignment.due_at = clock.start_of_day(due_on + timedelta(days=1), zone)


def _decide(submission: Submission, status: Any, by: int | None) -> None:
    submission.status, submission.decided_at, submission.decided_by = status, clock.now(), by
