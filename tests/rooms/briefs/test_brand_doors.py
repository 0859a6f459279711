"""The brand's side through the browser: writing, approving, reviewing."""

from types import SimpleNamespace
from typing import Any

import pytest

from portal.briefs import commands, submission_commands
from portal.briefs.models import AssignmentStatus, Brief, BriefStatus, SubmissionStatus
from portal.kernel.money import Money
from portal.reports.brand_queries import waiting
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support import assignments as make
from tests.support.people import a_program
from tests.support.world import World

TITLE = "Winter roast in your kitchen"


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def stage(request: pytest.FixtureRequest, world: World) -> Any:
    """Glow with a program and Ada; the limit for one person is 500.00."""
    world.glow.brief_fee_limit_minor = 50_000
    db.session.commit()
    program = a_program(world.glow)
    ada = make.a_member(program, "Ada")
    browser = world.signed_in(world.mona.email, htmx=request.param)
    return SimpleNamespace(
        world=world, program=program, ada=ada, browser=browser, mona=world.mona.user_id
    )


@pytest.fixture
def review(stage: Any) -> Any:
    """Ada's version waits; every check passes."""
    return _sent(stage)


def _sent(stage: Any, caption: str = make.GOOD_CAPTION) -> Any:
    stage.brief = make.an_open_brief(stage.program, stage.mona)
    stage.part = make.an_accepted(stage.brief, stage.ada, stage.mona)
    stage.version = make.a_version(stage.part, stage.mona, caption=caption)
    stage.url = f"/brand/glow/review/{stage.version.public_id}"
    return stage


def _only_brief() -> Brief:
    db.session.expire_all()
    (found,) = db.session.scalars(db.select(Brief)).all()
    return found  # type: ignore[no-any-return]


def _fill(page: Any, **changes: str) -> Any:
    typed = {"Title": TITLE, "How many": "1", "Due on": "2026-03-20", "Fee for": "120",
             "Required tags": "@glow, #winterroast", **changes}  # fmt: skip
    for label, value in typed.items():
        page.fills(label, value)
    return page


# ---- writing


def test_a_brief_is_written_saved_and_sent_for_approval(stage: Any) -> None:
    stage.browser.opens("/brand/glow/briefs").sees("No open briefs").follows("New brief")
    _fill(stage.browser).presses("Save draft").sees("Saved as a draft.", TITLE, "Draft", "$120.00")
    stage.browser.presses("Send for approval").sees("Awaiting approval", "A manager approves it.")
    made = _only_brief()
    assert made.fee == Money.of("120.00 USD")
    assert made.required_tags == ["@glow", "#winterroast"]
    assert made.deliverables == [{"kind": "reel", "count": 1, "channel": "instagram"}]


def test_a_brief_can_go_for_approval_at_once(stage: Any) -> None:
    _fill(stage.browser.opens("/brand/glow/briefs/new")).presses("Send for approval")
    assert _only_brief().status is BriefStatus.AWAITING_APPROVAL


