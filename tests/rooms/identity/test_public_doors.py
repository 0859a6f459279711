"""Home, sign-in, sign-up, sign-out, colours: what anybody may open."""

from datetime import timedelta
from urllib.parse import quote

import pytest
import time_machine
from flask import Flask

from portal.extensions import limiter
from portal.identity import commands, queries
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


def wrong_code() -> str:
    return f"{(int(newest_code()) + 1) % 1_000_000:06d}"


def asks_code(browser: Browser, email: str, then: str = "") -> Browser:
    browser.opens(f"/sign-in?next={quote(then)}").fills("E-mail address", email)
    return browser.presses("E-mail me a code").sees("Type the code")


def cookie(browser: Browser) -> str:
    found = browser.client.get_cookie("vouch")
    return found.value if found else ""


# ---- home and colours
def test_home_says_what_this_is_and_lets_people_in(browser: Browser):
    browser.opens("/").sees("Every commission explained", "How it works").follows("Sign in")
    assert browser.url.startswith("/sign-in")


def test_home_shows_a_signed_in_person_her_areas(world: World):
    world.olga.opens("/").sees("Your areas", "Operator").does_not_see("Create an account")


def test_home_lists_programs_and_a_demos_cards(world: World, browser: Browser):
    lent = {
        "home.programs": lambda: [
            {"href": "/p/x", "name": "Glow ambassadors", "brand": "Glow", "pitch": "10% of each sale", "facts": None}
        ],
        "demo.cards": lambda: [{"role": "creator", "title": "Maya", "text": "Sees her code.", "figure": ""}],
    }  # fmt: skip
    before = {name: world.app.extensions.get(name) for name in lent}
    world.app.extensions.update(lent)
    try:
        browser.opens("/").sees("Glow ambassadors", "10% of each sale", "Step into a role", "Maya")
    finally:
        for name, value in before.items():
            world.app.extensions.pop(name)
            if value is not None:
                world.app.extensions[name] = value


@pytest.mark.parametrize(
    ("pressed", "shown"), [("Dark", "dark"), ("Light", "light"), ("System", None)]
)
def test_colours_are_a_cookie_rendered_into_the_page(browser: Browser, pressed, shown):
    browser.opens("/").presses(pressed, status=200)
    assert browser.page.html.get("data-theme") == shown


def test_colours_lead_back_only_within_this_site(browser: Browser):
    browser.opens("/sign-up")
    for referrer, target in (
        ("http://localhost/sign-up?next=%2Fbrand", "/sign-up?next=%2Fbrand"),
        ("https://evil.example/sign-up", "/"),
        ("http://localhost//evil.example", "/"),
        ("http://[", "/"),
    ):
        token = browser._token()
        response = browser.client.post(
            "/theme", data={"theme": "dark", "csrf_token": token}, headers={"Referer": referrer}
        )
        assert (response.status_code, response.headers["Location"]) == (303, target)


def test_a_mangled_header_that_says_where_one_comes_from_breaks_no_page(app: Flask):
    headers = {"Referer": "http://[", "Origin": "http://["}
    assert app.test_client().get("/nothing-here", headers=headers).status_code == 404


# ---- codes
def test_signing_in_with_a_code(world: World, browser: Browser):
    asks_code(browser, world.mona.email.upper())
    browser.sees("mona@example.com", "10 minutes")
    before = cookie(browser)
    browser.fills("Code", newest_code()).presses("Sign in")
    assert cookie(browser) != before
    browser.opens("/account").sees("Mona Example")


def test_after_signing_in_she_lands_where_she_was_going(world: World, browser: Browser):
    browser.opens("/brand/glow/settings/team" if world.mona else "", status=200).sees("Sign in")
    browser.fills("E-mail address", world.mona.email).presses("E-mail me a code")
    browser.fills("Code", newest_code()).presses("Sign in").sees("Team", "Mona Example")


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x"]
)
def test_nobody_is_sent_away_after_signing_in(world: World, browser: Browser, target):
    asks_code(browser, world.cy.email, then=target)
    browser.fills("Code", newest_code()).presses("Sign in", status=200)
    assert browser.url == "/"


