"""Handles, pasted profile addresses, and what a provider's report means."""

from datetime import timedelta

import pytest

from portal.creators import rules
from portal.creators.models import DestinationState
from portal.kernel import clock
from portal.kernel.errors import InvalidInput


@pytest.mark.parametrize(
    ("pasted", "found"),
    [
        ("instagram.com/aisha", ("instagram", "aisha", "https://instagram.com/aisha")),
        ("https://www.tiktok.com/@aisha?x=1", ("tiktok", "aisha", "https://www.tiktok.com/@aisha")),
        (
            "www.youtube.com/c/abc/videos",
            ("youtube", "abc", "https://www.youtube.com/c/abc/videos"),
        ),
        (
            "aisha.substack.com/",
            ("newsletter", "aisha.substack.com", "https://aisha.substack.com/"),
        ),
        ("@aisha", ("", "aisha", "")),
        ("www.instagram.com", ("instagram", "", "https://www.instagram.com")),
        ("https://blog.example/me", ("", "blog.example", "https://blog.example/me")),
        ("javascript://x/y", ("", "", "")),
        ("", ("", "", "")),
    ],
)
def test_what_a_pasted_address_says(pasted, found):
    assert rules.channel_in(pasted) == found


def test_a_chosen_platform_wins_and_gives_the_address():
    assert rules.channel_in("@aisha", "tiktok") == (
        "tiktok", "aisha", "https://www.tiktok.com/@aisha",
    )  # fmt: skip
    assert rules.channel_in("https://blog.example/me", "blog")[0] == "blog"
    assert rules.channel_in("aisha", "blog") == ("blog", "aisha", "")


@pytest.mark.parametrize(
    ("typed", "folded"), [("@Maya", "maya"), (" MAYA ", "maya"), ("Ｍaya", "maya")]
)
def test_handles_are_compared_without_case(typed, folded):
    assert rules.folded_handle(typed) == folded


@pytest.mark.parametrize("handle", ["", ".maya", "maya.", "ma ya", "maya-b", "x" * 31, "мая"])
def test_handles_that_cannot_stand_in_an_address(handle):
    with pytest.raises(InvalidInput):
        rules.check_handle(handle)


@pytest.mark.parametrize("handle", ["maya", "Maya.B", "maya_b", "m", "a1"])
def test_handles_that_can(handle):
    rules.check_handle(handle)


def test_a_first_handle_comes_from_the_name():
    assert rules.handle_from("Diego Fernández") == "diegofernandez"
    assert rules.handle_from("Юлия") == ""


@pytest.mark.parametrize(
    ("report", "missing", "state"),
    [
        ("payable", [], DestinationState.READY),
        ("not_payable", ["dob"], DestinationState.ACTION_NEEDED),
        ("not_payable", [], DestinationState.VERIFYING),
        ("disconnected", [], DestinationState.DISCONNECTED),
        ("restricted", ["dob"], DestinationState.RESTRICTED),
        ("rejected", ["rejected.fraud"], DestinationState.REJECTED),
        ("restricted", ["confirmation", "dob"], DestinationState.ACTION_NEEDED),
        ("rejected", ["confirmation", "rejected.fraud"], DestinationState.REJECTED),
    ],
)
def test_what_a_report_means(report, missing, state):
    assert rules.state_after_report(report, missing, None, clock.now()) is state


def test_a_changed_account_cools_until_the_very_instant():
    now = clock.now()
    until = now + timedelta(seconds=1)
    assert rules.state_after_report("payable", [], until, now) is DestinationState.COOLING
    assert rules.state_after_report("payable", [], until, until) is DestinationState.READY


def test_an_unknown_report_is_refused():
    with pytest.raises(InvalidInput):
        rules.state_after_report("fine", [], None, clock.now())
