"""What refunds and disputes leave of an order's base: pure, order-free, never below zero."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.kernel.money import Money
from portal.sales import rules
from portal.sales.rules import DisputeFact, DisputeState, OrderPayment, RefundFact, RefundFamily

BASE, TOTAL = Money.of("87.45 USD"), Money.of("100.00 USD")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def fact(amount, family=RefundFamily.OWN, *, charged=None, withdrawn=False, at=0):
    whole = Money.of(charged) if charged else None
    return RefundFact(family, Money.of(amount), whole, withdrawn, NOON + timedelta(minutes=at))


def test_r65_three_refunds_of_a_third_leave_exactly_nothing():
    thirds = [fact("29.15 USD")] * 3
    left = [BASE - rules.refunded_base(BASE, TOTAL, thirds[:count]) for count in (1, 2, 3)]
    assert [str(one) for one in left] == ["58.30 USD", "29.15 USD", "0.00 USD"]


def test_r73_more_than_the_order_is_the_order():
    assert rules.refunded_base(BASE, TOTAL, [fact("500.00 USD")]) == BASE


def test_R65_R67_a_sum_without_lines_holds_the_tax_of_the_goods():
    """100.00 of goods, 8.00 tax on them, 10.00 shipping with 1.00 tax: 119.00 in all."""
    base, total, goods = Money.of("100.00 USD"), Money.of("119.00 USD"), Money.of("108.00 USD")
    third, parts = fact("36.00 USD", RefundFamily.GOODS), {"shipping": 1_000, "tax": 900}
    left = [base - rules.refunded_base(base, total, [third] * n, goods) for n in (1, 2, 3)]
    assert [str(one) for one in left] == ["66.67 USD", "33.33 USD", "0.00 USD"]
    assert rules.refunded_base(base, total, [third, fact("50.00 USD")], goods).minor == 8_333
    none = Money.zero("USD")
    given = rules.beside_given_back(parts, base, total, [third, third, third], none, goods)
    assert given == {"tax": 800}
    failed = fact("36.00 USD", RefundFamily.GOODS, withdrawn=True)
    assert not rules.refunded_base(base, total, [failed], goods)


def test_a_charge_takes_its_share_of_the_base_by_ratio():
    charge = fact("50.00 USD", RefundFamily.CHARGE, charged="100.00 USD")
    assert rules.refunded_base(BASE, TOTAL, [charge]) == Money.of("43.73 USD")


def test_the_same_money_told_three_ways_counts_once():
    told = [
        fact("50.00 USD", RefundFamily.CHARGE, charged="100.00 USD"),
        fact("50.00 USD", RefundFamily.PAYMENT),
        fact("43.70 USD", RefundFamily.CREDIT_NOTE),
    ]
    assert rules.refunded_base(BASE, TOTAL, told) == Money.of("43.73 USD")


def test_a_failure_before_the_charge_was_told_is_already_in_it():
    charge = fact("20.00 USD", RefundFamily.CHARGE, charged="100.00 USD", at=9)
    failed = fact("30.00 USD", RefundFamily.PAYMENT, withdrawn=True, at=5)
    assert rules.refunded_base(BASE, TOTAL, [charge, failed]) == Money.of("17.49 USD")
    late = fact("20.00 USD", RefundFamily.PAYMENT, withdrawn=True, at=10)
    assert rules.refunded_base(BASE, TOTAL, [charge, late]) == Money.zero("USD")


def test_r72_only_a_lost_dispute_takes_anything():
    for state, taken in ((DisputeState.OPEN, 0), (DisputeState.WON, 0), (DisputeState.LOST, 8745)):
        facts = [DisputeFact(TOTAL, state)]
        assert rules.disputed_base(BASE, TOTAL, facts).minor == taken


def test_part_of_a_charge_disputed_takes_part_of_the_base():
    facts = [DisputeFact(Money.of("25.00 USD"), DisputeState.LOST)]
    assert rules.disputed_base(BASE, TOTAL, facts) == Money.of("21.86 USD")


def test_payment_words():
    said = {"is_paid": True, "is_cancelled": False, "is_charged_back": False, "base": BASE}
    zero = Money.zero("USD")
    assert rules.payment_state(**said, refunded=zero) is OrderPayment.PAID
    assert rules.payment_state(**said, refunded=Money(1, "USD")) is OrderPayment.PARTLY_REFUNDED
    assert rules.payment_state(**said, refunded=BASE) is OrderPayment.REFUNDED
    unpaid = said | {"is_paid": False}
    assert rules.payment_state(**unpaid, refunded=zero) is OrderPayment.OPEN
    cancelled = said | {"is_cancelled": True}
    assert rules.payment_state(**cancelled, refunded=BASE) is OrderPayment.CANCELLED


facts = st.lists(
    st.builds(
        RefundFact,
        st.sampled_from(list(RefundFamily)),
        st.integers(0, 20_000).map(lambda minor: Money(minor, "USD")),
        st.none() | st.integers(1, 20_000).map(lambda minor: Money(minor, "USD")),
        st.booleans(),
        st.none() | st.integers(0, 100).map(lambda minutes: NOON + timedelta(minutes=minutes)),
    ),
    max_size=8,
)


@settings(deadline=None)  # a busy machine is no failure
@given(facts, st.randoms())
def test_the_sum_is_within_the_base_and_does_not_depend_on_order(found, chance):
    before = rules.refunded_base(BASE, TOTAL, found)
    assert Money.zero("USD") <= before <= BASE
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert rules.refunded_base(BASE, TOTAL, shuffled) == before


@settings(deadline=None)  # a busy machine is no failure
@given(facts)
def test_one_more_refund_never_gives_anything_back(found):
    more = [*found, fact("1.00 USD")]
    assert rules.refunded_base(BASE, TOTAL, more) >= rules.refunded_base(BASE, TOTAL, found)