def test_a_wrong_code_says_so_and_keeps_the_address(world: World, browser: Browser):
    asks_code(browser, world.mona.email)
    browser.fills("Code", wrong_code()).presses("Sign in", status=422)
    browser.sees("Error: ", "This code is not right", "mona@example.com")


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef"])
def test_a_code_has_six_digits(world: World, browser: Browser, typed):
    asks_code(browser, world.mona.email)
    browser.fills("Code", typed).presses("Sign in", status=422).sees("six digits")


def test_five_wrong_codes_are_the_end_of_it(world: World, browser: Browser):
    asks_code(browser, world.mona.email)
    right = newest_code()
    for _ in range(5):
        browser.fills("Code", wrong_code()).presses("Sign in", status=422)
    browser.fills("Code", right).presses("Sign in", status=409).sees("Five wrong tries")
    browser.opens("/account").sees("Sign in")


def test_an_expired_code_says_so_and_a_new_one_is_a_press_away(world: World, browser: Browser):
    asks_code(browser, world.mona.email)
    old = newest_code()
    with time_machine.travel(clock.wall() + timedelta(minutes=11), tick=False):
        browser.fills("Code", old).presses("Sign in", status=409).sees("expired", "10 minutes")
        browser.presses("Send a new code").sees("We sent a new code")
        browser.fills("Code", newest_code()).presses("Sign in")
        browser.opens("/account").sees("Mona Example")


def test_a_new_code_waits_half_a_minute(world: World, browser: Browser):
    asks_code(browser, world.mona.email)
    browser.presses("Send a new code").sees("less than 30 seconds ago")


def test_a_used_code_does_not_open_a_second_browser(world: World, app: Flask):
    first, second = Browser(app), Browser(app)
    asks_code(first, world.mona.email)
    asks_code(second, world.mona.email)  # within 30 s: the same challenge
    code = newest_code()
    first.fills("Code", code).presses("Sign in")
    second.fills("Code", code).presses("Sign in", status=409).sees("already used")


def test_a_code_works_only_in_the_browser_that_asked(world: World, app: Flask):
    asks_code(Browser(app), world.mona.email)
    Browser(app).opens("/sign-in/code").sees("E-mail address")


def test_an_unknown_address_gets_the_same_answer_and_never_a_session(world: World, app: Flask):
    known, unknown = Browser(app), Browser(app)
    asks_code(known, world.mona.email)
    asks_code(unknown, "nobody@example.com")
    assert known.text.replace("mona@", "") == unknown.text.replace("nobody@", "")
    unknown.fills("Code", newest_code()).presses("Sign in")
    assert queries.user_by_email("nobody@example.com") is None
    unknown.opens("/account").sees("Sign in")


@pytest.mark.parametrize("typed", ["", "nonsense", "a@b"])
def test_an_address_must_look_like_one(browser: Browser, typed):
    browser.opens("/sign-in").fills("E-mail address", typed)
    browser.presses("E-mail me a code", status=422).sees("Error: ")
    assert browser.field("E-mail address")["value"] == typed


def test_the_fields_help_password_managers_and_phones(browser: Browser, world: World):
    browser.opens("/sign-in/password")
    assert browser.field("E-mail address")["autocomplete"] == "username"
    assert browser.field("Password")["autocomplete"] == "current-password"
    asks_code(browser, world.mona.email)
    assert browser.field("Code")["autocomplete"] == "one-time-code"
    assert browser.field("Code")["inputmode"] == "numeric"


# ---- passwords
def signs_in(browser: Browser, email: str, password: str, status: int = 200) -> Browser:
    browser.opens("/sign-in/password").fills("E-mail address", email).fills("Password", password)
    return browser.presses("Sign in", status=status)


def test_signing_in_with_a_password(world: World, browser: Browser):
    signs_in(browser, world.cy.email, PASSWORD)
    browser.opens("/account").sees("Cy Example")


@pytest.mark.parametrize("email", ["cy@example.com", "nobody@example.com"])
def test_a_wrong_password_says_no_more_than_that(world: World, browser: Browser, email):
    assert world.cy.email
    signs_in(browser, email, "wrong", status=422).sees("do not go together")
    assert browser.field("E-mail address")["value"] == email
    assert not browser.field("Password").get("value")


def test_a_signed_in_person_need_not_sign_in_again(world: World):
    world.mona.opens("/sign-in?next=/account").sees("Your account")


