"""An invitation: read, accepted, declined; and every way it can be too late."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from portal.identity import commands, queries
from portal.identity.models import Invitation
from portal.kernel import clock
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.browser import Browser
from tests.support.world import World


def link(world: World, email: str = "new@example.com", roles=("brand.reviewer",)) -> str:
    glow, owen = world.glow.id, world.owen.user_id
    with unit_of_work():
        made = commands.invite_staff(glow, email, roles, owen)
        return f"/invite/{queries.invitation_token(made)}"


def test_it_says_who_what_and_as_what(world: World, browser: Browser):
    browser.opens(link(world, roles=("brand.reviewer", "finance.preparer")))
    browser.sees(
        "Work with Glow", "Owen Example invited new@example.com", "Reviewer", "Finance preparer"
    )
    browser.sees("open until")


def test_a_newcomer_gets_an_account_and_is_signed_in(world: World, browser: Browser):
    browser.opens(link(world)).fills("Your name", "Nia Field").presses("Create account and accept")
    browser.opens("/account").sees("Nia Field, new@example.com")
    made = queries.user_by_email("new@example.com")
    assert queries.may(made.id, "brand.reviewer", world.glow.id)


def test_a_newcomer_must_say_her_name(world: World, browser: Browser):
    browser.opens(link(world)).presses("Create account and accept", status=422).sees(
        "Write your name"
    )
    assert queries.user_by_email("new@example.com") is None


def test_a_signed_in_person_accepts_with_a_press(world: World):
    world.cy.opens(link(world, world.cy.email)).presses("Accept", status=200)
    assert queries.may(world.cy.user_id, "brand.reviewer", world.glow.id)


def test_a_known_address_signs_in_first_and_comes_back(world: World, browser: Browser):
    url = link(world, world.cy.email)
    browser.opens(url).presses("Sign in and accept")
    assert browser.field("E-mail address")["value"] == world.cy.email
    assert browser.url.startswith(f"/sign-in?next={url}")


def test_another_address_is_told_whose_it_is(world: World):
    url = link(world)
    cy = world.cy.opens(url).sees("You are signed in as cy@example.com", "sent to new@example.com")
    cy.posts(url, status=409).sees("Sign out and open the link again")
    cy.opens(url).presses("Sign out and go on").sees("Your name")
    assert cy.url == url


def test_a_used_link_says_so(world: World, app: Flask):
    url = link(world)
    Browser(app).opens(url).fills("Your name", "Nia").presses("Create account and accept")
    Browser(app).opens(url).sees("already accepted").does_not_see("Create account")
    nia = world.signed_in("new@example.com").opens(url)
    nia.posts(url, status=409).sees("already accepted")


def test_an_expired_link_says_so(world: World, browser: Browser):
    url = link(world)
    with time_machine.travel(clock.wall() + timedelta(days=7, minutes=1), tick=False):
        browser.opens(url).sees("has expired", "Ask the person who invited you")
        browser.posts(url, {"name": "Nia"}, status=409).sees("has expired")
    assert queries.user_by_email("new@example.com") is None


def test_a_revoked_link_says_so(world: World, browser: Browser):
    url = link(world)
    with unit_of_work():
        commands.revoke_invitation(db.session.scalar(db.select(Invitation.id)))
    browser.opens(url).sees("taken back")


def test_declining_ends_it(world: World, browser: Browser):
    url = link(world)
    browser.opens(url).presses("Decline").sees("You declined the invitation")
    browser.opens(url).sees("was declined")
    browser.posts(f"{url}/decline", status=409)


@pytest.mark.parametrize("token", ["x", "0" * 43])
def test_a_made_up_link_is_told_404(world: World, browser: Browser, token):
    browser.opens(f"/invite/{token}", status=404)
    browser.posts(f"/invite/{token}", status=404)


def test_reading_it_changes_nothing(world: World, browser: Browser):
    url = link(world)
    for _ in range(2):
        browser.opens(url)
    browser.opens(f"{url}/decline", status=405)
    assert db.session.scalar(db.select(Invitation)).status == "sent"
