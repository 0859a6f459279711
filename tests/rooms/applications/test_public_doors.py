"""Applying: on one page, kept on the way, proved by a code, sent once."""

from datetime import timedelta

import pytest

from portal.applications import commands, queries
from portal.applications.models import Application, ApplicationStatus, DeclineReason
from portal.creators import queries as creators
from portal.identity import queries as people
from portal.identity.models import SignInChallenge
from portal.kernel import clock
from portal.programs import commands as programs
from portal.programs.models import Program
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.browser import Browser
from tests.support.people import a_creator, an_ambassador, an_application

APPLY = "/p/glow/apply"


def fill(browser: Browser, **changes: str) -> Browser:
    typed = {
        "Name": "Ben Berg", "E-mail": "ben@example.com", "Country": "US",
        "Profile link or handle": "instagram.com/ben.brews", "Followers": "18,400",
        "Why Glow?": "I drink it.", **changes,
    }  # fmt: skip
    browser.opens(APPLY)
    for label, value in typed.items():
        browser.fills(label, value)
    return browser.chooses("I am 18").chooses("Glow may read")


def code() -> str:
    asked = db.session.query(SignInChallenge).order_by(SignInChallenge.id.desc()).first()
    return people.code_for(asked)


def sent(browser: Browser) -> Browser:
    fill(browser).presses("Send application").sees("ben@example.com")
    return browser.fills("6-digit code", code()).presses("Send application")


def the_application(program: Program) -> Application:
    return queries.inbox(program.brand_id, "all").rows[0]


def test_a_question_may_stay_empty_and_what_that_means_is_said(browser, program):
    browser.opens(APPLY).sees("You may leave a question empty.", "Answers count a little")
    fill(browser, **{"Why Glow?": ""}).presses("Send application").sees("ben@example.com")


def test_a_stranger_applies_and_is_signed_in(browser, program):
    sent(browser).sees("Your application is with Glow", "Reference", "ben.brews", "within 3 days")
    assert browser.url == f"{APPLY}/sent"
    found = the_application(program)
    assert (found.name, found.email, found.country) == ("Ben Berg", "ben@example.com", "US")
    assert found.channels[0] == {
        "platform": "instagram", "handle": "ben.brews", "url": "https://instagram.com/ben.brews",
        "followers": 18_400, "likes_per_post": None, "comments_per_post": None,
    }  # fmt: skip
    assert [one["answer"] for one in found.answers] == ["I drink it.", ""]
    browser.opens("/creator/programs").sees("Glow Ambassadors", "Submitted")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("America/Chicago", "America/Chicago"),
        ("", "America/New_York"),
        ("Mars/Base", "America/New_York"),
    ],
)
def test_her_zone_is_the_browsers_or_else_the_brands(browser, program, said, kept):
    fill(browser).presses("Send application")
    field = browser.page.find("input", attrs={"name": "zone", "type": "hidden"})
    field["value"] = said
    browser.fills("6-digit code", code()).presses("Send application")
    browser.sees("04:00, New York time" if kept == "America/New_York" else "03:00, Chicago time")
    creator = creators.creator(the_application(program).creator_id)
    assert creator.zone == kept


def test_a_code_may_be_typed_as_it_stands_in_the_mail(browser, program):
    fill(browser).presses("Send application")
    typed = code()
    browser.fills("6-digit code", f"{typed[:3]} {typed[3:]}").presses("Send application")
    browser.sees("Your application is with Glow")


def test_a_wrong_code_loses_nothing(browser, program):
    fill(browser).presses("Send application")
    wrong = "000000" if code() != "000000" else "000001"
    browser.presses("Send application", status=422).sees("Type the six digits")
    browser.fills("6-digit code", "12").presses("Send application", status=422).sees("six digits")
    for _ in range(5):
        browser.fills("6-digit code", wrong).presses("Send application", status=422)
        browser.sees("This code is not right")
    browser.fills("6-digit code", code()).presses("Send application", status=409).sees(
        "wrong tries"
    )
    assert queries.counts(program.brand_id)["all"] == 0
    browser.opens(APPLY)
    assert browser.field("Name")["value"] == "Ben Berg"


