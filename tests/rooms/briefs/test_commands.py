"""Briefs from draft to completion, against the real database and the real lower rooms."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.ambassadors import commands as ambassadors
from portal.briefs import commands, jobs, queries
from portal.briefs.models import (
    AssignmentStatus,
    BriefStatus,
    BriefVersion,
)
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput, NotAllowed
from portal.kernel.money import Money
from portal.storage.model import db
from tests.support import assignments as make
from tests.support.assignments import do
from tests.support.people import a_program

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
            "brief.invited"} <= set(make.acts())  # fmt: skip


def test_the_due_day_ends_at_midnight_where_the_brand_is(stage: Any) -> None:
    brief = make.a_draft_brief(stage.program, stage.mona, due_on=date(2026, 3, 20))
    assert brief.due_at.isoformat() == "2026-03-21T04:00:00+00:00"


def test_above_the_limit_the_drafter_cannot_approve(stage: Any) -> None:
    brief = make.a_draft_brief(stage.program, stage.mona, fee=Money.of("500.01 USD"))
    do(commands.submit_for_approval, brief.id, by=stage.mona)
    with pytest.raises(NotAllowed, match="Someone else"):
        do(commands.approve_brief, brief.id, by=stage.mona)
    assert do(commands.approve_brief, brief.id, by=stage.owen).status is BriefStatus.OPEN


def test_who_changed_it_cannot_approve_it_either(stage: Any) -> None:
    rosa = stage.world.rosa.user_id
    brief = make.a_draft_brief(stage.program, rosa)
    do(commands.edit, brief.id, make.a_text(fee=Money.of("900.00 USD")), by=stage.mona)
    do(commands.edit, brief.id, make.a_text(fee=Money.of("900.00 USD"), title="A typo"), by=rosa)
    do(commands.submit_for_approval, brief.id, by=rosa)
    with pytest.raises(NotAllowed):
        do(commands.approve_brief, brief.id, by=stage.mona)


def test_a_program_of_another_brand_is_refused(stage: Any) -> None:
    theirs = a_program(stage.world.rival)
    with pytest.raises(InvalidInput) as refused:
        do(commands.draft_brief, stage.brand.id, theirs.id, make.a_text(), by=stage.mona)
    assert refused.value.field == "program_id"


def test_only_what_awaits_approval_is_approved_and_only_once(stage: Any) -> None:
    brief = make.a_draft_brief(stage.program, stage.mona)
    with pytest.raises(Conflict):
        do(commands.approve_brief, brief.id, by=stage.mona)
    do(commands.submit_for_approval, brief.id, by=stage.mona)
    do(commands.approve_brief, brief.id, by=stage.mona)
    with pytest.raises(Conflict):
        do(commands.approve_brief, brief.id, by=stage.mona)


def test_an_edit_takes_a_waiting_approval_back(stage: Any) -> None:
    brief = make.a_draft_brief(stage.program, stage.mona)
    do(commands.submit_for_approval, brief.id, by=stage.mona)
    do(commands.edit, brief.id, make.a_text(title="Spring"), by=stage.mona)
    assert make.fresh(brief).status is BriefStatus.DRAFT
    assert make.fresh(brief).version == 1


def test_a_brief_can_be_handed_back(stage: Any) -> None:
    brief = make.a_draft_brief(stage.program, stage.mona)
    do(commands.submit_for_approval, brief.id, by=stage.mona)
    assert do(commands.return_to_draft, brief.id, by=stage.owen).status is BriefStatus.DRAFT


def test_a_scheduled_brief_opens_when_its_start_comes(stage: Any) -> None:
    brief = make.a_draft_brief(stage.program, stage.mona)
    do(commands.submit_for_approval, brief.id, by=stage.mona)
    start = clock.now() + timedelta(days=2)
    do(commands.approve_brief, brief.id, by=stage.mona, starts_at=start)
    jobs.tend_briefs()
    assert make.fresh(brief).status is BriefStatus.SCHEDULED
    clock.pass_days(2)
    jobs.tend_briefs()
    jobs.tend_briefs()
    assert make.fresh(brief).status is BriefStatus.OPEN
    assert make.assignment_of(brief, stage.ada).status is AssignmentStatus.INVITED


def test_a_brief_that_would_start_after_its_due_day_is_not_approved(stage: Any) -> None:
    brief = make.a_draft_brief(stage.program, stage.mona)
    do(commands.submit_for_approval, brief.id, by=stage.mona)
    with pytest.raises(Conflict, match="due day"):
        do(commands.approve_brief, brief.id, by=stage.mona,
            starts_at=brief.due_at + timedelta(days=1))  # fmt: skip
    clock.pass_days(30)
    with pytest.raises(Conflict, match="due day"):
        do(commands.approve_brief, brief.id, by=stage.mona)


# ---- taking part


def test_accepting_freezes_version_fee_and_due_day_r115(at_work: Any) -> None:
    new_day = at_work.brief.due_on + timedelta(days=3)
    do(commands.edit, at_work.brief.id,
        make.a_text(fee=Money.of("80.00 USD"), due_on=new_day, title="Spring"), by=at_work.mona)  # fmt: skip
    part = make.fresh(at_work.assignment)
    assert part.brief_version == 1
    assert part.fee == Money.of("120.00 USD")
    shown = queries.work(part.id)
    assert shown.text.title == "Winter roast in your kitchen"
    assert shown.brief.version == 2
    do(commands.accept_new_version, part.id, version=2, by=at_work.ada_user)
    moved = queries.work(part.id)
    assert (moved.text.title, moved.assignment.fee) == ("Spring", Money.of("80.00 USD"))
    assert moved.assignment.due_on == new_day
    assert len(db.session.scalars(select(BriefVersion)).all()) == 2


def test_an_invitation_shows_the_newest_version_and_an_old_page_cannot_accept(stage: Any) -> None:
    brief = make.an_open_brief(stage.program, stage.mona)
    part = make.assignment_of(brief, stage.ada)
    do(commands.edit, brief.id, make.a_text(fee=Money.of("90.00 USD")), by=stage.mona)
    with pytest.raises(Conflict, match="changed since"):
        do(commands.accept, part.id, version=1, by=stage.ada_user)
    accepted = do(commands.accept, part.id, version=2, by=stage.ada_user)
    assert accepted.fee == Money.of("90.00 USD")


def test_an_open_briefs_fee_cannot_pass_the_limit(stage: Any) -> None:
    brief = make.an_open_brief(stage.program, stage.mona)
    with pytest.raises(InvalidInput, match="second person") as refused:
        do(commands.edit, brief.id, make.a_text(fee=Money.of("500.01 USD")), by=stage.mona)
    assert refused.value.field == "fee"


def test_places_are_limited(stage: Any) -> None:
    ben = make.a_member(stage.program, "Ben")
    brief = make.an_open_brief(stage.program, stage.mona, capacity=1)
    make.an_accepted(brief, stage.ada, stage.ada_user)
    with pytest.raises(Conflict, match="All 1 places"):
        make.an_accepted(brief, ben, make.user_of(ben.creator_id))


def test_nobody_accepts_twice_or_what_is_paused_closed_or_overdue(stage: Any) -> None:
    brief = make.an_open_brief(stage.program, stage.mona)
    part = make.assignment_of(brief, stage.ada)
    do(commands.pause, brief.id, by=stage.mona)
    with pytest.raises(Conflict, match="paused"):
        do(commands.accept, part.id, version=1, by=stage.ada_user)
    do(commands.resume, brief.id, by=stage.mona)
    do(commands.accept, part.id, version=1, by=stage.ada_user)
    with pytest.raises(Conflict):
        do(commands.accept, part.id, version=1, by=stage.ada_user)
    with pytest.raises(Conflict):
        do(commands.decline, part.id, by=stage.ada_user)
    late = make.an_open_brief(stage.program, stage.mona)
    clock.pass_days(20)
    with pytest.raises(Conflict, match="due day"):
        make.an_accepted(late, stage.ada, stage.ada_user)


def test_a_paused_member_cannot_accept(stage: Any) -> None:
    brief = make.an_open_brief(stage.program, stage.mona)
    do(ambassadors.pause, stage.ada.id, by=stage.mona)
    with pytest.raises(Conflict, match="not active"):
        make.an_accepted(brief, stage.ada, stage.ada_user)


def test_declining_ends_it(stage: Any) -> None:
    brief = make.an_open_brief(stage.program, stage.mona)
    part = make.assignment_of(brief, stage.ada)
    declined = do(commands.decline, part.id, by=stage.ada_user, reason="No time.")
    assert (declined.status, declined.end_reason) == (AssignmentStatus.DECLINED, "No time.")


def test_a_pause_moves_the_due_days(at_work: Any) -> None:
    before = at_work.assignment.due_on
    do(commands.pause, at_work.brief.id, by=at_work.mona)
    clock.pass_days(3)
    do(commands.resume, at_work.brief.id, by=at_work.mona)
    part = make.fresh(at_work.assignment)
    assert part.due_on == before + timedelta(days=3)
    assert make.fresh(at_work.brief).due_at == part.due_at


def test_closing_lets_invitations_expire_and_work_finish(at_work: Any) -> None:
    ben = make.a_member(at_work.program, "Ben")
    assert do(commands.invite, at_work.brief.id, [ben.id], by=at_work.mona) == 1
    assert do(commands.invite, at_work.brief.id, [ben.id], by=at_work.mona) == 0
    do(commands.close, at_work.brief.id, by=at_work.mona)
    assert make.assignment_of(at_work.brief, ben).status is AssignmentStatus.EXPIRED
    assert make.fresh(at_work.assignment).status is AssignmentStatus.ACCEPTED
    make.a_version(at_work.assignment, at_work.ada_user)
    with pytest.raises(Conflict, match="closed"):
        do(commands.invite, at_work.brief.id, by=at_work.mona)


def test_a_new_member_is_invited_to_open_briefs_and_a_leaver_no_longer(stage: Any) -> None:
    brief = make.an_open_brief(stage.program, stage.mona)
    ben = make.a_member(stage.program, "Ben")
    commands_in_unit = [commands.invite_newcomer, commands.invite_newcomer]
    for command in commands_in_unit:
        do(command, ben.id)
    assert make.assignment_of(brief, ben).status is AssignmentStatus.INVITED
    do(ambassadors.end, ben.id, by=stage.mona)
    do(commands.withdraw_invitations, ben.id)
    assert make.assignment_of(brief, ben).status is AssignmentStatus.EXPIRED
    do(commands.invite_newcomer, ben.id)
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
    before = make.acts()
    jobs.tend_briefs()
    assert make.acts() == before


def test_the_calendars_steps_do_nothing_before_their_time(at_work: Any) -> None:
    for command in (commands.open_scheduled, commands.close_overdue, commands.archive_old):
        do(command, at_work.brief.id)
    do(commands.miss, at_work.assignment.id)
    assert make.fresh(at_work.brief).status is BriefStatus.OPEN
    assert make.fresh(at_work.assignment).status is AssignmentStatus.ACCEPTED
