"""What refunds leave of a commission, line by line: R65–R68 and R73, with their own figures."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.commissions.refund_rules import (
    Basket,
    Goods,
    Left,
    Part,
    reversal_for,
    target_after_refunds,
    with_lines_gone,
)
from portal.kernel.money import Money
from portal.programs import loss_rules, rate_wording
from portal.programs.models import ClickRule, CodePolicy, CommissionKind
from portal.programs.rate_rules import Basis, RateTable
from portal.programs.rules import TermsFacts
from portal.sales.rules import LineBack

usd = Money.of
# R14: 80.00 at 8 % + 40.00 at 5 % + a gift card that never counts = 6.40 + 2.00 + 0.00
CART = Basket.of(
    usd("120.00 USD"),
    (Goods("shirt", 8000), Goods("radio", 4000), Goods("card", 0)),
    (Part(Basis.PERCENT, 640, (0,)), Part(Basis.PERCENT, 200, (1,))),
)
EARNED = usd("8.40 USD")


def left_of(basket, unlined=0, is_gone=False, **lined):
    """What is left after refunds of these lines, in minor units (or with pieces), and of a sum."""
    back = {
        name: LineBack(Money(minor, "USD"), pieces)
        for name, (minor, pieces) in (
            (name, one if isinstance(one, tuple) else (one, 0)) for name, one in lined.items()
        )
    }
    given = unlined + sum(one.worth.minor for one in back.values())
    remaining = max(basket.base - Money(given, "USD"), Money.zero("USD"))
    return Left(remaining, back, is_gone)


def kept(basket, amount, *args, **lined):
    return str(target_after_refunds(amount, basket, left_of(basket, *args, **lined)))


def test_R66_a_refund_of_a_line_takes_what_that_line_earned():
    assert kept(CART, EARNED, radio=4000) == "6.40 USD"  # not 8.40 × 80 ÷ 120 = 5.60
    assert kept(CART, EARNED, shirt=8000) == "2.00 USD"
    assert kept(CART, EARNED, shirt=4000) == "5.20 USD"
    assert kept(CART, EARNED, shirt=4000, radio=2000) == "4.20 USD"


def test_R66_a_refund_that_names_no_line_is_spread_over_the_value_of_all():
    assert kept(CART, EARNED, 6000) == "4.20 USD"
    assert kept(CART, EARNED, 1) == "8.40 USD"  # 8.3993: half up, once
    lines = tuple(Goods(name, net) for name, net in (("a", 3333), ("b", 3333), ("c", 3334)))
    thirds = Basket.of(usd("100.00 USD"), lines, (Part(Basis.PERCENT, 1000, (0, 1, 2)),))
    assert kept(thirds, usd("10.00 USD"), 1000) == "9.00 USD"  # R4: 3.33, 3.33 and 3.34 of them


def test_R66_lines_first_then_what_is_left_of_them_for_sums():
    assert kept(CART, EARNED, 4000, radio=4000) == "3.20 USD"  # the shirt alone is left to share
    assert kept(CART, EARNED, 2000, radio=2000) == "5.92 USD"  # 7.40 less a fifth of it


def test_R67_refunds_of_what_earns_nothing_change_nothing():
    with_excluded = replace(
        CART, parts=(Part(Basis.PERCENT, 640, (0,)), Part(Basis.EXCLUDED, 0, (1,)))
    )
    assert kept(with_excluded, usd("6.40 USD"), radio=4000) == "6.40 USD"
    assert kept(with_excluded, usd("6.40 USD"), radio=4000, shirt=4000) == "3.20 USD"
    assert kept(CART, EARNED) == "8.40 USD"  # shipping and tax are not in `remaining` at all


def test_R68_flat_per_order_is_kept_on_a_part_and_goes_with_the_whole():
    flat, five = Basket.whole(usd("80.00 USD"), Basis.ORDER), usd("5.00 USD")
    assert kept(flat, five, 7999) == "5.00 USD"
    assert kept(flat, five, 8000) == "0.00 USD"


def test_R68_above_the_share_that_the_terms_allow_it_goes_sooner():
    """As Good On You does: a returned value above 50 % removes it."""
    flat = Basket.whole(usd("80.00 USD"), Basis.ORDER, lost_above_bp=5000)
    five = usd("5.00 USD")
    assert kept(flat, five, 4000) == "5.00 USD"
    assert kept(flat, five, 4001) == "0.00 USD"


def test_R68_flat_per_unit_is_reduced_by_units():
    """R7: three products, one with quantity two, 5.00 each: 20.00."""
    lines = (Goods("a", 1000), Goods("b", 2000, 2), Goods("c", 500))
    units = Basket.of(usd("35.00 USD"), lines, (Part(Basis.UNIT, 2000, (0, 1, 2)),))
    twenty = usd("20.00 USD")
    assert kept(units, twenty, b=1000) == "15.00 USD"  # the price of one of the two
    assert kept(units, twenty, b=999) == "20.00 USD"  # not a whole one
    assert kept(units, twenty, b=(900, 1)) == "15.00 USD"  # the shop says one, less a fee
    assert kept(units, twenty, b=(2000, 2), a=1000) == "5.00 USD"
    per_line = replace(units, parts=(Part(Basis.LINE, 1500, (0, 1, 2)),))
    assert kept(per_line, usd("15.00 USD"), b=1000) == "15.00 USD"
    assert kept(per_line, usd("15.00 USD"), b=2000) == "10.00 USD"


def test_R66_R68_a_percentage_and_amounts_in_one_cart():
    mixed = replace(CART, parts=(Part(Basis.PERCENT, 640, (0,)), Part(Basis.ORDER, 300, (1,))))
    nine = usd("9.40 USD")
    assert kept(mixed, nine, shirt=8000) == "3.00 USD"
    assert kept(mixed, nine, radio=3999) == "9.40 USD"
    assert kept(mixed, nine, radio=4000) == "6.40 USD"
    capped = usd("4.70 USD")  # R9: a cap took half; refunds take of what was paid, in proportion
    assert kept(mixed, capped, radio=4000) == "3.20 USD"


def test_R65_three_refunds_end_at_exactly_zero_whether_or_not_they_name_lines():
    lines = tuple(Goods(name, 2915) for name in "abc")
    cart = Basket.of(usd("87.45 USD"), lines, (Part(Basis.PERCENT, 875, (0, 1, 2)),))
    for step in (lambda n: left_of(cart, 2915 * n),
                 lambda n: left_of(cart, **dict.fromkeys("abc"[:n], 2915))):  # fmt: skip
        net, taken = usd("8.75 USD"), []
        for count in (1, 2, 3):
            taken.append(str(reversal_for(usd("8.75 USD"), net, cart, step(count))))
            net = target_after_refunds(usd("8.75 USD"), cart, step(count))
        assert (taken, net) == (["2.92 USD", "2.91 USD", "2.92 USD"], usd("0.00 USD"))


def test_lines_that_cannot_be_told_apart_count_as_a_sum():
    twins = Basket.of(usd("20.00 USD"), (Goods("x", 1000), Goods("x", 1000)), CART.parts)
    assert kept(twins, EARNED, x=1000) == "4.20 USD"
    stranger = left_of(CART, gone=6000)
    assert str(target_after_refunds(EARNED, CART, stranger)) == "4.20 USD"


def test_lines_that_are_not_the_base_are_left_aside():
    odd = Basket.of(usd("50.00 USD"), (Goods("a", 6000), Goods("b", -1000)), CART.parts)
    assert odd.lines == (Goods("", 5000),)
    assert kept(odd, EARNED, a=2500) == "4.20 USD"


# ---- whatever is in the cart, and whatever comes back
BASES = st.sampled_from([Basis.PERCENT, Basis.ORDER, Basis.LINE, Basis.UNIT, Basis.EXCLUDED])


@st.composite
def carts(draw):
    """A cart of up to five lines under up to three rates, and what it earned."""
    lines = tuple(
        Goods(f"l{place}", draw(st.integers(0, 50_000)), draw(st.integers(1, 4)))
        for place in range(draw(st.integers(1, 5)))
    )
    rate_of = [draw(st.integers(0, 2)) for _ in lines]
    parts = []
    for rate in sorted(set(rate_of)):
        places = tuple(place for place, one in enumerate(rate_of) if one == rate)
        basis = draw(BASES)
        amount = 0 if basis is Basis.EXCLUDED else draw(st.integers(0, 9_000))
        parts.append(Part(basis, amount, places))
    base = Money(sum(line.net_minor for line in lines), "USD")
    allowed = draw(st.sampled_from([0, 2500, 5000]))
    amount = Money(sum(part.amount_minor for part in parts), "USD")
    return Basket.of(base, lines, tuple(parts), allowed), amount


REFUNDS = st.lists(
    st.tuples(st.integers(-1, 4), st.integers(0, 60_000), st.integers(0, 2)), max_size=6
)


def after(basket, refunds):
    """What is left after these refunds of single lines (place, minor, pieces), or of sums (-1)."""
    back, given = {}, 0
    for place, minor, pieces in refunds:
        given += minor
        if 0 <= place < len(basket.lines):
            name, was = f"l{place}", back.get(f"l{place}", LineBack(Money.zero("USD")))
            back[name] = LineBack(was.worth + Money(minor, "USD"), was.pieces + pieces)
    remaining = max(basket.base - Money(given, "USD"), Money.zero("USD"))
    return Left(remaining, back)


@given(carts(), REFUNDS)
def test_R73_never_more_than_earned_never_below_zero_and_each_refund_only_takes(cart, refunds):
    basket, amount = cart
    net = amount
    for count in range(len(refunds) + 1):
        target = target_after_refunds(amount, basket, after(basket, refunds[:count]))
        assert Money.zero("USD") <= target <= net
        net = target


@given(carts(), REFUNDS)
def test_R65_R66_when_all_of_it_is_returned_exactly_nothing_is_left(cart, refunds):
    basket, amount = cart
    everything = [(-1, basket.base.minor, 0)]
    if basket.base:
        left = after(basket, [*refunds, *everything])
        assert target_after_refunds(amount, basket, left) == Money.zero("USD")
        lined = after(basket, [(n, line.net_minor, 0) for n, line in enumerate(basket.lines)])
        assert target_after_refunds(amount, basket, lined) == Money.zero("USD")


@given(carts(), REFUNDS, st.randoms(use_true_random=False))
def test_R65_R73_the_order_of_refunds_is_irrelevant_and_repeating_takes_nothing(
    cart, refunds, any_
):
    basket, amount = cart
    shuffled = list(refunds)
    any_.shuffle(shuffled)

    def end(told):
        net, taken = amount, Money.zero("USD")
        for count in range(1, len(told) + 1):
            step = reversal_for(amount, net, basket, after(basket, told[:count]))
            net, taken = net - step, taken + step
        assert taken + net == amount  # the parts that were taken and what is left make the whole
        assert not reversal_for(amount, net, basket, after(basket, told))
        return net

    if refunds:
        assert end(refunds) == end(shuffled)


@given(carts(), REFUNDS, st.lists(st.integers(1, 5), min_size=2, max_size=4))
def test_R50_R66_shared_parts_shrink_together_and_stay_within_a_cent_each(cart, refunds, weights):
    basket, amount = cart
    left = after(basket, refunds)
    whole = target_after_refunds(amount, basket, left)
    parts = [target_after_refunds(part, basket, left) for part in amount.split(weights)]
    assert abs(sum(part.minor for part in parts) - whole.minor) <= len(weights)
    assert sum(part.minor for part in parts) <= amount.minor


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_R66_three_refunds_of_the_cart_of_R14_in_any_order(order):
    refunds = [(0, 4000, 0), (1, 4000, 0), (-1, 2000, 0)]
    basket = replace(CART, lines=(Goods("l0", 8000), Goods("l1", 4000), Goods("l2", 0)))
    told = [refunds[place] for place in order]
    assert str(target_after_refunds(EARNED, basket, after(basket, told))) == "1.60 USD"


# ---- the terms
def terms(lost_above_bp):
    return TermsFacts(
        id=1, version=1, kind=CommissionKind.FLAT, rate_bp=0, flat=usd("5.00 USD"), hold_days=30,
        window_days=30, code_policy=CodePolicy.ALWAYS, click_rule=ClickRule.LAST_CLICK,
        pay_on_zero_base=False, rates=RateTable(lost_above_bp=lost_above_bp),
    )  # fmt: skip


def test_R17_R68_losing_an_amount_sooner_needs_notice_and_is_said():
    day = datetime(2026, 5, 1, tzinfo=UTC)
    assert loss_rules.worse_for_creators(terms(0), terms(5000), day)
    assert loss_rules.worse_for_creators(terms(5000), terms(2500), day)
    assert not loss_rules.worse_for_creators(terms(2500), terms(5000), day)
    assert not loss_rules.worse_for_creators(terms(2500), terms(0), day)
    said = rate_wording.limits(RateTable(lost_above_bp=5000), "USD")
    assert said == ["An amount per order is lost once more than 50% of its goods are returned."]
    assert RateTable.of(RateTable(lost_above_bp=5000).plain()) == RateTable(lost_above_bp=5000)


def test_R66_lines_that_are_gone_count_as_given_back():
    lines = (Goods("a", 8_000), Goods("b", 4_000, 2), Goods("c", 3_000))
    parts = tuple(Part(Basis.PERCENT, 500, (one,)) for one in range(3))
    basket = Basket.of(usd("150.00 USD"), lines, parts)
    after = Left(usd("110.00 USD"))

    def back(whole, *named):
        found = with_lines_gone(after, basket, usd(f"{whole} USD"), named).back
        return {ref: (one.worth.minor, one.pieces) for ref, one in found.items()}

    assert back("110.00", "a", "c") == {"b": (4_000, 2)}
    assert back("40.00", "b") == {"a": (8_000, 1), "c": (3_000, 1)}
    assert back("130.00", "a", "c", "new") == {"b": (2_000, 0)}  # 20.00 of it was exchanged
    assert back("150.00", "a", "c", "new") == {}  # all of it was
    assert back("110.00", "a", "b", "c") == {}  # a line that is worth less is spread
    assert back("110.00") == back("110.00", "a", "") == {}  # a shop that names no lines
