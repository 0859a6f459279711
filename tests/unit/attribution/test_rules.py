"""Whose an order is: every rule of part D, and that the order of touches never matters."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ambassadors.models import MembershipStatus
from portal.attribution.evidence import is_own_purchase
from portal.attribution.models import Outcome, Reason
from portal.attribution.rules import credit_for
from portal.programs.models import ClickRule, CodePolicy
from portal.tracking.models import CodeStatus
from tests.support.touches import NOON, ORDER, A, B, C, click, code, decide, touches


# ---- the window
def test_R31_the_windows_last_second_is_in_and_the_next_is_out():
    assert decide(click(A, 30)).ambassador_id == A
    late = click(A, at=NOON - timedelta(days=30, seconds=1))
    assert decide(late).outcome is Outcome.NOT_CREDITED
    assert decide(late).reason is Reason.CLICK_OUTSIDE_WINDOW
    assert decide(click(A, at=NOON)).ambassador_id == A
    assert decide(click(A, at=NOON + timedelta(seconds=1))).outcome is Outcome.NOT_CREDITED


@pytest.mark.parametrize(("window", "paid"), [(7, False), (30, True)])
def test_R31_day_eight_with_two_windows(window, paid):
    assert (decide(click(A, 8), window_days=window).ambassador_id == A) is paid


def test_R32_last_click_by_default_and_first_click_where_the_terms_say_so():
    both = click(A, 9), click(B, 2)
    assert decide(*both).ambassador_id == B
    assert decide(*both, click_rule=ClickRule.FIRST_CLICK).ambassador_id == A
    gone = click(A, 40), click(B, 20), click(C, 2)
    assert decide(*gone, click_rule=ClickRule.FIRST_CLICK).ambassador_id == B


def test_R33_a_new_click_restarts_the_window():
    found = decide(click(A, 45), click(A, 3))
    assert (found.ambassador_id, found.reason) == (A, Reason.LINK_CLICKED)


# ---- codes against clicks
@pytest.mark.parametrize(
    ("policy", "clicks", "winner"),
    [
        (CodePolicy.ALWAYS, [(B, 1)], A),
        (CodePolicy.ALWAYS, [(A, 9), (B, 1)], A),
        (CodePolicy.IF_INVOLVED, [(B, 1)], B),
        (CodePolicy.IF_INVOLVED, [(A, 9), (B, 1)], A),
        (CodePolicy.IF_INVOLVED, [(A, 31), (B, 1)], B),
        (CodePolicy.IF_WINNER, [(A, 9), (B, 1)], B),
        (CodePolicy.IF_WINNER, [(B, 9), (A, 1)], A),
        (CodePolicy.NEVER, [(B, 1)], B),
        (CodePolicy.NEVER, [(A, 9), (B, 1)], B),
        (CodePolicy.NEVER, [(B, 9), (A, 1)], A),
    ],
)
def test_R34_code_of_a_and_clicks(policy, clicks, winner):
    touches = [code(A), *(click(who, days) for who, days in clicks)]
    found = decide(*touches, code_policy=policy)
    assert found.ambassador_id == winner
    credit = found.trace[-1]["facts"]
    assert credit["assists"] == sorted({A, *(who for who, days in clicks if days <= 30)} - {winner})


def test_R35_code_and_link_of_one_creator_are_one_credit():
    found = decide(code(A), click(A, 2))
    assert (found.ambassador_id, found.code_id, found.click_id) == (A, 10, click(A, 2).touch_id)
    assert sum(step["result"] == "decides" for step in found.trace) == 1


@pytest.mark.parametrize(
    "policy", [CodePolicy.ALWAYS, CodePolicy.IF_INVOLVED, CodePolicy.IF_WINNER]
)
def test_R37_a_code_without_any_click_is_credited(policy):
    assert decide(code(A), code_policy=policy).ambassador_id == A


def test_R34_R37_where_codes_never_credit_a_lone_code_credits_nobody():
    found = decide(code(A), code_policy=CodePolicy.NEVER)
    assert (found.outcome, found.reason) == (Outcome.NOT_CREDITED, Reason.CODES_NEVER_CREDIT)


def test_R39_of_several_codes_the_larger_discount_wins_then_the_older_code():
    assert decide(code(A, discount_bp=1000), code(B, discount_bp=1500)).ambassador_id == B
    assert decide(code(A, since=20), code(B, since=10)).ambassador_id == B
    assert decide(code(A), code(B)).ambassador_id == A


def test_a_paused_code_does_not_shadow_a_valid_link():
    """Shipped mistake 13."""
    found = decide(code(A, status=CodeStatus.PAUSED), click(B, 2))
    assert (found.ambassador_id, found.reason) == (B, Reason.LINK_CLICKED)
    assert decide(code(A, membership=MembershipStatus.ENDED), click(B, 2)).ambassador_id == B


# ---- at order time
@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (CodeStatus.PAUSED, Reason.CODE_PAUSED),
        (CodeStatus.RETIRED, Reason.CODE_EXPIRED),
        (CodeStatus.RESERVED, Reason.MEMBERSHIP_INACTIVE),
    ],
)
def test_R38_R43_a_code_that_did_not_work_then_credits_nobody(status, reason):
    found = decide(code(A, status=status))
    assert (found.outcome, found.reason) == (Outcome.NOT_CREDITED, reason)


def test_R38_a_replaced_code_works_through_its_grace():
    assert decide(code(A, status=CodeStatus.REPLACED)).ambassador_id == A


@pytest.mark.parametrize(
    "status", [None, *(s for s in MembershipStatus if s is not MembershipStatus.ACTIVE)]
)
def test_R43_only_an_active_membership_earns(status):
    for touch in (code(A, membership=status), click(A, 1, membership=status)):
        found = decide(touch)
        assert (found.outcome, found.reason) == (Outcome.NOT_CREDITED, Reason.MEMBERSHIP_INACTIVE)


def test_R15_without_terms_in_force_then_nobody_is_credited():
    assert credit_for(ORDER, [code(A)], {}).reason is Reason.MEMBERSHIP_INACTIVE


# ---- orders that do not count
def test_R11_a_test_order_is_excluded_whatever_was_typed():
    found = decide(code(A), order=replace(ORDER, is_test=True))
    assert (found.outcome, found.reason) == (Outcome.EXCLUDED, Reason.TEST_ORDER)


def test_R74_a_cancelled_order_is_excluded():
    found = decide(code(A), order=replace(ORDER, is_cancelled=True, is_paid=False))
    assert (found.outcome, found.reason) == (Outcome.EXCLUDED, Reason.CANCELLED)


def test_R48_an_unpaid_order_waits():
    found = decide(code(A), order=replace(ORDER, is_paid=False))
    assert (found.outcome, found.reason) == (Outcome.MATCHING, Reason.AWAITING_PAYMENT)


def test_R51_the_creators_own_purchase_earns_nothing_but_does_not_shadow_another():
    found = decide(code(A, evidence=("email",)))
    assert (found.outcome, found.reason) == (Outcome.NOT_CREDITED, Reason.SELF_PURCHASE)
    assert decide(code(A, evidence=("email",)), click(B, 1)).ambassador_id == B


def test_nothing_at_all():
    assert decide().reason is Reason.NO_CODE_NO_CLICK
    other = replace(ORDER, unknown_codes=(("SUMMER", None),))
    assert decide(order=other).reason is Reason.NO_CODE_NO_CLICK
    near = replace(ORDER, unknown_codes=(("ADA1S", "ADA15"),))
    assert decide(order=near).reason is Reason.CODE_MISTYPED


def test_R16_the_decision_keeps_the_terms_it_was_made_on():
    found = decide(code(A))
    assert (found.program_id, found.terms_id) == (1, 7)
    assert found.trace[-1]["facts"]["version"] == 3


# ---- properties
@given(touches, st.sampled_from(CodePolicy), st.sampled_from(ClickRule), st.randoms())
def test_the_order_of_touches_never_matters(found, code_policy, click_rule, random):
    """Shipped mistake 14, for codes and clicks alike: the same decision and the same trace."""
    shuffled = list(found)
    random.shuffle(shuffled)
    rules = {"code_policy": code_policy, "click_rule": click_rule}
    assert decide(*found, **rules) == decide(*shuffled, **rules)


@given(touches, st.sampled_from(CodePolicy), st.sampled_from(ClickRule))
def test_who_is_credited_was_usable_then_and_the_trace_says_so_once(found, code_policy, click_rule):
    decision = decide(*found, code_policy=code_policy, click_rule=click_rule)
    deciding = [step for step in decision.trace if step["result"] == "decides"]
    if decision.outcome is Outcome.CREDITED:
        own = [touch for touch in found if touch.ambassador_id == decision.ambassador_id]
        assert any(
            t.membership is MembershipStatus.ACTIVE and not is_own_purchase(t.evidence) for t in own
        )
        assert len(deciding) == 1
        assert deciding[0]["facts"]["ambassador_id"] == decision.ambassador_id
    else:
        assert decision.ambassador_id is None
        assert deciding == []