# ---- sign-up and sign-out
def test_signing_up_proves_the_address_first(world: World, browser: Browser):
    browser.opens("/sign-up").fills("Your name", "Zoe  Field").fills(
        "E-mail address", "zoe@example.com"
    )
    browser.presses("E-mail me a code")
    assert queries.user_by_email("zoe@example.com") is None
    browser.fills("Code", newest_code()).presses("Sign in")
    assert queries.user_by_email("zoe@example.com").name == "Zoe Field"
    browser.opens("/account").sees("Zoe Field")


def test_signing_up_with_a_known_address_signs_in(world: World, browser: Browser):
    browser.opens("/sign-up").fills("Your name", "Thief").fills("E-mail address", world.cy.email)
    browser.presses("E-mail me a code").fills("Code", newest_code()).presses("Sign in")
    browser.opens("/account").sees("Cy Example").does_not_see("Thief")


def test_signing_up_needs_a_name(browser: Browser):
    browser.opens("/sign-up").fills("E-mail address", "zoe@example.com")
    browser.presses("E-mail me a code", status=422).sees("Write your name")
    assert browser.field("E-mail address")["value"] == "zoe@example.com"


def test_a_stolen_cookie_dies_with_sign_out(world: World, app: Flask):
    mona = world.mona.browser
    mona.opens("/account")
    stolen = Browser(app)
    stolen.client.set_cookie("vouch", cookie(mona))
    stolen.opens("/account").sees("Your account")
    mona.presses("Sign out").sees("You are signed out")
    mona.opens("/account").sees("E-mail address")
    stolen.opens("/account").sees("E-mail address")


def test_signing_out_twice_is_no_mistake(browser: Browser):
    browser.opens("/sign-in").posts("/sign-out", status=200)
    browser.posts("/sign-out", status=200)


@pytest.mark.parametrize("url", ["/sign-out", "/theme", "/sign-in/again"])
def test_get_changes_nothing(browser: Browser, url):
    browser.opens(url, status=405)


@pytest.mark.parametrize(
    "url", ["/sign-in", "/sign-up", "/sign-in/password", "/sign-out", "/theme"]
)
def test_a_form_without_its_token_is_refused(app: Flask, url):
    assert app.test_client().post(url, data={"email": "a@b.co"}).status_code == 400


@pytest.mark.parametrize("url", ["/sign-in", "/sign-up", "/sign-in/password"])
def test_a_form_of_another_site_is_refused(app: Flask, url):
    headers = {"Origin": "https://evil.example"}
    assert app.test_client().post(url, data={}, headers=headers).status_code == 400


# ---- sessions of the clock on the wall
def test_a_session_idles_out_after_two_weeks_and_reading_keeps_it(world: World):
    mona, start = world.mona.browser, clock.wall()
    for day in (10, 20, 29):
        with time_machine.travel(start + timedelta(days=day), tick=False):
            mona.opens("/account").sees("Mona Example")
    with time_machine.travel(start + timedelta(days=31), tick=False):
        mona.opens("/account").sees("E-mail address")


def test_an_unused_session_is_over_after_two_weeks(world: World):
    mona, start = world.mona.browser, clock.wall()
    with time_machine.travel(start + timedelta(days=14, hours=1), tick=False):
        mona.opens("/account").sees("E-mail address")


def test_many_tries_are_slowed_down(world: World, app: Flask):
    browser = Browser(app)
    limiter.enabled = True  # switched off by the tests' settings, on for this one test
    limiter.init_app(Flask("limited"))
    limiter.reset()
    try:
        browser.opens("/sign-in/password")
        answers = [
            browser.posts(
                "/sign-in/password", {"email": f"x{n}@example.com", "password": "x"}
            ).status
            for n in range(22)
        ]
    finally:
        limiter.enabled = False
    assert answers[0] == 422
    assert answers[-1] == 429
    browser.sees("Too many tries")


def test_roles_are_read_anew_on_each_request(world: World):
    mona = world.mona.browser.opens("/brand/glow/settings/team")
    with unit_of_work():
        commands.revoke(world.glow.id, world.mona.user_id, "brand.manager")
    mona.opens("/brand/glow/settings/team", status=404)
