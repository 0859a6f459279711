"""Three briefs: one done, one open with work in several states, one waiting for approval."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from portal.briefs import (
    budget_commands,
    budget_queries,
    commands,
    queries,
    submission_commands,
)
from portal.briefs.models import Assignment, DeliverableKind
from portal.briefs.offer import BriefText, Deliverable
from portal.demo import cast
from portal.demo.joining import Member
from portal.jobs import worker
from portal.kernel import clock
from portal.kernel.money import Money
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from portal.demo.story import Stage

GOOD = (
    "#ad Cold brew, three ways.\nThe third one takes two minutes. "
    "My code {code} gives you 15% off. #northlightmornings"
)
WEAK = "Cold brew, three ways. Thanks Northlight! #northlightmornings #collab"


DONE_BEFORE = 40  # days before now: the fees of the first brief, before last month's run


def first_brief(stage: Stage, members: list[Member]) -> None:
    """One that is over: everybody delivered, and has earned the fee. Call at that time."""
    done = _brief(stage, "Cold brew, three ways", 12_000, 25)
    _open(stage, done)
    for member in members[:6]:
        _approve(stage, _send(done, member, GOOD))


def briefs(stage: Stage, members: list[Member]) -> None:
    """What is asked and delivered now, oldest first."""
    with clock.at(stage.now - timedelta(days=5)):
        running = _brief(stage, "Winter roast in your kitchen", 15_000, 12)
        _open(stage, running)
        _give_budget(stage, running)
        for member in members[:3]:
            _send(running, member, GOOD)
        _send(running, members[3], WEAK)
        _ask_for_changes(stage, _send(running, members[4], WEAK))
        for member in members[5:8]:
            _accept(running, member)
    with clock.at(stage.now - timedelta(days=1)):
        waiting = _brief(stage, "Unbox the subscription", 24_000, 30)
        with unit_of_work():
            commands.submit_for_approval(waiting, by=stage.staff["reviewer"])
    worker.drain()


def _brief(stage: Stage, title: str, fee_minor: int, due_days: int) -> int:
    text = BriefText(
        title=title,
        deliverables=(Deliverable(DeliverableKind.REEL, 1, "instagram"),),
        fee=Money(fee_minor, cast.CURRENCY),
        due_on=clock.today(cast.ZONE) + timedelta(days=due_days),
        disclosure_line="#ad",
        required_tags=("#northlightmornings",),
        goal="Show how little it takes to make a good cup at home.",
        message="Film it where you really make your coffee. No studio, no script.",
        dos="Show the bag and your code.\nSay in your own words what you taste.",
        donts="No health claims.\nNo other coffee brands in the picture.",
    )
    with unit_of_work():
        brief = commands.draft_brief(
            stage.brand.id, stage.program.id, text, by=stage.staff["reviewer"]
        )
    return brief.id


def _open(stage: Stage, brief_id: int) -> None:
    with unit_of_work():
        commands.submit_for_approval(brief_id, by=stage.staff["reviewer"])
        commands.approve_brief(brief_id, by=stage.staff["manager"])
    worker.drain()


def _give_budget(stage: Stage, brief_id: int) -> None:
    with unit_of_work():
        promised = budget_queries.standing(queries.brief(brief_id)).full
        spare = Money(50_000, cast.CURRENCY)
        budget_commands.set_budget(brief_id, promised + spare, by=stage.staff["manager"])


def _accept(brief_id: int, member: Member) -> Assignment:
    assignment: Assignment | None = db.session.scalar(
        select(Assignment).where(
            Assignment.brief_id == brief_id, Assignment.ambassador_id == member.ambassador_id
        )
    )
    assert assignment is not None
    version = queries.brief(brief_id).version
    with unit_of_work():
        return commands.accept(assignment.id, version=version, by=member.user_id)


def _send(brief_id: int, member: Member, caption: str) -> int:
    assignment = _accept(brief_id, member)
    url = f"https://www.instagram.com/reel/{member.persona.handle.replace('.', '')}{brief_id}/"
    with unit_of_work():
        sent = submission_commands.submit(
            assignment.id, caption=caption.format(code=member.code), live_url=url, by=member.user_id
        )
    worker.drain()
    return sent.id


def _approve(stage: Stage, submission_id: int) -> None:
    with unit_of_work():
        submission_commands.approve_submission(submission_id, by=stage.staff["reviewer"])
    worker.drain()


def _ask_for_changes(stage: Stage, submission_id: int) -> None:
    reviewer = stage.staff["reviewer"]
    with unit_of_work():
        submission_commands.comment(
            submission_id, by=reviewer, is_from_brand=True,
            body="Please begin the caption with #ad: “Thanks Northlight” does not tell people.",
        )  # fmt: skip
        submission_commands.ask_for_changes(submission_id, by=reviewer)
