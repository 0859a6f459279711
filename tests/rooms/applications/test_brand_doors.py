"""The review queue: read, decide, take back; by key, by button, with and without htmx."""

from datetime import timedelta

import pytest

from portal.ambassadors import queries as memberships
from portal.applications import commands, queries
from portal.applications.models import ApplicationStatus, DeclineReason
from portal.applications.rules import ChannelFacts
from portal.kernel import clock
from portal.programs import queries as offers
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import queries as tracking
from tests.support.browser import HTMX
from tests.support.people import a_program, an_ambassador, an_application

QUEUE = "/brand/glow/applications"


@pytest.fixture
def ada(program):
    return an_application(program, "Ada")


@pytest.fixture
def ben(program, ada):
    return an_application(program, "Ben")


def at(application, step=""):
    return f"{QUEUE}/{application.public_id}{step}"


def status_of(application):
    return queries.one_of_brand(application.brand_id, application.public_id).status


def htmx(world, email="rosa@example.com"):
    return world.signed_in(email, htmx=True)


def test_an_empty_queue_says_what_to_do(world):
    world.rosa.opens(QUEUE).sees("No applications yet", "Set up your program")
    a_program(world.glow)
    world.rosa.opens(QUEUE).sees("Open your program page")


def test_the_queue_shows_the_first_beside_the_list(world, ada, ben):
    rosa = world.rosa.opens(QUEUE)
    rosa.sees(
        "Applications", "New 2", "Ada Example", "Ben Example", "7.4% engaged · 18,400 followers"
    )
    rosa.sees(
        "Scorecard", "4 of 4 met", "needs 3,000", "Why Glow?", "“Because it is good.”", "ADA15"
    )
    assert rosa.page.select_one("li[aria-current] a").get_text() == "Ada Example"
    keys = {tag["data-key"] for tag in rosa.page.find_all(attrs={"data-key": True})}
    assert {"a", "d", "n", "g", "o", "j", "1", "6"} <= keys


def test_one_application_is_a_page_of_its_own(world, ada, ben):
    rosa = world.rosa.opens(at(ben)).sees(
        "Ben Example", "BEN15", ben.reference, "First application to Glow"
    )
    assert rosa.page.title.string.startswith("Applications, Ben Example")
    part = htmx(world).opens(at(ben), headers=HTMX | {"HX-Target": "queue"})
    assert part.page.find("html") is None
    assert part.page.find(id="queue").find("h2").get_text() == "Ben Example"
    assert "HX-Target" in part.response.headers["Vary"]


def test_approving_opens_the_next_one_and_offers_the_way_back(world, ada, ben):
    rosa = world.rosa.opens(at(ada)).fills("Note to the creator", "Welcome").presses("Approve")
    assert rosa.url == f"{at(ben)}?view=new"
    rosa.sees("Ben Example", "Ada Example approved.", "The mail leaves in 5:00", "1 decided today")
    found = queries.one_of_brand(ada.brand_id, ada.public_id)
    assert (found.status, found.note) == (ApplicationStatus.APPROVED, "Welcome")
    assert tracking.codes_of_ambassador(found.ambassador_id)[0].code == "ADA15"
    rosa.presses("Undo").sees("Ada Example is back in the queue. Nothing was sent.", "Approve")
    assert status_of(ada) is ApplicationStatus.SUBMITTED


def test_approving_by_htmx_swaps_the_queue_and_says_it_aloud(world, ada, ben):
    rosa = htmx(world, world.rosa.email).opens(at(ada))
    rosa.presses("Approve", status=200)
    assert rosa.page.find("html") is None
    assert rosa.response.headers["HX-Push-Url"] == f"{at(ben)}?view=new"
    aloud = rosa.page.find(attrs={"hx-swap-oob": "innerHTML:#live"})
    assert aloud.get_text() == "Ada Example approved. 1 left."
    assert rosa.page.find("h2", attrs={"data-autofocus": True}).get_text() == "Ben Example"


def test_the_last_one_leaves_an_empty_queue(world, ada):
    rosa = world.rosa.opens(at(ada)).presses("Approve")
    rosa.sees("Queue is empty", "1 application decided today.", "Ada Example approved.")
    rosa.presses("Send now").sees("The message to Ada Example leaves now.").does_not_see("Undo")


def test_sending_now_leaves_the_next_one_open(world, ada, ben):
    rosa = world.rosa.opens(f"{at(ada)}?q=example").presses("Approve").sees("Ada Example approved.")
    rosa.presses("Send now").sees("The message to Ada Example leaves now.")
    assert rosa.url == f"{at(ben)}?view=new&q=example"


