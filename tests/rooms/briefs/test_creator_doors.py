"""A creator's briefs through the browser: reading, accepting, sending, answering."""

from types import SimpleNamespace
from typing import Any

import pytest

from portal.briefs import commands, submission_commands, submission_queries
from portal.briefs.models import AssignmentStatus, RejectReason, SubmissionStatus
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support import assignments as make
from tests.support.browser import Browser
from tests.support.people import a_program
from tests.support.world import World

TITLE = "Winter roast in your kitchen"


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def stage(request: pytest.FixtureRequest, world: World) -> Any:
    """Ada is invited to Glow's brief; each journey runs without and with htmx."""
    world.glow.brief_fee_limit_minor = 50_000
    db.session.commit()
    program = a_program(world.glow)
    ada = make.a_member(program, "Ada")
    brief = make.an_open_brief(program, world.mona.user_id)
    part = make.assignment_of(brief, ada)
    browser = world.signed_in("ada@example.com", htmx=request.param)
    url = f"/creator/briefs/{part.public_id}"
    return SimpleNamespace(
        world=world, program=program, ada=ada, brief=brief, part=part, browser=browser, url=url,
        mona=world.mona.user_id,
    )  # fmt: skip


def _accepted(stage: Any) -> Browser:
    stage.browser.opens(stage.url).presses("Accept for $120.00")
    return stage.browser.opens(f"{stage.url}/submit")


def _status(stage: Any) -> AssignmentStatus:
    status: AssignmentStatus = make.fresh(stage.part).status
    return status


def test_the_list_shows_what_where_when_and_how_much(stage: Any) -> None:
    page = stage.browser.opens("/creator/briefs")
    page.sees(TITLE, "One reel, pays $120.00", "Glow", "Invited")
    page.opens("/creator/briefs?view=done").sees("Nothing done yet").does_not_see(TITLE)
    page.opens("/creator/briefs?view=made-up").sees(TITLE)


def test_a_brief_says_all_before_she_accepts(stage: Any) -> None:
    page = stage.browser.opens(stage.url)
    page.sees(TITLE, "Glow", "$120.00", "#ad", "@glow", "Daylight.", "No health claims.", "At once")
    page.presses("Accept for $120.00").sees("You have accepted.", "Due in 14 days")
    assert _status(stage) is AssignmentStatus.ACCEPTED


def test_accepting_twice_is_told_409(stage: Any) -> None:
    stage.browser.opens(stage.url)
    stage.browser.posts(f"{stage.url}/accept", {"version": "1"}, status=200)
    stage.browser.posts(f"{stage.url}/accept", {"version": "1"}, status=409)


def test_an_old_page_cannot_accept_what_has_changed(stage: Any) -> None:
    stage.browser.opens(stage.url)
    with unit_of_work():
        commands.edit(stage.brief.id, make.a_text(title="Spring"), by=stage.mona)
    stage.browser.presses("Accept for $120.00", status=409).sees("changed since you opened it")
    stage.browser.opens(stage.url).sees("Spring").presses("Accept for $120.00").sees("accepted")


def test_a_made_up_version_is_refused(stage: Any) -> None:
    for version in ("", "one", "99", "²", "9" * 5_000):
        stage.browser.opens(stage.url)
        stage.browser.posts(f"{stage.url}/accept", {"version": version}, status=409)


def test_declining_with_and_without_a_reason(stage: Any) -> None:
    page = stage.browser.opens(stage.url)
    page.fills("Why not?", "x" * 301).presses("Decline this brief", status=422)
    page.opens(stage.url).fills("Why not?", "No time.").presses("Decline this brief")
    page.sees("You declined")
    assert _status(stage) is AssignmentStatus.DECLINED
    stage.browser.opens(stage.url).sees("You declined this brief.")


def test_a_paused_brief_cannot_be_accepted_and_says_so(stage: Any) -> None:
    with unit_of_work():
        commands.pause(stage.brief.id, by=stage.mona)
    stage.browser.opens(stage.url).sees("This brief is paused").does_not_see("Accept for")


