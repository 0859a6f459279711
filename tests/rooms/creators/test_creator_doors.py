"""Who she is and where she posts, as she edits it."""

import pytest

from portal.creators import queries
from tests.support.people import a_creator

ME = "/creator/me"


@pytest.fixture
def ada(world):
    a_creator("Ada")
    return world.signed_in("ada@example.com")


def test_the_page_leads_to_everything_of_hers(ada):
    ada.opens(ME).sees(
        "Ada Example", "@adaexample", "Programs", "Payouts", "No channels yet", "Set up payouts"
    )


def test_the_profile_is_changed(ada):
    ada.opens(f"{ME}/profile").fills("Name", "Ada L.").fills("Handle", "@ada.l").fills(
        "Time zone", "Europe/Rome"
    )
    ada.presses("Save profile").sees("Your profile is saved.", "Ada L.", "@ada.l")
    assert queries.by_handle("ada.l").zone == "Europe/Rome"
    ada.opens(f"{ME}/profile").fills("Name", "").presses("Save profile", status=422).sees(
        "Write your name."
    )


def test_a_handle_that_is_taken_or_odd_is_refused_at_its_field(ada):
    a_creator("Ben")
    ada.opens(f"{ME}/profile").fills("Handle", "BENexample").presses(
        "Save profile", status=422
    ).sees("is taken")
    ada.fills("Handle", "a b").presses("Save profile", status=422).sees("Use letters, numbers")


def test_a_channel_is_added_and_brought_up_to_date(ada):
    ada.opens(f"{ME}/channels/new").presses("Save channel", status=422).sees("Paste the link")
    ada.fills("Profile link or handle", "tiktok.com/@ada").fills("Followers", "4200")
    ada.presses("Save channel").sees("Your channel is saved.", "TikTok", "4,200")
    ada.opens(f"{ME}/channels/new").fills("Profile link or handle", "tiktok.com/@ada").fills(
        "Followers", "5000"
    )
    ada.presses("Save channel").sees("5,000").does_not_see("4,200")
    ada.opens(f"{ME}/channels/new").fills("Profile link or handle", "@ada").fills("Followers", "1")
    ada.presses("Save channel", status=422).sees("Choose the platform.")


def test_only_creators_have_a_profile(world, browser):
    world.mona.opens(ME, status=403)
    browser.opens(ME).sees("Sign in")
