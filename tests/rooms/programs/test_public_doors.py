"""The program page, its colours and its terms, as anybody sees them."""

from datetime import timedelta

import pytest

from portal.kernel import clock
from portal.programs import commands
from portal.storage.unit_of_work import unit_of_work
from tests.support.browser import HTMX, Browser
from tests.support.people import a_creator, a_program, an_application


def test_the_offer_stands_before_any_story(browser, program):
    browser.opens("/p/glow").sees(
        "Good things, passed on.", "Earn 10% of each sale", "15% off", "30 days", "on the 5th of each month, from $25",
        "US dollars", "US and Canada", "3,000 followers", "18 or older", "Terms, version 1",
    )  # fmt: skip
    assert browser.page.find("a", string="Apply")["href"] == "/p/glow/apply"


def test_the_calculator_answers_as_a_page_and_as_a_part(app, browser, program):
    browser.opens("/p/glow?sales=100&aov=$1,000.50").sees("100 orders a month", "$10,005.00")
    part = Browser(app, htmx=True)
    part.opens("/p/glow?sales=100&aov=$1,000.50", headers=HTMX | {"HX-Target": "calc"})
    assert part.page.find("h1") is None
    assert part.page.find(id="calc").get_text() == browser.page.find(id="calc").get_text()


@pytest.mark.parametrize(
    ("query", "said"),
    [("sales=x&aov=45", "whole number"), ("sales=-1&aov=45", "Between 0 and 10,000"),
     ("sales=20&aov=soup", "such as 25"), ("sales=20&aov=", "average order"), ("sales=20", "average order")],
)  # fmt: skip
def test_the_calculator_says_what_it_cannot_read(browser, program, query, said):
    browser.opens(f"/p/glow?{query}")
    assert said in browser.page.find(id="calc").get_text().replace(
        "Not a valid integer value.", "whole number"
    )


def test_a_program_elsewhere_or_in_draft_does_not_exist(world, browser):
    browser.opens("/p/nowhere", status=404)
    a_program(world.glow, is_open=False)
    for page in ("", "/terms", "/apply", "/theme.css"):
        browser.opens(f"/p/glow{page}", status=404)


def test_a_closed_program_says_since_when_and_offers_no_button(browser, program):
    with unit_of_work():
        commands.close_applications(program.id, by=None)
    browser.opens("/p/glow").sees("Applications closed on 2 Mar")
    assert browser.page.find("a", string="Apply") is None
    browser.opens("/p/glow/apply")
    assert browser.url == "/p/glow"


def test_the_colour_is_a_stylesheet_and_can_be_read(browser, world, program):
    browser.opens("/p/glow/theme.css")
    assert browser.response.mimetype == "text/css"
    assert "--tenant:#" in browser.response.get_data(as_text=True)
    browser.opens("/p/glow")
    assert browser.page.find("link", href="/p/glow/theme.css")


def test_terms_of_every_version_stay_readable(browser, program):
    browser.opens("/p/glow/terms").sees(
        "Terms, version 1", "You say that it is an ad.", "10% of each sale"
    )
    with unit_of_work():
        commands.publish_agreement(program.id, "Newer words.", by=None)
        commands.publish_terms(
            program.id, rate_bp=1_500, by=None, effective_at=clock.now() + timedelta(days=2)
        )
    browser.opens("/p/glow/terms").sees(
        "Terms, version 2", "Newer words.", "not yet in force", "15% of each sale"
    )
    browser.opens("/p/glow/terms/1").sees("Terms, version 1", "A newer version is in force")
    browser.opens("/p/glow/terms/3", status=404)


def test_a_signed_in_creator_sees_it_too(world, program):
    a_creator("Ada")
    world.signed_in("ada@example.com").opens("/p/glow").sees("Your portal")


def test_open_programs_stand_on_the_start_page(browser, program):
    browser.opens("/").sees("Glow Ambassadors")


def test_no_page_of_a_program_shows_an_applicant(browser, program):
    application = an_application(program, "Ben")
    for page in ("/p/glow", "/p/glow/terms"):
        browser.opens(page).does_not_see("Ben", application.reference)