def test_caption_and_link_are_sent_together(stage: Any) -> None:
    page = _accepted(stage)
    page.fills("Caption", make.GOOD_CAPTION).fills("Live link", make.POST)
    page.presses("Send for review").sees("Sent to Glow", "In review", "Version 1")
    assert _status(stage) is AssignmentStatus.SUBMITTED
    page.opens("/creator/briefs?view=review").sees(TITLE, "Submitted")


def test_a_refused_form_keeps_every_word(stage: Any) -> None:
    page = _accepted(stage)
    page.fills("Caption", "#ad half\na caption").fills("Live link", "instagram.com/p/1")
    page.presses("Send for review", status=422)
    page.sees("There is something to correct", "starting with https://")
    assert page.field("Caption").get_text().strip() == "#ad half\na caption"
    assert page.field("Live link")["value"] == "instagram.com/p/1"
    page.fills("Caption", "").presses("Send for review", status=422).sees("Paste the caption")


def test_a_draft_is_kept_as_it_is(stage: Any) -> None:
    page = _accepted(stage)
    page.fills("Caption", "half").presses("Save draft").sees("Your draft is saved.")
    page.opens(f"{stage.url}/submit")
    assert page.field("Caption").get_text().strip() == "half"
    stage.browser.opens(stage.url).sees("Go on with your draft")
    with unit_of_work():
        assert submission_queries.draft_of(stage.part.id) is not None


def test_the_checks_are_shown_without_storing_anything(stage: Any) -> None:
    page = _accepted(stage)
    page.fills("Caption", make.BARE_CAPTION).fills("Live link", make.POST).presses("Check it")
    page.sees("“Thanks” does not say that this is paid.", "on Instagram")
    if not stage.browser.htmx:
        assert page.field("Live link")["value"] == make.POST
    assert submission_queries.versions_of(stage.part.id) == []


def test_the_checks_come_alone_for_htmx(stage: Any) -> None:
    _accepted(stage)
    headers = {"HX-Request": "true", "HX-Target": "checks"}
    token = stage.browser._token()
    data = {"csrf_token": token, "caption": "#ad @glow", "live_url": make.POST}
    answer = stage.browser.client.post(f"{stage.url}/check", data=data, headers=headers)
    body = answer.get_data(as_text=True)
    assert body.lstrip().startswith('<section id="checks"')
    assert "<html" not in body
    assert "4 of 4 pass" in body


def test_sending_twice_is_told_409_and_keeps_the_text(stage: Any) -> None:
    page = _accepted(stage)
    page.fills("Caption", make.GOOD_CAPTION).fills("Live link", make.POST)
    page.presses("Send for review")
    again = {"caption": "#ad second try", "live_url": make.POST, "action": "send"}
    page.posts(f"{stage.url}/submit", again, status=409).sees("#ad second try")
    page.posts(f"{stage.url}/submit", {**again, "action": "save"}, status=409)
    assert len(submission_queries.versions_of(stage.part.id)) == 1


def test_a_version_is_taken_back_and_sent_again(stage: Any) -> None:
    make.an_accepted(stage.brief, stage.ada, stage.mona)
    make.a_version(stage.part, stage.mona)
    page = stage.browser.opens(stage.url).presses("Take it back")
    page.sees("You took this version back.", "Withdrawn")
    page.opens(f"{stage.url}/submit")
    assert page.field("Caption").get_text().strip() == make.GOOD_CAPTION
    page.presses("Send for review").sees("Version 2")


