"""What the calendar does to briefs; each step is a unit of its own and safe to repeat."""

from portal.briefs import commands, queries, submission_commands, submission_queries
from portal.kernel import clock
from portal.storage.unit_of_work import unit_of_work


def tend_briefs() -> None:
    """Open what is scheduled, close what is due, approve what nobody reviewed where the brief says
    so, mark what was missed, put old briefs away."""
    due = queries.due_by_calendar(clock.now())
    for brief_id in due.to_open:
        with unit_of_work():
            commands.open_scheduled(brief_id)
    for brief_id in due.to_close:
        with unit_of_work():
            commands.close_overdue(brief_id)
    for submission_id in submission_queries.long_in_review(clock.now()):
        with unit_of_work():
            submission_commands.approve_unreviewed(submission_id)
    for assignment_id in due.to_miss:
        with unit_of_work():
            commands.miss(assignment_id)
    for brief_id in due.to_archive:
        with unit_of_work():
            commands.archive_old(brief_id)
