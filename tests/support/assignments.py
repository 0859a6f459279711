"""Builders for briefs: a text, an open brief, an accepted assignment, a version in review."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from portal.ambassadors import commands as ambassadors
from portal.ambassadors.models import Ambassador
from portal.audit.models import AuditEntry
from portal.briefs import commands, submission_commands
from portal.briefs.models import Assignment, Brief, DeliverableKind, Submission
from portal.briefs.offer import BriefText, Deliverable
from portal.creators import queries as creators
from portal.kernel import clock
from portal.kernel.money import Money
from portal.programs import queries as programs
from portal.programs.models import Program
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.people import a_creator

GOOD_CAPTION = "#ad Snow outside, Winter roast inside.\nTwo spoons, one slow pour. @glow"
BARE_CAPTION = "Snow outside, Winter roast inside.\nThanks Glow. @glow"
POST = "https://www.instagram.com/reel/C9winter"


def a_text(**changes: Any) -> BriefText:
    """A reel for 120.00 USD, due in two weeks, mentioning @glow."""
    said = {
        "title": "Winter roast in your kitchen", "goal": "Show the first pour.",
        "message": "Make it slow.", "dos": "Daylight.", "donts": "No health claims.",
        "deliverables": (Deliverable(DeliverableKind.REEL, 1, "instagram"),),
        "required_tags": ("@glow",), "disclosure_line": "#ad", "fee": Money.of("120.00 USD"),
        "due_on": clock.today("America/New_York") + timedelta(days=14), **changes,
    }  # fmt: skip
    return BriefText(**said)


def a_member(program: Program, name: str = "Ada") -> Ambassador:
    """An active ambassador of a program."""
    creator, agreement = a_creator(name), programs.current_agreement(program.id)
    assert agreement is not None
    with unit_of_work():
        member = ambassadors.enrol(program.id, creator.id, by=None)
        ambassadors.accept_agreement(member.id, agreement.id, by=None)
    return member


def a_draft_brief(program: Program, by: int, **changes: Any) -> Brief:
    """A draft."""
    with unit_of_work():
        return commands.draft_brief(program.brand_id, program.id, a_text(**changes), by=by)


def an_open_brief(program: Program, by: int, approver: int | None = None, **changes: Any) -> Brief:
    """A brief that was approved and opened, with every active member invited."""
    brief = a_draft_brief(program, by, **changes)
    with unit_of_work():
        commands.submit_for_approval(brief.id, by=by)
        return commands.approve_brief(brief.id, by=approver or by)


def assignment_of(brief: Brief, member: Ambassador) -> Assignment:
    """The member's part in a brief."""
    query = select(Assignment).where(
        Assignment.brief_id == brief.id, Assignment.ambassador_id == member.id
    )
    found = db.session.scalar(query.execution_options(populate_existing=True))
    assert found is not None
    return found


def an_accepted(brief: Brief, member: Ambassador, by: int) -> Assignment:
    """An assignment she has taken on."""
    with unit_of_work():
        return commands.accept(assignment_of(brief, member).id, version=brief.version, by=by)


def a_version(
    assignment: Assignment, by: int, *, caption: str = GOOD_CAPTION, live_url: str = POST
) -> Submission:
    """A version in review."""
    with unit_of_work():
        return submission_commands.submit(assignment.id, caption=caption, live_url=live_url, by=by)


def fresh(row: Any) -> Any:
    """The row as the database has it now."""
    db.session.expire_all()
    return db.session.get(type(row), row.id)


def do(command: Any, *args: Any, **more: Any) -> Any:
    """Run one command in a unit of work."""
    with unit_of_work():
        return command(*args, **more)


def user_of(creator_id: int) -> int:
    """The user behind a creator."""
    return creators.creator(creator_id).user_id


def acts() -> list[str]:
    """Everything the audit trail holds, oldest first."""
    return [entry.act for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
