"""Versions, comments and decisions, against the real database and the real lower rooms."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.briefs import queries, submission_commands, submission_queries
from portal.briefs.models import (
    AssignmentStatus,
    RejectReason,
    SubmissionStatus,
)
from portal.jobs.models import Job
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.reports.brand_queries import waiting
from portal.storage.model import db
from tests.support import assignments as make
from tests.support.assignments import do

# ---- delivering


def test_a_draft_is_kept_and_becomes_the_version_that_is_sent(at_work: Any) -> None:
    part = at_work.assignment
    saved = do(submission_commands.save_draft_submission, part.id, caption="half", live_url="",
                by=at_work.ada_user)  # fmt: skip
    again = do(submission_commands.save_draft_submission, part.id, caption="more", live_url="x",
                by=at_work.ada_user)  # fmt: skip
    assert saved.id == again.id
    assert submission_queries.draft_of(part.id).caption == "more"
    sent = make.a_version(part, at_work.ada_user)
    assert (sent.id, sent.version, sent.platform) == (saved.id, 1, "instagram")
    assert sent.status is SubmissionStatus.IN_REVIEW
    assert make.fresh(part).status is AssignmentStatus.SUBMITTED
    assert all(check["passed"] for check in sent.checks)
    assert waiting(at_work.brand.id).content == 1


@pytest.mark.parametrize(
    ("caption", "url", "field"),
    [
        (" ", make.POST, "caption"),
        ("x" * 5_001, make.POST, "caption"),
        ("#ad", "", "live_url"),
        ("#ad", "instagram.com/p/1", "live_url"),
        ("#ad", "javascript:alert(1)", "live_url"),
        ("#ad", "https://instagram.com/" + "x" * 500, "live_url"),
    ],
)
def test_caption_and_live_link_travel_together(
    at_work: Any, caption: str, url: str, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        make.a_version(at_work.assignment, at_work.ada_user, caption=caption, live_url=url)
    assert refused.value.field == field


def test_only_accepted_work_is_delivered_and_once_at_a_time(stage: Any) -> None:
    brief = make.an_open_brief(stage.program, stage.mona)
    part = make.assignment_of(brief, stage.ada)
    with pytest.raises(Conflict):
        make.a_version(part, stage.ada_user)
    with pytest.raises(Conflict):
        do(submission_commands.save_draft_submission, part.id, caption="", live_url="",
            by=stage.ada_user)  # fmt: skip
    make.an_accepted(brief, stage.ada, stage.ada_user)
    make.a_version(part, stage.ada_user)
    with pytest.raises(Conflict):
        make.a_version(part, stage.ada_user)


def test_the_same_post_for_a_second_brief_fails_the_link_check(at_work: Any) -> None:
    make.a_version(at_work.assignment, at_work.ada_user)
    other = make.an_open_brief(at_work.program, at_work.mona, title="Spring")
    second = make.a_version(
        make.an_accepted(other, at_work.ada, at_work.ada_user), at_work.ada_user
    )
    assert [c["found"] for c in second.checks if not c["passed"]] == ["sent before"]


def test_a_sent_version_can_be_taken_back_until_it_is_decided(at_work: Any) -> None:
    first = make.a_version(at_work.assignment, at_work.ada_user)
    do(submission_commands.take_back, first.id, by=at_work.ada_user)
    assert make.fresh(at_work.assignment).status is AssignmentStatus.ACCEPTED
    second = make.a_version(at_work.assignment, at_work.ada_user)
    assert second.version == 2
    do(submission_commands.approve_submission, second.id, by=at_work.mona)
    with pytest.raises(Conflict):
        do(submission_commands.take_back, second.id, by=at_work.ada_user)


# ---- talking and deciding


def _comment(stage: Any, version: Any, body: str = "Show the star.", **more: Any) -> Any:
    return do(submission_commands.comment, version.id, body=body, by=stage.mona,
               is_from_brand=True, **more)  # fmt: skip


def test_changes_need_an_open_comment_and_carry_a_new_due_day(at_work: Any) -> None:
    version = make.a_version(at_work.assignment, at_work.ada_user)
    with pytest.raises(Conflict, match="at least one comment"):
        do(submission_commands.ask_for_changes, version.id, by=at_work.mona)
    _comment(at_work, version)
    with pytest.raises(InvalidInput) as refused:
        do(submission_commands.ask_for_changes, version.id, by=at_work.mona,
            due_on=at_work.assignment.due_on - timedelta(days=1))  # fmt: skip
    assert refused.value.field == "due_on"
    later = at_work.assignment.due_on + timedelta(days=2)
    do(submission_commands.ask_for_changes, version.id, by=at_work.mona, due_on=later)
    part = make.fresh(at_work.assignment)
    assert (part.status, part.rounds, part.due_on) == (AssignmentStatus.CHANGES_REQUESTED, 1, later)
    second = make.a_version(part, at_work.ada_user)
    assert make.fresh(version).status is SubmissionStatus.SUPERSEDED
    assert second.version == 2


def test_a_resolved_comment_asks_for_nothing_until_it_is_reopened(at_work: Any) -> None:
    version = make.a_version(at_work.assignment, at_work.ada_user)
    said = _comment(at_work, version)
    do(submission_commands.resolve, said.id, by=at_work.mona)
    do(submission_commands.resolve, said.id, by=at_work.mona)
    with pytest.raises(Conflict):
        do(submission_commands.ask_for_changes, version.id, by=at_work.mona)
    do(submission_commands.reopen, said.id, by=at_work.mona)
    do(submission_commands.ask_for_changes, version.id, by=at_work.mona)


def test_what_the_creator_says_asks_for_nothing(at_work: Any) -> None:
    version = make.a_version(at_work.assignment, at_work.ada_user)
    do(submission_commands.comment, version.id, body="It was raining.", by=at_work.ada_user,
        is_from_brand=False)  # fmt: skip
    with pytest.raises(Conflict, match="at least one comment"):
        do(submission_commands.ask_for_changes, version.id, by=at_work.mona)


def test_comments_quote_the_caption_and_are_answered(at_work: Any) -> None:
    version = make.a_version(at_work.assignment, at_work.ada_user)
    said = _comment(at_work, version, quote="slow pour")
    do(submission_commands.comment, version.id, body="Done.", by=at_work.ada_user,
        is_from_brand=False, reply_to=said.id)  # fmt: skip
    (thread,) = submission_queries.threads_of(at_work.assignment.id)
    assert (thread.author, thread.place, thread.version) == ("Mona Example", 1, 1)
    assert [reply.comment.body for reply in thread.replies] == ["Done."]
    with pytest.raises(InvalidInput) as refused:
        _comment(at_work, version, quote="not in there")
    assert refused.value.field == "quote"
    with pytest.raises(InvalidInput):
        _comment(at_work, version, body=" ")


def test_comments_end_with_the_assignment(at_work: Any) -> None:
    version = make.a_version(at_work.assignment, at_work.ada_user)
    do(submission_commands.approve_submission, version.id, by=at_work.mona)
    with pytest.raises(Conflict, match="ended"):
        _comment(at_work, version)


def test_two_rounds_of_changes_are_the_most_r117(at_work: Any) -> None:
    for number in (1, 2, 3):
        version = make.a_version(at_work.assignment, at_work.ada_user)
        _comment(at_work, version, body=f"Round {number}")
        if number < 3:
            do(submission_commands.ask_for_changes, version.id, by=at_work.mona)
    with pytest.raises(Conflict, match="R117"):
        do(submission_commands.ask_for_changes, version.id, by=at_work.mona)


def test_without_a_disclosure_nothing_is_approved_r113(at_work: Any) -> None:
    version = make.a_version(at_work.assignment, at_work.ada_user, caption=make.BARE_CAPTION)
    with pytest.raises(Conflict, match="R113"):
        do(submission_commands.approve_submission, version.id, by=at_work.mona,
            override_reason="She promised to add it.")  # fmt: skip
    assert make.fresh(version).status is SubmissionStatus.IN_REVIEW
    assert make.fresh(at_work.assignment).status is AssignmentStatus.SUBMITTED


def test_any_other_failed_check_is_approved_only_with_a_reason(at_work: Any) -> None:
    version = make.a_version(at_work.assignment, at_work.ada_user, caption="#ad no mention")
    with pytest.raises(InvalidInput, match="tags") as refused:
        do(submission_commands.approve_submission, version.id, by=at_work.mona)
    assert refused.value.field == "override_reason"
    done = do(submission_commands.approve_submission, version.id, by=at_work.mona,
               override_reason="The mention is in the clip.")  # fmt: skip
    assert done.override_reason == "The mention is in the clip."


def test_approval_completes_the_assignment_and_announces_its_fee_once(at_work: Any) -> None:
    version = make.a_version(at_work.assignment, at_work.ada_user)
    do(submission_commands.approve_submission, version.id, by=at_work.mona)
    with pytest.raises(Conflict):
        do(submission_commands.approve_submission, version.id, by=at_work.owen)
    with pytest.raises(Conflict):
        do(submission_commands.reject, version.id, reason=RejectReason.OTHER, note="no",
            by=at_work.owen)  # fmt: skip
    part = make.fresh(at_work.assignment)
    assert part.status is AssignmentStatus.COMPLETED
    assert part.completed_at == clock.now()
    assert make.acts().count("submission.approved") == 1
    assert queries.violations() == []


def test_rejecting_ends_the_assignment_without_a_fee(at_work: Any) -> None:
    version = make.a_version(at_work.assignment, at_work.ada_user)
    with pytest.raises(InvalidInput):
        do(submission_commands.reject, version.id, reason=RejectReason.QUALITY, note=" ",
            by=at_work.mona)  # fmt: skip
    do(submission_commands.reject, version.id, reason=RejectReason.QUALITY, note="Too dark.",
        by=at_work.mona)  # fmt: skip
    part = make.fresh(at_work.assignment)
    assert (part.status, part.end_reason) == (AssignmentStatus.CANCELLED, "Rejected: quality.")
    names = [job.name for job in db.session.scalars(select(Job))]
    assert not any("assignment_completed" in name for name in names)