def test_declining_is_one_button_with_its_reason(world, ada, ben):
    rosa = world.rosa.opens(at(ada)).fills("May apply again", "90")
    rosa.presses("What you post is too far from what we sell.")
    found = queries.one_of_brand(ada.brand_id, ada.public_id)
    assert (found.status, found.reason) == (ApplicationStatus.DECLINED, DeclineReason.CONTENT_FIT)
    assert found.reapply_after == clock.now() + timedelta(days=90)
    rosa.opens(at(ada)).sees(
        "Declined", "by Rosa Example", "What you post is too far", "May apply again from 31 May"
    )


def test_a_decline_without_a_reason_is_refused(world, ada):
    rosa = world.rosa.browser
    rosa.posts(at(ada), {"decision": "declined", "reapply": "30"}, status=422).sees(
        "the creator sees it"
    )
    rosa.posts(at(ada), {"reason": "mood", "reapply": "30"}, status=422).sees(
        "Choose one of the reasons."
    )
    assert status_of(ada) is ApplicationStatus.SUBMITTED


def test_a_code_is_changed_before_approving(world, program, ada):
    an_ambassador(program, "Cleo", code="SHINE")
    rosa = world.rosa.opens(at(ada)).fills("Code", "shine").presses("Approve", status=422)
    assert rosa.field("Code")["value"] == "shine"
    rosa.fills("Code", "a-b").presses("Approve", status=422)
    rosa.fills("Code", "GLOWADA").presses("Approve")
    assert memberships.of_program(program.id, ada.creator_id).status == "onboarding"
    assert tracking.codes_of_ambassador(
        queries.one_of_brand(ada.brand_id, ada.public_id).ambassador_id
    )[0].code == "GLOWADA"  # fmt: skip


def test_a_late_decision_is_409_with_the_result(world, ada, ben):
    world.mona.opens(at(ada))
    rosa = world.rosa.opens(at(ada)).presses("Approve")
    mona = world.mona.browser.presses("It is not a match right now.", status=409)
    mona.sees("Rosa Example has already approved this application.", "Approved", "ADA15")
    assert status_of(ada) is ApplicationStatus.APPROVED
    rosa.opens(at(ben))


def test_the_second_press_of_approve_is_a_late_decision(world, ada, ben):
    world.rosa.opens(at(ada)).presses("Approve")
    again = world.rosa.browser.posts(at(ada), {"decision": "approved", "reapply": "30"}, status=409)
    again.sees("Rosa Example has already approved this application.")
    assert len(memberships.roster(ada.brand_id, view="onboarding").rows) == 1


def test_undo_after_its_time_is_refused_in_words(world, ada, ben):
    world.rosa.opens(at(ada)).presses("Approve")
    clock.pass_time(timedelta(seconds=300))
    world.rosa.browser.posts(at(ada, "/undo"), status=409).sees("can no longer be undone")
    world.rosa.opens(QUEUE).does_not_see("Undo")


def test_undo_after_she_accepted_is_refused(world, ada, ben):
    world.rosa.opens(at(ada)).presses("Approve")
    found = queries.one_of_brand(ada.brand_id, ada.public_id)
    with unit_of_work():
        commands.accept_agreement(
            found.ambassador_id, offers.current_agreement(found.program_id).id, by=None
        )
    world.rosa.browser.presses("Undo", status=409)
    assert status_of(ada) is ApplicationStatus.APPROVED


def test_two_reviewers_see_who_reads_what(world, ada):
    world.rosa.opens(at(ada)).sees("Nobody else has this open.").presses(
        "Tell the others you are on it"
    )
    world.rosa.browser.sees("Others see that you are reading this.")
    world.mona.opens(at(ada)).sees(
        "Rosa Example is looking at this until", "The first decision counts."
    )
    clock.pass_time(timedelta(minutes=2))
    world.mona.opens(at(ada)).sees("Nobody else has this open.")


def test_a_claim_by_htmx_answers_with_its_own_part(world, ada):
    rosa = htmx(world, world.rosa.email)
    rosa.opens(at(ada))
    token = rosa._token()
    answer = rosa.client.post(at(ada, "/claim"), data={"csrf_token": token}, headers=HTMX)
    assert answer.status_code == 200
    assert b'id="claim"' in answer.data
    assert b"<html" not in answer.data