def test_another_code_may_be_asked_for(browser, program):
    fill(browser).presses("Send application")
    browser.presses("Send another code").sees("The newest code counts")
    browser.fills("6-digit code", code()).presses("Send application").sees("Reference")


@pytest.mark.parametrize(
    ("label", "typed", "said"),
    [
        ("Name", "", "Write your name."),
        ("E-mail", "ben", "such as maya@example.com"),
        ("Country", "", "Choose the country you live in."),
        ("Country", "DE", "not in a country where this program works yet"),
        ("Profile link or handle", "", "Add at least one place where you post."),
        ("Profile link or handle", "@ben", "Choose the platform beside it."),
        ("Profile link or handle", "instagram.com", "Write your handle"),
        ("Followers", "", "Write how many followers"),
        ("Followers", "many", "Write a number, such as 4,200 or 12.5k."),
    ],
)
def test_a_mistake_is_said_at_its_place_and_nothing_is_lost(browser, program, label, typed, said):
    fill(browser, **{label: typed} | ({"Followers": ""} if "least one" in said else {}))
    browser.presses("Send application", status=422).sees("There is something to correct", said)
    assert browser.page.title.string.startswith("Error: Apply")
    assert "I drink it." in str(browser.field("Why Glow?"))
    browser.opens(APPLY)
    assert "I drink it." in str(browser.field("Why Glow?"))


def test_somebody_under_age_learns_the_rule(browser, program):
    fill(browser)
    browser._values.pop("is_adult")
    browser.presses("Send application", status=422).sees("You must be 18 or older to join.")


def test_consent_is_asked_for_and_never_assumed(browser, program):
    browser.opens(APPLY)
    assert not browser.field("Glow may read").has_attr("checked")
    fill(browser)
    browser._values.pop("has_consented")
    browser.presses("Send application", status=422).sees("Tick this to let the brand read")