@pytest.mark.parametrize(
    ("label", "value", "sentence"),
    [
        ("Title", " ", "Give the brief a title."),
        ("How many", "", "Ask for at least one piece"),
        ("How many", "99", "Ask for 1 to 20."),
        ("Due on", "2026-03-01", "The due day has passed."),
        ("Due on", "soon", "Not a valid date"),
        ("Fee for", "a lot", "Write an amount such as 25"),
        ("Fee for", "0", "too small"),
        ("Disclosure line", "#partner", "does not say that the post is paid"),
        ("Required tags", "glow", "starts with # or @"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    stage: Any, label: str, value: str, sentence: str
) -> None:
    page = _fill(
        stage.browser.opens("/brand/glow/briefs/new"), **{"Goal": "First pour", label: value}
    )
    page.presses("Save draft", status=422).sees("There is something to correct", sentence)
    assert page.field("Goal").get_text().strip() == "First pour"
    assert db.session.scalars(db.select(Brief)).all() == []


def test_a_draft_is_changed_and_shows_its_text(stage: Any) -> None:
    brief = make.a_draft_brief(stage.program, stage.mona)
    page = stage.browser.opens(f"/brand/glow/briefs/{brief.public_id}/edit")
    assert page.field("Title")["value"] == TITLE
    assert page.field("Fee for")["value"] == "120.00"
    page.fills("Title", "Spring").presses("Save draft").sees("Spring")


def test_an_open_brief_is_changed_as_a_new_version(stage: Any) -> None:
    brief = make.an_open_brief(stage.program, stage.mona)
    page = stage.browser.opens(f"/brand/glow/briefs/{brief.public_id}/edit").sees(
        "This brief is out."
    )
    page.fills("Fee for", "501").presses("Publish version 2", status=422).sees("second person")
    page.fills("Fee for", "130").presses("Publish version 2").sees("Version 2 is out.")
    rosa = stage.world.rosa
    rosa.opens(f"/brand/glow/briefs/{brief.public_id}/edit", status=403)


def test_a_closed_brief_is_not_changed(stage: Any) -> None:
    brief = make.an_open_brief(stage.program, stage.mona)
    with unit_of_work():
        commands.close(brief.id, by=stage.mona)
    stage.browser.opens(f"/brand/glow/briefs/{brief.public_id}/edit", status=409)


# ---- approving, pausing, closing


def _waiting(stage: Any, by: int, **changes: Any) -> str:
    brief = make.a_draft_brief(stage.program, by, **changes)
    with unit_of_work():
        commands.submit_for_approval(brief.id, by=by)
    return f"/brand/glow/briefs/{brief.public_id}"


def test_the_check_page_says_how_many_and_how_much(stage: Any) -> None:
    make.a_member(stage.program, "Ben")
    url = _waiting(stage, stage.mona)
    page = stage.browser.opens(url).follows("Check and approve")
    page.sees("Costs at most", "$240.00", "2 ambassadors", "$120.00")
    page.presses("Approve, at most $240.00").sees("Approved and open.", "Open", "Ada Example")
    page.opens("/brand/glow/briefs").sees(TITLE, "$0.00")


def test_above_the_limit_the_drafter_finds_no_button_and_no_way_round(stage: Any) -> None:
    url = _waiting(stage, stage.mona, fee=Money.of("900.00 USD"))
    page = stage.browser.opens(f"{url}/approve")
    page.sees("Someone else has to approve this.").does_not_see("Approve, at most")
    page.posts(f"{url}/approve", {"starts_on": ""}, status=403).sees(
        "Someone else has to approve it."
    )
    assert _only_brief().status is BriefStatus.AWAITING_APPROVAL
    owen = stage.world.owen
    owen.opens(f"{url}/approve").presses("Approve, at most $900.00").sees("Approved and open.")


def test_a_later_start_is_scheduled(stage: Any) -> None:
    url = _waiting(stage, stage.mona)
    page = stage.browser.opens(f"{url}/approve").fills("Opens on", "2026-03-05")
    page.presses("Approve, at most").sees("Scheduled", "Opens on 5 Mar")
    page.opens("/brand/glow/briefs?view=scheduled").sees(TITLE)


def test_a_day_that_is_none_is_told_422(stage: Any) -> None:
    url = _waiting(stage, stage.mona)
    page = stage.browser.opens(f"{url}/approve").fills("Opens on", "soon")
    page.presses("Approve, at most", status=422).sees("Not a valid date")


def test_approving_twice_is_told_409(stage: Any) -> None:
    url = _waiting(stage, stage.mona)
    stage.browser.opens(f"{url}/approve").posts(f"{url}/approve", {"starts_on": ""}, status=200)
    stage.browser.opens(url).posts(f"{url}/approve", {"starts_on": ""}, status=409)
    stage.browser.opens(f"{url}/approve").sees("There is nothing to approve.")


def test_a_brief_goes_back_to_its_drafter(stage: Any) -> None:
    url = _waiting(stage, stage.mona)
    stage.browser.opens(url).presses("Return to draft").sees("The brief is a draft again.")


def test_pausing_opening_again_and_closing(stage: Any) -> None:
    brief = make.an_open_brief(stage.program, stage.mona)
    page = stage.browser.opens(f"/brand/glow/briefs/{brief.public_id}")
    page.presses("Pause").sees("Paused since 2 Mar").presses("Open again").sees("Open again.")
    page.follows("Close").sees("Invitations that end", "Assignments that go on")
    page.presses("Close this brief").sees("Closed on 2 Mar")
    page.posts(f"/brand/glow/briefs/{brief.public_id}/pause", status=409)


def test_reviewers_write_but_do_not_approve_and_viewers_only_read(stage: Any) -> None:
    rosa, url = stage.world.rosa, _waiting(stage, stage.world.rosa.user_id)
    rosa.opens(url).does_not_see("Check and approve")
    rosa.opens(f"{url}/approve", status=403)
    for act in ("approve", "return", "pause", "resume", "close"):
        rosa.opens(url).posts(f"{url}/{act}", status=403)
    vera = stage.world.member("Vera", "brand.viewer", brand=stage.world.glow)
    vera.opens(url).does_not_see("Change")
    vera.opens("/brand/glow/briefs/new", status=403)
    vera.opens("/brand/glow/review")


def test_another_brand_is_told_404(review: Any) -> None:
    rae, brief = review.world.rae, review.brief.public_id
    for path in ("briefs", "review", f"briefs/{brief}", f"review/{review.version.public_id}"):
        rae.opens(f"/brand/glow/{path}", status=404)
    rae.opens(f"/brand/rival/briefs/{brief}", status=404)
    rae.opens(f"/brand/rival/review/{review.version.public_id}", status=404)
    for act in ("submit", "return", "pause", "resume", "close", "approve", "edit"):
        rae.opens("/brand/rival/briefs").posts(f"/brand/rival/briefs/{brief}/{act}", status=404)
    for act in ("comments", "changes", "approve", "reject"):
        where = f"/brand/rival/review/{review.version.public_id}/{act}"
        rae.opens("/brand/rival/briefs").posts(where, status=404)
    rae.opens("/brand/rival/briefs?view=open").does_not_see(TITLE)


def test_finance_has_no_door_here(review: Any) -> None:
    review.world.finn.opens("/brand/glow/briefs", status=403)
    review.world.finn.opens(review.url, status=403)


# ---- reviewing


def test_the_queue_shows_who_waits_and_what_to_look_at(stage: Any) -> None:
    _sent(stage, caption=make.BARE_CAPTION)
    page = stage.browser.opens("/brand/glow/review")
    page.sees("Ada Example", TITLE, "v1", "No disclosure", "$120.00")
    page.opens("/brand/glow/review?view=approved").sees("Nothing approved yet")


def test_a_version_is_read_with_its_checks_and_the_brief(review: Any) -> None:
    page = review.browser.opens(review.url)
    page.sees(TITLE, "In review", "4 pass", "#ad, line 1", "on Instagram", "14 days early",
              "No health claims.", "Approving pays Ada $120.00")  # fmt: skip
    page.does_not_see("Approve with a reason")


def test_approving_completes_the_assignment(review: Any) -> None:
    page = review.browser.opens(review.url).presses("Approve")
    page.sees("Approved. Ada Example earns $120.00.", "Nothing to review")
    assert make.fresh(review.part).status is AssignmentStatus.COMPLETED
    review.browser.opens(review.url).sees("Approved on 2 Mar").does_not_see("Reject")


def test_approving_twice_is_told_409_on_the_version_itself(review: Any) -> None:
    review.browser.opens(review.url).presses("Approve")
    page = review.browser.opens(review.url).posts(f"{review.url}/approve", status=409)
    page.sees("no longer possible", TITLE)
    for act, data in (("changes", {}), ("reject", {"reason": "other", "note": "No."})):
        review.browser.opens(review.url).posts(f"{review.url}/{act}", data, status=409)


def test_without_a_disclosure_there_is_no_way_to_approve_r113(stage: Any) -> None:
    _sent(stage, caption=make.BARE_CAPTION)
    page = stage.browser.opens(stage.url)
    page.sees("Without a disclosure it cannot be approved.", "“Thanks” alone is not enough",
              "Request changes and say so.")  # fmt: skip
    page.does_not_see("Approve with a reason")
    page.opens(f"{stage.url}/approve").sees("It cannot be approved.").does_not_see(
        "Approve and pay"
    )
    page.opens(stage.url).posts(
        f"{stage.url}/approve", {"override_reason": "I insist."}, status=409
    )
    page.sees("R113", "In review")
    assert make.fresh(stage.version).status is SubmissionStatus.IN_REVIEW


def test_a_failed_check_needs_a_reason(stage: Any) -> None:
    _sent(stage, caption="#ad no mention")
    page = stage.browser.opens(stage.url).follows("Approve with a reason")
    page.sees("Did not pass", "@glow missing")
    page.presses("Approve and pay $120.00", status=422).sees("Say why you approve it")
    page.fills("Reason", "She says it in the clip.").presses("Approve and pay $120.00")
    page.opens(stage.url).sees("Reason: She says it in the clip.")


def test_comments_then_changes(review: Any) -> None:
    page = review.browser.opens(review.url)
    page.fills("Write a comment", "").presses("Add comment", status=422).sees(
        "Write something first."
    )
    page.fills("Write a comment", "Say more.").fills("Words of the caption", "not there")
    page.presses("Add comment", status=422).sees("These words are not in the caption.")
    page.fills("Words of the caption", "slow pour").presses("Add comment")
    page.sees("Say more.", "1 open comment goes to Ada in one mail.")
    page.presses("Mark done").sees("Open again").presses("Open again")
    page.fills("Reply to comment 1", "Like last time.").presses("Send reply").sees(
        "Like last time."
    )
    page.fills("New due day", "2026-03-01").presses("Request changes", status=422)
    page.fills("New due day", "2026-03-20").presses("Request changes")
    page.sees("Ada Example gets your comments in one mail.")
    assert make.fresh(review.part).due_on.isoformat() == "2026-03-20"
    page.opens("/brand/glow/review?view=changes").sees("Ada Example")


def test_changes_are_asked_for_in_one_step(review: Any) -> None:
    page = review.browser.opens(review.url)
    page.fills("What should change?", "The label is cut off.").fills("New due day", "2026-03-01")
    page.presses("Send to Ada", status=422).sees("The label is cut off.")
    page.fills("New due day", "2026-03-20").presses("Send to Ada")
    page.sees("Ada Example gets your comments in one mail.")
    page.opens(review.url).sees("Changes requested", "The label is cut off.")
    assert make.fresh(review.part).rounds == 1


def test_changes_without_a_comment_are_told_409_by_url(review: Any) -> None:
    page = review.browser.opens(review.url).posts(f"{review.url}/changes", status=409)
    page.sees("Write at least one comment first", TITLE)


def test_the_second_version_shows_what_is_new(review: Any) -> None:
    with unit_of_work():
        submission_commands.comment(
            review.version.id, body="Slower.", by=review.mona, is_from_brand=True, quote="slow pour"
        )
        submission_commands.ask_for_changes(review.version.id, by=review.mona)
    caption = make.GOOD_CAPTION.replace("slow pour", "slow, slow pour")
    second = make.a_version(review.part, review.mona, caption=caption)
    page = review.browser.opens(f"/brand/glow/review/{second.public_id}")
    page.sees("v1, 2 Mar", "v2, 2 Mar", "Green underlined words are new in v2.")
    assert [tag.get_text().strip() for tag in page.page.find_all("ins")] == ["slow,"]
    assert [tag.get_text() for tag in page.page.find_all("mark")] == ["slow pour1"]
    page.follows("Hide changes")
    assert page.page.find_all("ins") == []
    page.follows("v1, 2 Mar").sees("A newer version was sent")


def test_rejecting_asks_for_the_reason_and_a_note(review: Any) -> None:
    page = review.browser.opens(review.url).follows("Reject")
    page.presses("Reject and end the assignment", status=422)
    page.sees("Choose the reason.", "Tell the creator why.")
    page.chooses("Quality").fills("Note to the creator", "Too dark.")
    page.presses("Reject and end the assignment").sees("Rejected. Ada Example reads your note.")
    assert make.fresh(review.part).status is AssignmentStatus.CANCELLED


def test_viewers_read_a_version_and_decide_nothing(review: Any) -> None:
    vera = review.world.member("Vera", "brand.viewer", brand=review.world.glow)
    vera.opens(review.url).does_not_see("Approve", "Add comment", "Reject")
    for act in ("comments", "changes", "approve", "reject"):
        vera.opens(review.url).posts(f"{review.url}/{act}", status=403)


def test_reviewers_may_decide(review: Any) -> None:
    review.world.rosa.opens(review.url).presses("Approve").sees("Approved.")
    assert waiting(review.world.glow.id).content == 0


def test_comments_of_another_assignment_are_told_404(review: Any) -> None:
    where = f"{review.url}/comments/cmt_elsewhere/done"
    review.browser.opens(review.url).posts(where, status=404)
    where = f"{review.url}/comments"
    review.browser.opens(review.url).posts(where, {"body": "x", "reply_to": "cmt_no"}, status=404)
