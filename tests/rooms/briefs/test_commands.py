"""Briefs from draft to completion, against the real database and the real lower rooms."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from portal.ambassadors import commands as ambassadors
from portal.audit.models import AuditEntry
from portal.briefs import commands, jobs, queries, submission_commands, submission_queries
from portal.briefs.models import (
    AssignmentStatus,
    BriefStatus,
    BriefVersion,
    RejectReason,
    SubmissionStatus,
)
from portal.jobs.models import Job
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from portal.kernel.money import Money
from portal.kernel.pages import PageRequest
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support import assignments as make
from tests.support.people import a_program
from tests.support.world import World

HIGH_LIMIT = 50_000


@pytest.fixture
def stage(world: World) -> Any:
    """Glow with a program, its ambassador Ada, and a fee limit of 500.00."""
    world.glow.brief_fee_limit_minor = HIGH_LIMIT
    db.session.commit()
    program = a_program(world.glow)
    ada = make.a_member(program, "Ada")
    return SimpleNamespace(
        world=world, brand=world.glow, program=program, ada=ada, mona=world.mona.user_id,
        owen=world.owen.user_id, ada_user=_user_of(ada.creator_id),
    )  # fmt: skip


@pytest.fixture
def at_work(stage: Any) -> Any:
    """Ada has accepted the open brief."""
    stage.brief = make.an_open_brief(stage.program, stage.mona)
    stage.assignment = make.an_accepted(stage.brief, stage.ada, stage.ada_user)
    return stage


def _user_of(creator_id: int) -> int:
    from portal.creators import queries as creators

    return creators.creator(creator_id).user_id


def _do(command: Any, *args: Any, **more: Any) -> Any:
    with unit_of_work():
        return command(*args, **more)


def _acts() -> list[str]:
    return [entry.act for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


# ---- from draft to open


def test_a_draft_becomes_an_open_brief_and_every_active_member_is_invited(stage: Any) -> None:
    ben = make.a_member(stage.program, "Ben")
    brief = make.an_open_brief(stage.program, stage.mona)
    assert brief.status is BriefStatus.OPEN
    assert brief.approved_by == stage.mona
    for member in (stage.ada, ben):
        part = make.assignment_of(brief, member)
        assert part.status is AssignmentStatus.INVITED
        assert part.fee == Money.of("120.00 USD")
    assert queries.reach(brief) == 2
    assert {"brief.drafted", "brief.submitted-for-approval", "brief.approved",
            "brief.invited"} <= set(_acts())  # fmt: skip


def test_the_due_day_ends_at_midnight_where_the_brand_is(stage: Any) -> None:
    brief = make.a_draft_brief(stage.program, stage.mona, due_on=date(2026, 3, 20))
    assert brief.due_at.isoformat() == "2026-03-21T04:00:00+00:00"


def test_above_the_limit_the_drafter_cannot_approve(stage: Any) -> None:
    brief = make.a_draft_brief(stage.program, stage.mona, fee=Money.of("500.01 USD"))
    _do(commands.submit_for_approval, brief.id, by=stage.mona)
    with pytest.raises(NotAllowed, match="Someone else"):
        _do(commands.approve_brief, brief.id, by=stage.mona)
    assert _do(commands.approve_brief, brief.id, by=stage.owen).status is BriefStatus.OPEN


def test_who_changed_it_cannot_approve_it_either(stage: Any) -> None:
    rosa = stage.world.rosa.user_id
    brief = make.a_draft_brief(stage.program, rosa)
    _do(commands.edit, brief.id, make.a_text(fee=Money.of("900.00 USD")), by=stage.mona)
    _do(commands.edit, brief.id, make.a_text(fee=Money.of("900.00 USD"), title="A typo"), by=rosa)
    _do(commands.submit_for_approval, brief.id, by=rosa)
    with pytest.raises(NotAllowed):
        _do(commands.approve_brief, brief.id, by=stage.mona)


def test_a_program_of_another_brand_is_refused(stage: Any) -> None:
    theirs = a_program(stage.world.rival)
    with pytest.raises(InvalidInput) as refused:
        _do(commands.draft_brief, stage.brand.id, theirs.id, make.a_text(), by=stage.mona)
    assert refused.value.field == "program_id"


def test_only_what_awaits_approval_is_approved_and_only_once(stage: Any) -> None:
    brief = make.a_draft_brief(stage.program, stage.mona)
    with pytest.raises(Conflict):
        _do(commands.approve_brief, brief.id, by=stage.mona)
    _do(commands.submit_for_approval, brief.id, by=stage.mona)
    _do(commands.approve_brief, brief.id, by=stage.mona)
    with pytest.raises(Conflict):
        _do(commands.approve_brief, brief.id, by=stage.mona)


def test_an_edit_takes_a_waiting_approval_back(stage: Any) -> None:
    brief = make.a_draft_brief(stage.program, stage.mona)
    _do(commands.submit_for_approval, brief.id, by=stage.mona)
    _do(commands.edit, brief.id, make.a_text(title="Spring"), by=stage.mona)
    assert make.fresh(brief).status is BriefStatus.DRAFT
    assert make.fresh(brief).version == 1


def test_a_brief_can_be_handed_back(stage: Any) -> None:
    brief = make.a_draft_brief(stage.program, stage.mona)
    _do(commands.submit_for_approval, brief.id, by=stage.mona)
    assert _do(commands.return_to_draft, brief.id, by=stage.owen).status is BriefStatus.DRAFT


def test_a_scheduled_brief_opens_when_its_start_comes(stage: Any) -> None:
    brief = make.a_draft_brief(stage.program, stage.mona)
    _do(commands.submit_for_approval, brief.id, by=stage.mona)
    start = clock.now() + timedelta(days=2)
    _do(commands.approve_brief, brief.id, by=stage.mona, starts_at=start)
    jobs.tend_briefs()
    assert make.fresh(brief).status is BriefStatus.SCHEDULED
    clock.pass_days(2)
    jobs.tend_briefs()
    jobs.tend_briefs()
    assert make.fresh(brief).status is BriefStatus.OPEN
    assert make.assignment_of(brief, stage.ada).status is AssignmentStatus.INVITED


def test_a_brief_that_would_start_after_its_due_day_is_not_approved(stage: Any) -> None:
    brief = make.a_draft_brief(stage.program, stage.mona)
    _do(commands.submit_for_approval, brief.id, by=stage.mona)
    with pytest.raises(Conflict, match="due day"):
        _do(commands.approve_brief, brief.id, by=stage.mona,
            starts_at=brief.due_at + timedelta(days=1))  # fmt: skip
    clock.pass_days(30)
    with pytest.raises(Conflict, match="due day"):
        _do(commands.approve_brief, brief.id, by=stage.mona)


# ---- taking part


def test_accepting_freezes_version_fee_and_due_day_r115(at_work: Any) -> None:
    new_day = at_work.brief.due_on + timedelta(days=3)
    _do(commands.edit, at_work.brief.id,
        make.a_text(fee=Money.of("80.00 USD"), due_on=new_day, title="Spring"), by=at_work.mona)  # fmt: skip
    part = make.fresh(at_work.assignment)
    assert part.brief_version == 1
    assert part.fee == Money.of("120.00 USD")
    shown = queries.work(part.id)
    assert shown.text.title == "Winter roast in your kitchen"
    assert shown.brief.version == 2
    _do(commands.accept_new_version, part.id, version=2, by=at_work.ada_user)
    moved = queries.work(part.id)
    assert (moved.text.title, moved.assignment.fee) == ("Spring", Money.of("80.00 USD"))
    assert moved.assignment.due_on == new_day
    assert len(db.session.scalars(select(BriefVersion)).all()) == 2


def test_an_invitation_shows_the_newest_version_and_an_old_page_cannot_accept(stage: Any) -> None:
    brief = make.an_open_brief(stage.program, stage.mona)
    part = make.assignment_of(brief, stage.ada)
    _do(commands.edit, brief.id, make.a_text(fee=Money.of("90.00 USD")), by=stage.mona)
    with pytest.raises(Conflict, match="changed since"):
        _do(commands.accept, part.id, version=1, by=stage.ada_user)
    accepted = _do(commands.accept, part.id, version=2, by=stage.ada_user)
    assert accepted.fee == Money.of("90.00 USD")


def test_an_open_briefs_fee_cannot_pass_the_limit(stage: Any) -> None:
    brief = make.an_open_brief(stage.program, stage.mona)
    with pytest.raises(InvalidInput, match="second person") as refused:
        _do(commands.edit, brief.id, make.a_text(fee=Money.of("500.01 USD")), by=stage.mona)
    assert refused.value.field == "fee"


def test_places_are_limited(stage: Any) -> None:
    ben = make.a_member(stage.program, "Ben")
    brief = make.an_open_brief(stage.program, stage.mona, capacity=1)
    make.an_accepted(brief, stage.ada, stage.ada_user)
    with pytest.raises(Conflict, match="All 1 places"):
        make.an_accepted(brief, ben, _user_of(ben.creator_id))


def test_nobody_accepts_twice_or_what_is_paused_closed_or_overdue(stage: Any) -> None:
    brief = make.an_open_brief(stage.program, stage.mona)
    part = make.assignment_of(brief, stage.ada)
    _do(commands.pause, brief.id, by=stage.mona)
    with pytest.raises(Conflict, match="paused"):
        _do(commands.accept, part.id, version=1, by=stage.ada_user)
    _do(commands.resume, brief.id, by=stage.mona)
    _do(commands.accept, part.id, version=1, by=stage.ada_user)
    with pytest.raises(Conflict):
        _do(commands.accept, part.id, version=1, by=stage.ada_user)
    with pytest.raises(Conflict):
        _do(commands.decline, part.id, by=stage.ada_user)
    late = make.an_open_brief(stage.program, stage.mona)
    clock.pass_days(20)
    with pytest.raises(Conflict, match="due day"):
        make.an_accepted(late, stage.ada, stage.ada_user)


def test_a_paused_member_cannot_accept(stage: Any) -> None:
    brief = make.an_open_brief(stage.program, stage.mona)
    _do(ambassadors.pause, stage.ada.id, by=stage.mona)
    with pytest.raises(Conflict, match="not active"):
        make.an_accepted(brief, stage.ada, stage.ada_user)


def test_declining_ends_it(stage: Any) -> None:
    brief = make.an_open_brief(stage.program, stage.mona)
    part = make.assignment_of(brief, stage.ada)
    declined = _do(commands.decline, part.id, by=stage.ada_user, reason="No time.")
    assert (declined.status, declined.end_reason) == (AssignmentStatus.DECLINED, "No time.")


def test_a_pause_moves_the_due_days(at_work: Any) -> None:
    before = at_work.assignment.due_on
    _do(commands.pause, at_work.brief.id, by=at_work.mona)
    clock.pass_days(3)
    _do(commands.resume, at_work.brief.id, by=at_work.mona)
    part = make.fresh(at_work.assignment)
    assert part.due_on == before + timedelta(days=3)
    assert make.fresh(at_work.brief).due_at == part.due_at


def test_closing_lets_invitations_expire_and_work_finish(at_work: Any) -> None:
    ben = make.a_member(at_work.program, "Ben")
    assert _do(commands.invite, at_work.brief.id, [ben.id], by=at_work.mona) == 1
    assert _do(commands.invite, at_work.brief.id, [ben.id], by=at_work.mona) == 0
    _do(commands.close, at_work.brief.id, by=at_work.mona)
    assert make.assignment_of(at_work.brief, ben).status is AssignmentStatus.EXPIRED
    assert make.fresh(at_work.assignment).status is AssignmentStatus.ACCEPTED
    make.a_version(at_work.assignment, at_work.ada_user)
    with pytest.raises(Conflict, match="closed"):
        _do(commands.invite, at_work.brief.id, by=at_work.mona)


def test_a_new_member_is_invited_to_open_briefs_and_a_leaver_no_longer(stage: Any) -> None:
    brief = make.an_open_brief(stage.program, stage.mona)
    ben = make.a_member(stage.program, "Ben")
    commands_in_unit = [commands.invite_newcomer, commands.invite_newcomer]
    for command in commands_in_unit:
        _do(command, ben.id)
    assert make.assignment_of(brief, ben).status is AssignmentStatus.INVITED
    _do(ambassadors.end, ben.id, by=stage.mona)
    _do(commands.withdraw_invitations, ben.id)
    assert make.assignment_of(brief, ben).status is AssignmentStatus.EXPIRED
    _do(commands.invite_newcomer, ben.id)
    assert make.assignment_of(brief, ben).status is AssignmentStatus.EXPIRED


def test_the_calendar_closes_misses_and_archives_once(at_work: Any) -> None:
    clock.pass_days(16)
    jobs.tend_briefs()
    assert make.fresh(at_work.brief).status is BriefStatus.CLOSED
    assert make.fresh(at_work.assignment).status is AssignmentStatus.ACCEPTED
    clock.pass_days(2)
    jobs.tend_briefs()
    assert make.fresh(at_work.assignment).status is AssignmentStatus.MISSED
    clock.pass_days(30)
    jobs.tend_briefs()
    assert make.fresh(at_work.brief).status is BriefStatus.ARCHIVED
    before = _acts()
    jobs.tend_briefs()
    assert _acts() == before


def test_the_calendars_steps_do_nothing_before_their_time(at_work: Any) -> None:
    for command in (commands.open_scheduled, commands.close_overdue, commands.archive_old):
        _do(command, at_work.brief.id)
    _do(commands.miss, at_work.assignment.id)
    assert make.fresh(at_work.brief).status is BriefStatus.OPEN
    assert make.fresh(at_work.assignment).status is AssignmentStatus.ACCEPTED


# ---- delivering


def test_a_draft_is_kept_and_becomes_the_version_that_is_sent(at_work: Any) -> None:
    part = at_work.assignment
    saved = _do(submission_commands.save_draft_submission, part.id, caption="half", live_url="",
                by=at_work.ada_user)  # fmt: skip
    again = _do(submission_commands.save_draft_submission, part.id, caption="more", live_url="x",
                by=at_work.ada_user)  # fmt: skip
    assert saved.id == again.id
    assert submission_queries.draft_of(part.id).caption == "more"
    sent = make.a_version(part, at_work.ada_user)
    assert (sent.id, sent.version, sent.platform) == (saved.id, 1, "instagram")
    assert sent.status is SubmissionStatus.IN_REVIEW
    assert make.fresh(part).status is AssignmentStatus.SUBMITTED
    assert all(check["passed"] for check in sent.checks)
    assert queries.waiting_for_review(at_work.brand.id) == 1


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
        _do(submission_commands.save_draft_submission, part.id, caption="", live_url="",
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
    _do(submission_commands.take_back, first.id, by=at_work.ada_user)
    assert make.fresh(at_work.assignment).status is AssignmentStatus.ACCEPTED
    second = make.a_version(at_work.assignment, at_work.ada_user)
    assert second.version == 2
    _do(submission_commands.approve_submission, second.id, by=at_work.mona)
    with pytest.raises(Conflict):
        _do(submission_commands.take_back, second.id, by=at_work.ada_user)


# ---- talking and deciding


def _comment(stage: Any, version: Any, body: str = "Show the star.", **more: Any) -> Any:
    return _do(submission_commands.comment, version.id, body=body, by=stage.mona,
               is_from_brand=True, **more)  # fmt: skip


def test_changes_need_an_open_comment_and_carry_a_new_due_day(at_work: Any) -> None:
    version = make.a_version(at_work.assignment, at_work.ada_user)
    with pytest.raises(Conflict, match="at least one comment"):
        _do(submission_commands.ask_for_changes, version.id, by=at_work.mona)
    _comment(at_work, version)
    with pytest.raises(InvalidInput) as refused:
        _do(submission_commands.ask_for_changes, version.id, by=at_work.mona,
            due_on=at_work.assignment.due_on - timedelta(days=1))  # fmt: skip
    assert refused.value.field == "due_on"
    later = at_work.assignment.due_on + timedelta(days=2)
    _do(submission_commands.ask_for_changes, version.id, by=at_work.mona, due_on=later)
    part = make.fresh(at_work.assignment)
    assert (part.status, part.rounds, part.due_on) == (AssignmentStatus.CHANGES_REQUESTED, 1, later)
    second = make.a_version(part, at_work.ada_user)
    assert make.fresh(version).status is SubmissionStatus.SUPERSEDED
    assert second.version == 2


def test_a_resolved_comment_asks_for_nothing_until_it_is_reopened(at_work: Any) -> None:
    version = make.a_version(at_work.assignment, at_work.ada_user)
    said = _comment(at_work, version)
    _do(submission_commands.resolve, said.id, by=at_work.mona)
    _do(submission_commands.resolve, said.id, by=at_work.mona)
    with pytest.raises(Conflict):
        _do(submission_commands.ask_for_changes, version.id, by=at_work.mona)
    _do(submission_commands.reopen, said.id, by=at_work.mona)
    _do(submission_commands.ask_for_changes, version.id, by=at_work.mona)


def test_what_the_creator_says_asks_for_nothing(at_work: Any) -> None:
    version = make.a_version(at_work.assignment, at_work.ada_user)
    _do(submission_commands.comment, version.id, body="It was raining.", by=at_work.ada_user,
        is_from_brand=False)  # fmt: skip
    with pytest.raises(Conflict, match="at least one comment"):
        _do(submission_commands.ask_for_changes, version.id, by=at_work.mona)


def test_comments_quote_the_caption_and_are_answered(at_work: Any) -> None:
    version = make.a_version(at_work.assignment, at_work.ada_user)
    said = _comment(at_work, version, quote="slow pour")
    _do(submission_commands.comment, version.id, body="Done.", by=at_work.ada_user,
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
    _do(submission_commands.approve_submission, version.id, by=at_work.mona)
    with pytest.raises(Conflict, match="ended"):
        _comment(at_work, version)


def test_two_rounds_of_changes_are_the_most_r117(at_work: Any) -> None:
    for number in (1, 2, 3):
        version = make.a_version(at_work.assignment, at_work.ada_user)
        _comment(at_work, version, body=f"Round {number}")
        if number < 3:
            _do(submission_commands.ask_for_changes, version.id, by=at_work.mona)
    with pytest.raises(Conflict, match="R117"):
        _do(submission_commands.ask_for_changes, version.id, by=at_work.mona)


def test_without_a_disclosure_nothing_is_approved_r113(at_work: Any) -> None:
    version = make.a_version(at_work.assignment, at_work.ada_user, caption=make.BARE_CAPTION)
    with pytest.raises(Conflict, match="R113"):
        _do(submission_commands.approve_submission, version.id, by=at_work.mona,
            override_reason="She promised to add it.")  # fmt: skip
    assert make.fresh(version).status is SubmissionStatus.IN_REVIEW
    assert make.fresh(at_work.assignment).status is AssignmentStatus.SUBMITTED


def test_any_other_failed_check_is_approved_only_with_a_reason(at_work: Any) -> None:
    version = make.a_version(at_work.assignment, at_work.ada_user, caption="#ad no mention")
    with pytest.raises(InvalidInput, match="tags") as refused:
        _do(submission_commands.approve_submission, version.id, by=at_work.mona)
    assert refused.value.field == "override_reason"
    done = _do(submission_commands.approve_submission, version.id, by=at_work.mona,
               override_reason="The mention is in the clip.")  # fmt: skip
    assert done.override_reason == "The mention is in the clip."


def test_approval_completes_the_assignment_and_announces_its_fee_once(at_work: Any) -> None:
    version = make.a_version(at_work.assignment, at_work.ada_user)
    _do(submission_commands.approve_submission, version.id, by=at_work.mona)
    with pytest.raises(Conflict):
        _do(submission_commands.approve_submission, version.id, by=at_work.owen)
    with pytest.raises(Conflict):
        _do(submission_commands.reject, version.id, reason=RejectReason.OTHER, note="no",
            by=at_work.owen)  # fmt: skip
    part = make.fresh(at_work.assignment)
    assert part.status is AssignmentStatus.COMPLETED
    assert part.completed_at == clock.now()
    assert _acts().count("submission.approved") == 1
    assert queries.violations() == []


def test_rejecting_ends_the_assignment_without_a_fee(at_work: Any) -> None:
    version = make.a_version(at_work.assignment, at_work.ada_user)
    with pytest.raises(InvalidInput):
        _do(submission_commands.reject, version.id, reason=RejectReason.QUALITY, note=" ",
            by=at_work.mona)  # fmt: skip
    _do(submission_commands.reject, version.id, reason=RejectReason.QUALITY, note="Too dark.",
        by=at_work.mona)  # fmt: skip
    part = make.fresh(at_work.assignment)
    assert (part.status, part.end_reason) == (AssignmentStatus.CANCELLED, "Rejected: quality.")
    names = [job.name for job in db.session.scalars(select(Job))]
    assert not any("assignment_completed" in name for name in names)


# ---- looking


def test_tenants_see_only_their_own(at_work: Any) -> None:
    version = make.a_version(at_work.assignment, at_work.ada_user)
    rival = at_work.world.rival.id
    stranger = make.a_member(at_work.program, "Cy")
    with pytest.raises(NotFound):
        queries.one_of_brand(rival, at_work.brief.public_id)
    with pytest.raises(NotFound):
        submission_queries.review_of_brand(rival, version.public_id)
    with pytest.raises(NotFound):
        queries.one_of_creator(stranger.creator_id, at_work.assignment.public_id)
    with pytest.raises(NotFound):
        submission_queries.version_of_creator(stranger.creator_id, version.public_id)
    assert queries.listing(rival, "open", PageRequest()).rows == []
    assert queries.waiting_for_review(rival) == 0


def test_a_draft_is_not_shown_to_the_brand(at_work: Any) -> None:
    saved = _do(submission_commands.save_draft_submission, at_work.assignment.id, caption="half",
                live_url="", by=at_work.ada_user)  # fmt: skip
    with pytest.raises(NotFound):
        submission_queries.review_of_brand(at_work.brand.id, saved.public_id)


def test_the_brands_list_counts_and_sums(at_work: Any) -> None:
    version = make.a_version(at_work.assignment, at_work.ada_user)
    make.a_draft_brief(at_work.program, at_work.mona)
    (row,) = queries.listing(at_work.brand.id, "open", PageRequest()).rows
    assert (row.invited, row.accepted, row.submitted, row.completed) == (1, 1, 1, 0)
    _do(submission_commands.approve_submission, version.id, by=at_work.mona)
    row = queries.row_of(at_work.brief)
    assert (row.accepted, row.completed, row.spent) == (1, 1, Money.of("120.00 USD"))
    counts = queries.view_counts(at_work.brand.id)
    assert (counts["open"], counts["draft"], counts["approval"]) == (1, 1, 0)


def test_due_next_is_what_waits_for_the_creator_soonest_first(stage: Any) -> None:
    later = make.an_open_brief(stage.program, stage.mona, title="Later")
    sooner = make.an_open_brief(stage.program, stage.mona, title="Sooner", due_on=date(2026, 3, 5))
    make.an_accepted(later, stage.ada, stage.ada_user)
    paused = make.an_open_brief(stage.program, stage.mona, title="Paused")
    _do(commands.pause, paused.id, by=stage.mona)
    titles = [work.text.title for work in queries.due_next(stage.ada.creator_id, 5)]
    assert titles == ["Sooner", "Later"]
    part = make.an_accepted(sooner, stage.ada, stage.ada_user)
    make.a_version(part, stage.ada_user)
    assert [w.text.title for w in queries.due_next(stage.ada.creator_id, 5)] == ["Later"]
    assert queries.work_counts(stage.ada.creator_id)["review"] == 1


@pytest.mark.parametrize("view", ["todo", "done"])
def test_long_lists_come_in_pages_without_gaps(stage: Any, view: str) -> None:
    for number in range(5):
        brief = make.an_open_brief(stage.program, stage.mona, title=f"Brief {number}")
        if view == "done":
            _do(commands.decline, make.assignment_of(brief, stage.ada).id, by=stage.ada_user)
    seen, cursor = [], None
    for _ in range(3):
        page = queries.of_creator(stage.ada.creator_id, view, PageRequest(cursor, 2))
        seen += [work.text.title for work in page.rows]
        cursor = page.next_cursor
    assert sorted(seen) == [f"Brief {number}" for number in range(5)]
    assert cursor is None
    listed, cursor = [], None
    for _ in range(3):
        rows = queries.listing(stage.brand.id, "open", PageRequest(cursor, 2))
        listed += [row.brief.title for row in rows.rows]
        cursor = rows.next_cursor
    assert listed == [f"Brief {number}" for number in reversed(range(5))]


def test_the_review_queue_pages_oldest_first(stage: Any) -> None:
    sent = []
    for number in range(3):
        brief = make.an_open_brief(stage.program, stage.mona, title=f"Brief {number}")
        part = make.an_accepted(brief, stage.ada, stage.ada_user)
        sent.append(make.a_version(part, stage.ada_user, live_url=f"{make.POST}{number}").id)
        clock.pass_time(timedelta(hours=1))
    first = submission_queries.review_queue(stage.brand.id, "review", PageRequest(None, 2))
    second = submission_queries.review_queue(
        stage.brand.id, "review", PageRequest(first.next_cursor, 2)
    )
    assert [r.submission.id for r in (*first.rows, *second.rows)] == sent
    assert second.next_cursor is None