def test_a_draft_survives_a_reload_and_needs_no_button(app, program):
    phone = Browser(app, htmx=True)
    phone.opens(APPLY).fills("Name", "Ben Berg").fills("E-mail", "ben@ex")
    form = phone.page.find("form", id="application")
    assert form["action"] == form["hx-post"]
    data = {**phone._form_values(form), "channels-0-where": "@ben"}
    answer = phone.client.post(APPLY, data=data, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert b"Draft saved" in answer.data
    assert b"<h1" not in answer.data
    phone.opens(APPLY).sees("Draft saved")
    assert phone.field("Name")["value"] == "Ben Berg"
    assert phone.field("Profile link or handle")["value"] == "ben"
    stranger = Browser(app)
    stranger.opens(APPLY)
    assert not stranger.field("Name").get("value")


def test_without_javascript_three_rows_and_a_button_for_more(browser, program):
    browser.opens(APPLY)
    assert (
        len(
            browser.page.find_all(
                "input", attrs={"name": lambda name: name and name.endswith("where")}
            )
        )
        == 3
    )
    browser.fills("Name", "Ben Berg").presses("Add another channel")
    rows = browser.page.find_all(
        "input", attrs={"name": lambda name: name and name.endswith("where")}
    )
    assert len(rows) == 4
    assert browser.field("Name")["value"] == "Ben Berg"
    browser.opens(f"{APPLY}?rows=99")
    browser.opens(f"{APPLY}?rows=x")


def test_pressing_twice_sends_once(browser, program):
    sent(browser)
    browser.posts(APPLY, {
        "do": "send", "name": "Ben Berg", "email": "ben@example.com", "country": "US", "is_adult": "y",
        "has_consented": "y", "channels-0-where": "@ben", "channels-0-platform": "tiktok",
        "channels-0-followers": "5",
    }, status=200)  # fmt: skip
    assert browser.url == f"{APPLY}/sent"
    assert queries.counts(program.brand_id)["all"] == 1


def test_the_back_button_after_sending_leads_to_the_receipt(browser, program):
    sent(browser).opens(APPLY)
    assert browser.url == f"{APPLY}/sent"
    browser.opens(f"{APPLY}/verify")
    assert browser.url == f"{APPLY}/sent"


def test_somebody_known_is_not_asked_again(world, program):
    a_creator("Cleo", country="CA")
    cleo = world.signed_in("cleo@example.com").opens(APPLY)
    assert cleo.field("Name")["value"] == "Cleo Example"
    assert cleo.field("E-mail").has_attr("readonly")
    cleo.fills("Profile link or handle", "@cleo").fills("Platform", "youtube").fills(
        "Followers", "5000"
    )
    cleo.chooses("Glow may read").presses("Send application").sees("Your application is with Glow")
    assert the_application(program).email == "cleo@example.com"


def test_a_forged_address_does_not_apply_for_somebody_else(world, program):
    a_creator("Cleo")
    cleo = world.signed_in("cleo@example.com").opens(APPLY)
    fill(cleo, **{"E-mail": "ada@example.com"}).presses("Send application")
    assert the_application(program).email == "cleo@example.com"


def test_a_declined_creator_reads_why_and_when(world, program):
    ben = an_application(program, "Ben")
    with unit_of_work():
        commands.decide(
            ben.id, ApplicationStatus.DECLINED, "Try in spring.", by=None, undo_seconds=300,
            reason=DeclineReason.AUDIENCE_SIZE, reapply="30",
        )  # fmt: skip
    browser = world.signed_in("ben@example.com")
    browser.opens(APPLY).sees("Your application is with Glow").does_not_see("Try in spring")
    clock.pass_time(timedelta(seconds=300))
    browser.opens(APPLY).sees("Not this time", "larger audience", "Try in spring.", "from 1 Apr")
    browser.opens("/creator/programs").sees(
        "Declined", "larger audience", "You can apply again from 1 Apr"
    )
    clock.pass_days(30)
    browser.opens(APPLY).sees("Apply to Glow Ambassadors")


def test_an_approved_creator_is_led_to_her_code(world, program):
    ben = an_application(program, "Ben")
    with unit_of_work():
        commands.decide(ben.id, ApplicationStatus.APPROVED, "Welcome", by=None)
    world.signed_in("ben@example.com").opens(f"{APPLY}/sent").sees("You are in", "Welcome").follows(
        "Get your code"
    ).sees("Accept the terms")


def test_a_member_who_applies_again_is_told(world, program):
    an_ambassador(program, "Ada")
    ada = world.signed_in("ada@example.com").opens(APPLY)
    assert ada.url == f"{APPLY}/sent"


def test_withdrawing_and_applying_again(world, program):
    an_application(program, "Ben")
    ben = world.signed_in("ben@example.com").opens(f"{APPLY}/sent")
    ben.presses("Withdraw application").sees("You withdrew this application", "Apply again")
    ben.posts(f"{APPLY}/withdraw", status=200).sees("You withdrew this application")
    ben.follows("Apply again").sees("Apply to Glow Ambassadors")


def test_the_receipt_is_nobody_elses(browser, world, program):
    an_application(program, "Ben")
    browser.opens(f"{APPLY}/sent").sees("Sign in")
    world.cy.browser.opens(f"{APPLY}/sent")
    assert world.cy.browser.url == APPLY


def test_a_program_that_closes_meanwhile_says_so(browser, program):
    fill(browser)
    with unit_of_work():
        programs.close_applications(program.id, by=None)
    browser.presses("Send application", status=409).sees("does not take applications at the moment")


def test_the_code_page_without_an_application_leads_to_the_form(browser, program):
    browser.opens(f"{APPLY}/verify")
    assert browser.url == APPLY
    browser.posts(f"{APPLY}/verify/again", status=200)
    assert browser.url == APPLY


@pytest.mark.parametrize(
    ("name", "value"),
    [("channels-0-platform", "myspace"), ("channels-0-followers", "-5"), ("country", "Utopia"),
     ("name", "x" * 5_000), ("channels-0-where", "y" * 9_000), ("channels-99-where", "@z"),
     ("channels-0-likes", "9" * 40), ("name", "a\0b"), ("answers-0", "z" * 100_000)],
)  # fmt: skip
def test_junk_is_kept_out_and_breaks_nothing(browser, program, name, value):
    fill(browser)
    browser._values[name] = value
    browser.presses("Send application")
    assert browser.status in (200, 422)
    browser.opens(APPLY)
