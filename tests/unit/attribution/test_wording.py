"""A trace in words: what creators may read, and what staff may."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.ambassadors.models import MembershipStatus
from portal.attribution.models import Reason
from portal.attribution.rules import sentences
from portal.attribution.wording import HEADLINES
from portal.programs.models import CodePolicy
from tests.support.touches import NOON, ORDER, A, B, click, code, decide, touches

NAMES = {A: "Ada Example", B: "Ben Example"}


def told(decision, audience="creator", **more):
    return [
        (s.state, s.title, s.text, s.deciding) for s in sentences(decision.trace, audience, **more)
    ]


def test_a_credited_code_as_its_creator_reads_it():
    assert told(decide(code(A, "ADA15"), click(B, 2))) == [
        ("pass", "The store sent us this order", "31 Mar, 12:00, 22 seconds after checkout", False),
        ("pass", "You were an active ambassador", "Since 31 Dec 2025", False),
        ("pass", "ADA15 was typed at checkout", "A typed code beats every link", True),
        (
            "skip",
            "Another ambassador’s link was clicked too",
            "29 Mar, 12:00. 2 days before; the window is 30 days",
            False,
        ),
    ]


def test_a_credited_click():
    lines = told(decide(click(A, 8)))
    assert lines[-1] == (
        "pass", "Your link was clicked in time",
        "23 Mar, 12:00. 8 days before; the window is 30 days. Nobody else had a part in it", True,
    )  # fmt: skip
    assert ("skip", "No code was typed at checkout", "", False) in lines


def test_a_later_touch_of_another_as_the_loser_reads_it():
    lines = told(decide(click(A, 8), click(B, 1)), viewer=A)
    assert lines[-1] == (
        "fail", "Yours was not the touch that counts",
        "Another ambassador’s link was clicked on 30 Mar, 12:00. The last click before the order counts",
        True,
    )  # fmt: skip
    assert (
        "pass",
        "Your link was clicked in time",
        "23 Mar, 12:00. 8 days before; the window is 30 days",
        False,
    ) in lines


def test_nobody_credited():
    lines = told(decide(click(A, 41)), viewer=A)
    assert (
        "fail",
        "Your link was clicked too early",
        "18 Feb, 12:00. 41 days before; the window is 30 days",
        False,
    ) in lines
    assert lines[-1][:2] == ("fail", "So it was not credited")
    assert lines[-1][2] == HEADLINES[Reason.CLICK_OUTSIDE_WINDOW]


def test_an_inactive_membership_is_told_with_its_date():
    lines = told(
        decide(
            code(A, membership=MembershipStatus.ONBOARDING, member_since=NOON + timedelta(days=5))
        ),
        viewer=A,
    )
    assert (
        "fail",
        "Your membership was not active then",
        "It became active on 5 Apr 2026",
        False,
    ) in lines


def test_waiting_and_excluded_orders():
    assert told(decide(order=replace(ORDER, is_paid=False)))[-1][:2] == (
        "later",
        "The buyer has not paid yet",
    )
    assert told(decide(order=replace(ORDER, is_test=True)))[-1][:2] == (
        "fail",
        "It is a test order",
    )


def test_staff_read_names_and_codes():
    lines = told(decide(code(A, "ADA15"), click(B, 2)), "brand", names=NAMES)
    assert (
        "pass",
        "ADA15 was typed at checkout",
        "Ada Example’s code. A typed code beats every link",
        True,
    ) in lines
    assert any(title == "Ben Example’s link was clicked too" for _, title, _, _ in lines)
    near = decide(order=replace(ORDER, unknown_codes=(("ADA1S", "ADA15"),)))
    assert (
        "fail",
        "ADA1S was typed at checkout",
        "It looks like ADA15, but is not a code",
        False,
    ) in told(near, "finance")


def test_times_are_in_the_readers_zone():
    assert told(decide(click(A, 1)), zone="America/New_York")[0][2].startswith("31 Mar, 08:00")


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(touches, st.sampled_from(CodePolicy), st.sampled_from([None, 1, 2, 3]))
def test_a_creator_reads_no_code_and_no_name_but_her_own(found, code_policy, viewer):
    coded = [
        replace(touch, code=f"SECRET{touch.ambassador_id}") if touch.code else touch
        for touch in found
    ]
    order = replace(ORDER, unknown_codes=(("TYPED1", "SECRET1"),))
    decision = decide(*coded, order=order, code_policy=code_policy)
    own = viewer or decision.ambassador_id
    text = " ".join(f"{title} {text}" for _, title, text, _ in told(decision, viewer=viewer))
    assert "TYPED1" not in text
    for other in {1, 2, 3} - {own}:
        assert f"SECRET{other}" not in text
    assert sum(deciding for *_, deciding in told(decision, viewer=viewer)) == 1


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_its_words(reason):
    assert HEADLINES[reason]
