"""Confirming who one is, the password, and the other browsers one is signed in with."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from portal.demo.cast import PASSWORD as PASSWORD_OF_ALL
from portal.identity import commands, queries, sign_in
from portal.identity.forms import PasswordSignInForm
from portal.identity.models import SignInChallenge
from portal.kernel import clock
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.browser import Browser
from tests.support.world import PASSWORD, World


def newest_code() -> str:
    asked = db.session.scalar(db.select(SignInChallenge).order_by(SignInChallenge.id.desc()))
    code = queries.code_for(asked)
    db.session.remove()
    return code


def cookie(browser: Browser) -> str:
    return browser.client.get_cookie("vouch").value


def confirms(browser: Browser, then: str = "/account/password") -> Browser:
    browser.opens(f"/sign-in/confirm?next={then}").fills("Password", PASSWORD)
    return browser.presses("Confirm")


def test_confirming_by_password_leads_on_under_a_new_session(world: World, app):
    cy = world.cy.opens("/account/password").sees("Confirm that it is you")
    old = Browser(app)
    old.client.set_cookie("vouch", cookie(cy))
    cy.fills("Password", PASSWORD).presses("Confirm").sees("Choose a password")
    old.opens("/account").sees("E-mail address")


def test_confirming_by_code_leads_on(world: World):
    cy = world.cy.opens("/account/password").presses("E-mail me a code").sees("cy@example.com")
    cy.fills("Code", newest_code()).presses("Confirm").sees("Choose a password")


def test_a_wrong_password_or_code_leads_nowhere(world: World):
    cy = world.cy.opens("/account/password").fills("Password", "wrong")
    cy.presses("Confirm", status=422).sees("This is not your password")
    cy.presses("E-mail me a code")
    wrong = f"{(int(newest_code()) + 1) % 1_000_000:06d}"
    cy.fills("Code", wrong).presses("Confirm", status=422).sees("not right")
    cy.opens("/account/password").sees("Confirm that it is you")


def test_a_code_of_the_sign_in_page_does_not_confirm(world: World):
    cy = world.cy.opens("/account/password").presses("E-mail me a code")
    with unit_of_work():
        other = commands.start_challenge("cy@example.com", "sign-in")
    cy.fills("Code", queries.code_for(other)).presses("Confirm", status=422)


def test_the_answer_holds_five_minutes_of_wall_time(world: World):
    cy = confirms(world.cy.browser)
    clock.pass_days(3)
    cy.opens("/account/password").sees("Choose a password")
    with time_machine.travel(clock.wall() + timedelta(minutes=5, seconds=2), tick=False):
        cy.opens("/account/password").sees("Confirm that it is you")


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example"])
def test_confirming_sends_nobody_away(world: World, target):
    cy = confirms(world.cy.browser, then=target)
    assert cy.url == "/"


def test_a_person_without_a_password_confirms_by_code(world: World):
    with unit_of_work():
        commands.register("nia@example.com", "Nia")
    nia = world.signed_in("nia@example.com").opens("/account/password")
    assert nia.page.find("input", type="password") is None
    nia.presses("E-mail me a code").fills("Code", newest_code()).presses("Confirm")
    nia.fills("New password", "a fine long one").presses("Save password").sees(
        "Your password is set"
    )
    assert commands.check_password("nia@example.com", "a fine long one")


def test_a_new_password_signs_every_other_browser_out(world: World):
    cy, other = confirms(world.cy.browser), world.signed_in(world.cy.email)
    other.opens("/account").sees("Your account")
    cy.opens("/account/password").fills("New password", "a fine long one").presses("Save password")
    cy.sees("Your password is set")
    other.opens("/account").sees("E-mail address")


@pytest.mark.parametrize("typed", ["", "short"])
def test_a_new_password_has_ten_characters(world: World, typed):
    cy = confirms(world.cy.browser).fills("New password", typed)
    cy.presses("Save password", status=422).sees("Error: ")
    assert commands.check_password(world.cy.email, PASSWORD)


def test_a_password_is_not_set_without_a_fresh_proof(world: World):
    cy = world.cy.opens("/account")
    cy.posts("/account/password", {"password": "a fine long one"}).sees("Confirm that it is you")
    assert commands.check_password(world.cy.email, PASSWORD)


def test_signing_out_everywhere_else(world: World):
    cy, other = world.cy.browser, world.signed_in(world.cy.email)
    other.opens("/account").sees("Sign out everywhere else")
    cy.opens("/account").presses("Sign out everywhere else").sees("1 signed out")
    other.opens("/account").sees("E-mail address")
    cy.posts("/account/sessions/end").sees("signed in nowhere else")


@pytest.mark.parametrize(
    "url", ["/account", "/account/password", "/sign-in/confirm", "/sign-in/confirm/code"]
)
def test_a_visitor_is_asked_to_sign_in(browser: Browser, url):
    browser.opens(url).sees("E-mail address")


@pytest.mark.parametrize("url", ["/account/sessions/end", "/sign-in/confirm/send"])
def test_get_changes_nothing(world: World, url):
    world.cy.opens(url, status=405)


# ---- what was typed before
def test_only_texts_are_kept_and_never_a_secret(app):
    typed = {"email": "cy@example.com", "password": "hidden from all", "csrf_token": "x"}
    with app.test_request_context("/", method="POST", data=typed):
        assert sign_in._texts_of(PasswordSignInForm()) == {"email": "cy@example.com"}


def test_the_page_says_in_a_demo_where_the_password_and_the_code_are(
    world: World, app, monkeypatch
):
    cy = world.cy.opens("/sign-in/confirm").does_not_see("In this demo")
    monkeypatch.setitem(app.config, "PORTAL", replace(app.config["PORTAL"], demo=True))
    cy.opens("/sign-in/confirm").sees(PASSWORD_OF_ALL, "mail outbox")
    cy.presses("E-mail me a code").sees("mail outbox")