def test_comments_are_answered_done_and_followed_by_a_new_version(stage: Any) -> None:
    make.an_accepted(stage.brief, stage.ada, stage.mona)
    version = make.a_version(stage.part, stage.mona)
    with unit_of_work():
        submission_commands.comment(
            version.id, body="Show the star.", quote="slow pour", by=stage.mona, is_from_brand=True
        )
        submission_commands.ask_for_changes(version.id, by=stage.mona)
    page = stage.browser.opens(stage.url)
    page.sees("Changes requested", "Show the star.", "slow pour", "Mona Example", "Open")
    page.fills("Your answer to comment 1", "It is in now.").presses("Send answer")
    page.sees("It is in now.").presses("Mark done").sees("Marked as done.")
    page.opens(f"{stage.url}/submit").does_not_see("Asked for")
    page.presses("Send for review").sees("Version 2", "Superseded")
    assert make.fresh(version).status is SubmissionStatus.SUPERSEDED


def test_an_empty_answer_is_told_422(stage: Any) -> None:
    make.an_accepted(stage.brief, stage.ada, stage.mona)
    version = make.a_version(stage.part, stage.mona)
    stage.browser.opens(stage.url)
    where = f"/creator/briefs/versions/{version.public_id}/comments"
    stage.browser.posts(where, {"body": " "}, status=422).sees("Write something first.")
    stage.browser.opens(stage.url).posts(
        where, {"body": "Hello", "reply_to": "cmt_nobody"}, status=404
    )
    stage.browser.opens(stage.url).posts(where, {"body": "Hello", "reply_to": ""}).sees("Hello")


def test_the_newest_version_is_taken_only_by_consent(stage: Any) -> None:
    make.an_accepted(stage.brief, stage.ada, stage.mona)
    with unit_of_work():
        commands.edit(stage.brief.id, make.a_text(title="Spring"), by=stage.mona)
    page = stage.browser.opens(stage.url).sees(TITLE, "The brief has changed")
    page.presses("Change to version 2").sees("Spring", "You now work by the new version.")


def test_an_ended_assignment_says_why(stage: Any) -> None:
    make.an_accepted(stage.brief, stage.ada, stage.mona)
    version = make.a_version(stage.part, stage.mona)
    with unit_of_work():
        submission_commands.reject(
            version.id, reason=RejectReason.QUALITY, note="Too dark to see.", by=stage.mona
        )
    stage.browser.opens(stage.url).sees("Not accepted", "Too dark to see.")
    stage.browser.opens(f"{stage.url}/submit").sees("Nothing can be sent now")


def test_approved_work_says_what_it_earned(stage: Any) -> None:
    make.an_accepted(stage.brief, stage.ada, stage.mona)
    version = make.a_version(stage.part, stage.mona)
    with unit_of_work():
        submission_commands.approve_submission(version.id, by=stage.mona)
    stage.browser.opens(stage.url).sees("You earned", "$120.00", "Approved on 2 Mar", "Completed")


def test_another_creator_is_told_404(stage: Any) -> None:
    make.an_accepted(stage.brief, stage.ada, stage.mona)
    version = make.a_version(stage.part, stage.mona)
    make.a_member(stage.program, "Ben")
    ben = stage.world.signed_in("ben@example.com")
    ben.opens("/creator/briefs").does_not_see(TITLE)
    ben.opens(stage.url, status=404)
    ben.opens(f"{stage.url}/submit", status=404)
    for where in ("accept", "decline", "version", "submit", "check", "comments/x/done"):
        ben.opens("/creator/briefs").posts(f"{stage.url}/{where}", {"version": "1"}, status=404)
    for where in ("take-back", "comments"):
        ben.opens("/creator/briefs").posts(
            f"/creator/briefs/versions/{version.public_id}/{where}", status=404
        )


def test_staff_who_are_no_creators_are_told_403(stage: Any) -> None:
    stage.world.mona.opens("/creator/briefs", status=403)
    stage.world.mona.opens(stage.url, status=403)


def test_a_get_accepts_nothing(stage: Any) -> None:
    for where in ("accept", "decline", "version", "check"):
        stage.browser.opens(f"{stage.url}/{where}", status=405)
    assert _status(stage) is AssignmentStatus.INVITED