def test_views_search_and_pages(world, program, ada, ben):
    small = ChannelFacts("instagram", "cleo", "https://instagram.com/cleo", 900, 90, 5)
    an_application(program, "Cleo", channels=(small,))
    an_application(program, "Dina", answers=(("Why Glow?", ""),))
    rosa = (
        world.rosa.opens(f"{QUEUE}?view=meets")
        .sees("Ada Example", "Ben Example", "Dina Example")
        .does_not_see("Cleo")
    )
    rosa.opens(f"{QUEUE}?q=ben").sees("Ben Example").does_not_see("Ada Example")
    rosa.opens(f"{QUEUE}?q=nobody").sees("No application matches", "Clear the search")
    rosa.opens(f"{QUEUE}?view=approved").sees("Nobody here yet")
    rosa.opens(f"{QUEUE}?view=nonsense").sees("Ada Example")
    rosa.opens(f"{QUEUE}?cursor=made-up", status=422).sees("page link is not complete")


def test_a_viewer_reads_and_does_not_decide(world, ada):
    vera = world.member("Vera", "brand.viewer", brand=world.glow)
    vera.opens(at(ada)).sees("Your role reads applications.")
    assert vera.browser.page.find("button", attrs={"data-key": "a"}) is None
    for step in ("", "/undo", "/send", "/claim"):
        vera.browser.posts(at(ada, step), {"decision": "approved"}, status=403)
    assert status_of(ada) is ApplicationStatus.SUBMITTED


def test_another_brand_is_told_404(world, ada):
    world.rae.browser.opens(QUEUE, status=404)
    world.rae.browser.opens(f"/brand/rival/applications/{ada.public_id}", status=404)
    for step in ("", "/undo", "/send", "/claim"):
        world.rae.browser.posts(f"/brand/rival/applications/{ada.public_id}{step}", status=404)
    assert status_of(ada) is ApplicationStatus.SUBMITTED


def test_a_stranger_is_asked_to_sign_in_and_a_creator_finds_nothing(world, browser, ada):
    browser.opens(QUEUE).sees("Sign in")
    world.signed_in("ada@example.com").opens(QUEUE, status=404)


def test_get_decides_nothing(world, ada):
    for step in ("/undo", "/send", "/claim"):
        world.rosa.browser.opens(at(ada, step), status=405)


def test_a_reapplication_shows_what_happened_before(world, program, ada):
    with unit_of_work():
        commands.decide(
            ada.id, ApplicationStatus.DECLINED, by=None, reason=DeclineReason.COUNTRY, reapply="now"
        )
    again = an_application(program, "Ada")
    world.rosa.opens(at(again)).sees(
        "Applied before:", "Declined on 2 Mar", "We do not work in your country yet"
    )


# ---- memberships
def test_pausing_asks_first_and_says_what_changes(world, program):
    member = an_ambassador(program, "Cleo")
    door = f"/brand/glow/ambassadors/{member.public_id}"
    mona = world.mona.opens(f"{door}/pause").sees("Pause Cleo Example?", "CLEO15", "What stays")
    mona.fills("Reason", "Holiday").presses("Pause Cleo").sees(
        "Paused. Code and links have stopped."
    )
    assert tracking.codes_of_ambassador(member.id)[0].status == "paused"
    mona.opens(f"{door}/resume").presses("Resume Cleo").sees("Resumed. Code and links work again.")
    mona.opens(f"{door}/end").presses("End the membership").sees(
        "The membership has ended.", "Ended on 2 Mar"
    )
    mona.posts(f"{door}/end", status=409).sees("This membership is ended")


def test_a_reviewer_does_not_end_memberships_and_others_find_none(world, program):
    member = an_ambassador(program, "Cleo")
    world.rosa.browser.opens(f"/brand/glow/ambassadors/{member.public_id}/end", status=403)
    world.rosa.browser.posts(f"/brand/glow/ambassadors/{member.public_id}/end", status=403)
    world.rae.browser.posts(f"/brand/rival/ambassadors/{member.public_id}/end", status=404)
    world.mona.browser.opens(f"/brand/glow/ambassadors/{member.public_id}/promote", status=404)


def test_parity_of_page_and_part(world, ada, ben):
    page = world.rosa.opens(at(ben)).page.find(id="queue")
    part = htmx(world, world.rosa.email).opens(at(ben), headers=HTMX).page.find(id="queue")
    assert page.get_text(" ", strip=True) == part.get_text(" ", strip=True)
