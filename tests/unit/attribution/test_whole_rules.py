"""What terms may choose beyond codes and clicks: R19, R20, R43–R51, R56, and the properties."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ambassadors.models import MembershipStatus
from portal.attribution import evidence, rules
from portal.attribution.checks import months_after
from portal.attribution.evidence import Purchase, bound_to, stands_down
from portal.attribution.facts import Facts, TouchKind, facts_from
from portal.attribution.models import Outcome, Reason
from portal.attribution.rules import sentences
from portal.kernel.money import Money
from portal.programs.models import (
    BindingRule,
    BindingYields,
    CodePolicy,
    CustomerRule,
    RenewalRule,
    SplitRule,
)
from portal.programs.rules import AttributionTerms
from tests.support.touches import (
    NOON,
    ORDER,
    A,
    B,
    C,
    brought,
    by_hand,
    click,
    code,
    decide,
    more_terms,
    orders,
    terms,
    touches,
)

FOLLOW = {"renewals": RenewalRule.FOLLOW}
SIXTH = replace(ORDER, charges_before=5)


# ---- subscriptions
def test_R45_a_renewal_belongs_to_whoever_brought_the_subscription():
    found = decide(brought(A), code(B), **FOLLOW)
    assert (found.ambassador_id, found.reason) == (A, Reason.RENEWAL)
    assert decide(brought(A), code(B)).ambassador_id == B
    assert decide(brought(A)).reason is Reason.NO_CODE_NO_CLICK


def test_R45_the_limit_is_by_charges_or_by_months_whatever_code_is_repeated():
    third = replace(ORDER, charges_before=2)
    assert decide(brought(A), order=third, renewal_charges=3, **FOLLOW).ambassador_id == A
    over = decide(brought(A), code(A), order=SIXTH, renewal_charges=3, **FOLLOW)
    assert (over.outcome, over.reason) == (Outcome.NOT_CREDITED, Reason.CAP_REACHED)
    late = decide(brought(A, days=62), renewal_months=2, **FOLLOW)
    assert late.reason is Reason.CAP_REACHED
    assert decide(brought(A, days=30), renewal_months=2, **FOLLOW).ambassador_id == A


def test_R45_first_three_charges_at_one_rate_then_another():
    """Dollar Shave Club: 9.00 monthly, three charges at 20 %, then 10 %: 6.30 after four."""
    rates = [
        decide(code(A), order=replace(ORDER, charges_before=n), first_charges=3,
               later_rate_bp=1_000).rate_bp
        for n in range(4)
    ]  # fmt: skip
    assert rates == [None, None, None, 1_000]
    nine = Money.of("9.00 USD")
    paid = [nine.portion(2_000 if rate is None else rate) for rate in rates]
    assert str(Money.total(paid, "USD")) == "6.30 USD"


def test_months_are_calendar_months():
    at = datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert months_after(at, 1) == datetime(2026, 2, 28, 12, tzinfo=UTC)
    assert months_after(at, 12) == datetime(2027, 1, 31, 12, tzinfo=UTC)


# ---- bound customers
@pytest.mark.parametrize(
    ("yields", "of_code", "of_click"),
    [
        (BindingYields.TO_CODES, B, A),
        (BindingYields.TO_TOUCHES, B, B),
        (BindingYields.TO_NOTHING, A, A),
    ],
)
def test_R44_what_takes_a_bound_customers_order(yields, of_code, of_click):
    bound = brought(A, TouchKind.BINDING)
    kept = {"binding": BindingRule.FIRST_PARTNER, "binding_yields": yields}
    assert decide(bound, **kept).reason is Reason.BOUND_CUSTOMER
    assert decide(bound).reason is Reason.NO_CODE_NO_CLICK
    assert decide(bound, code(B), **kept).ambassador_id == of_code
    assert decide(bound, click(B, 1), **kept).ambassador_id == of_click


DAY = timedelta(days=1)
FIRST = AttributionTerms(binding=BindingRule.FIRST_PARTNER, binding_days=30)


def bought(*pairs):
    return [Purchase(n, NOON - days * DAY, who) for n, (who, days) in enumerate(pairs)]


def test_R44_first_and_last_partner_static_and_dynamic():
    by_b_later = bought((A, 29), (B, 5))
    assert bound_to(by_b_later, FIRST, NOON).ambassador_id == A
    last = replace(FIRST, binding=BindingRule.LAST_PARTNER)
    assert bound_to(by_b_later, last, NOON).ambassador_id == B
    again = bought((A, 50), (A, 25))
    assert bound_to(again, FIRST, NOON) is None
    assert bound_to(again, replace(FIRST, binding_restarts=True), NOON).order_id == 0
    lapsed = bought((A, 50), (B, 15))
    assert bound_to(lapsed, FIRST, NOON).ambassador_id == B
    assert bound_to(bought((A, 50), (A, 31)), FIRST, NOON) is None
    assert bound_to(by_b_later, AttributionTerms(), NOON) is None


def test_R44_the_last_second_of_a_binding_is_inside():
    assert bound_to(bought((A, 30)), FIRST, NOON).ambassador_id == A
    assert bound_to(bought((A, 30)), FIRST, NOON + timedelta(seconds=1)) is None


@given(st.lists(st.tuples(st.sampled_from([A, B]), st.integers(1, 90)), max_size=6), st.randoms())
def test_R44_the_order_of_purchases_never_matters(pairs, random):
    found = bought(*pairs)
    shuffled = list(found)
    random.shuffle(shuffled)
    for rule in BindingRule:
        wanted = replace(FIRST, binding=rule)
        assert bound_to(found, wanted, NOON) == bound_to(shuffled, wanted, NOON)


# ---- who may earn on it
def test_R20_new_customers_only():
    only = {"customers": CustomerRule.NEW_ONLY}
    known = replace(ORDER, is_new_customer=False)
    assert decide(code(A), order=known, **only).reason is Reason.EXISTING_CUSTOMER
    assert decide(code(A), order=known).ambassador_id == A
    for is_new in (True, None):
        order = replace(ORDER, is_new_customer=is_new)
        assert decide(code(A), order=order, **only).ambassador_id == A
    renewed = decide(brought(A), order=known, **only, **FOLLOW)
    assert renewed.ambassador_id == A


def test_a_minimum_counts_in_its_own_currency_only():
    small = replace(ORDER, base_minor=4_999, currency="USD")
    assert decide(code(A), order=small, minimum_minor=5_000).reason is Reason.BELOW_MINIMUM
    equal = replace(small, base_minor=5_000)
    assert decide(code(A), order=equal, minimum_minor=5_000).ambassador_id == A
    other = replace(small, currency="EUR")
    assert decide(code(A), order=other, minimum_minor=5_000).ambassador_id == A


def test_R43_days_of_grace_after_the_end_and_never_after_a_ban():
    ended = {"membership": MembershipStatus.ENDED, "membership_since": NOON - 10 * DAY}
    assert decide(code(A, **ended), grace_days=11).ambassador_id == A
    assert decide(code(A, **ended), grace_days=10).reason is Reason.MEMBERSHIP_INACTIVE
    banned = ended | {"membership": MembershipStatus.BANNED}
    assert decide(code(A, **banned), grace_days=30).reason is Reason.MEMBERSHIP_INACTIVE


@pytest.mark.parametrize(
    ("shared", "earns"),
    [((), True), (("ip",), True), (("surname",), True), (("ip", "surname"), True),
     (("email",), False), (("customer_id",), False), (("payment",), False)],
)  # fmt: skip
def test_R51_proof_takes_the_credit_and_a_likeness_only_flags(shared, earns):
    found = decide(code(A, evidence=shared))
    assert (found.ambassador_id == A) is earns
    assert found.flags == (shared if earns else ())
    assert (evidence.score(shared) >= evidence.ENOUGH) is not earns


def test_R36_a_second_report_by_another_shop_waits_for_a_person():
    found = decide(code(A), order=replace(ORDER, is_duplicate=True))
    assert (found.outcome, found.reason) == (Outcome.NEEDS_DECISION, Reason.DUPLICATE)


# ---- stand-down
def test_R56_a_click_from_the_checkout_cannot_displace_an_earlier_one():
    late = click(B, 0, at=NOON - timedelta(minutes=1), stands_down="checkout")
    assert decide(click(A, 5), late, stand_down=True).ambassador_id == A
    assert decide(click(A, 5), late).ambassador_id == B
    assert decide(late, stand_down=True).ambassador_id == B
    assert decide(click(B, 5), late, stand_down=True).click_id == late.touch_id
    assert decide(click(A, 31), late, stand_down=True).ambassador_id == B
    assert decide(click(A, 5), late, stand_down=True).assists == ()


def test_R56_the_checkout_is_known_by_its_host_or_its_time():
    hosts = ["glow.example"]
    assert stands_down("shop.glow.example", NOON, hosts, None) == "checkout"
    assert stands_down("checkout.stripe.com", NOON, [], None) == "checkout"
    assert stands_down("notglow.example", NOON, hosts, None) == ""
    assert stands_down("", NOON, hosts, NOON) == "after_checkout"
    assert stands_down("", NOON - timedelta(seconds=1), hosts, NOON) == ""


# ---- assists and splits
def test_R34_R49_the_loser_has_an_assist_and_clicks_are_counted():
    found = decide(code(A), click(B, 1), click(B, 3), click(B, 5), click(A, 6))
    assert [(p.ambassador_id, p.clicks, p.has_code) for p in found.assists] == [(B, 3, False)]
    credit = found.trace[-1]["facts"]
    assert (credit["clicks"], credit["creators"]) == (4, 2)


def test_R50_equal_and_weighted_splits():
    three = code(A), click(B, 1), click(C, 2)
    equal = decide(*three, split=SplitRule.EQUAL)
    assert equal.shares == ((A, 1), (B, 1), (C, 1))
    parts = Money.of("10.00 USD").split([weight for _, weight in equal.shares])
    assert [str(part) for part in parts] == ["3.34 USD", "3.33 USD", "3.33 USD"]
    weighted = decide(*three, split=SplitRule.WEIGHTED, split_winner_bp=7_000)
    parts = Money.of("10.00 USD").split([weight for _, weight in weighted.shares])
    assert [str(part) for part in parts] == ["7.00 USD", "1.50 USD", "1.50 USD"]
    assert (weighted.assists, decide(code(A), split=SplitRule.EQUAL).shares) == ((), ())


def test_R50_nobody_of_another_program_shares():
    other = click(B, 1, program_id=2)
    found = rules.credit_for(
        ORDER, [code(A), other], {1: terms(split=SplitRule.EQUAL), 2: terms(id=8)}
    )
    assert (found.shares, found.assists[0].ambassador_id) == ((), B)


def test_a_decision_by_hand():
    order = replace(ORDER, chosen=B, is_duplicate=True)
    found = decide(code(A), by_hand(B), order=order)
    assert (found.ambassador_id, found.reason) == (B, Reason.CREDITED_BY_HAND)
    assert found.assists[0].ambassador_id == A


# ---- properties
@given(orders, touches, more_terms, st.sampled_from(CodePolicy), st.randoms())
def test_the_order_of_touches_never_matters_and_a_decision_repeats(
    order, found, more, policy, random
):
    shuffled = list(found)
    random.shuffle(shuffled)
    once = decide(*found, order=order, code_policy=policy, **more)
    assert once == decide(*shuffled, order=order, code_policy=policy, **more)
    assert once == decide(*found, order=order, code_policy=policy, **more)


@given(orders, touches, more_terms, st.sampled_from(CodePolicy), st.integers(0, 10**6))
def test_R50_at_most_one_full_commission_and_never_to_a_stranger(order, found, more, policy, minor):
    decision = decide(*found, order=order, code_policy=policy, **more)
    who = [decision.ambassador_id] if decision.outcome is Outcome.CREDITED else []
    assert bool(who) is (decision.ambassador_id is not None)
    if decision.shares:
        amount = Money(minor, "USD")
        parts = amount.split([weight for _, weight in decision.shares])
        assert Money.total(parts, "USD") == amount
        assert [one for one, _ in decision.shares][:1] == who
        assert len({one for one, _ in decision.shares}) == len(decision.shares)
    assert {one for one, _ in decision.shares} <= {touch.ambassador_id for touch in found}
    assert not {part.ambassador_id for part in decision.assists} & set(who)


@given(orders, touches, more_terms, st.sampled_from(CodePolicy))
def test_stored_facts_give_the_same_decision(order, found, more, policy):
    facts = Facts(order, tuple(found), {1: terms(policy, **more)})
    back = facts_from(facts.plain())
    assert back == facts
    assert rules.decide(back) == rules.decide(facts)


@given(orders, touches, more_terms, st.sampled_from([None, A, B, C]))
def test_every_trace_has_words_for_everybody(order, found, more, viewer):
    decision = decide(*found, order=order, **more)
    for audience in ("creator", "brand", "finance"):
        told = sentences(decision.trace, audience, viewer=viewer, names={A: "Ada", B: "Ben"})
        assert all(one.title and "None" not in f"{one.title}{one.text}" for one in told)
        if audience == "creator":
            assert not any(name in f"{s.title}{s.text}" for s in told for name in ("Ada Ex", "Ben"))


def test_facts_of_another_form_are_not_read():
    assert facts_from({"placed_at": "2026-01-01"}) is None
