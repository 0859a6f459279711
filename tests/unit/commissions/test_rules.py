"""What an order earns, what a refund takes, and that the sum can be added again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.commissions import bill_rules, rules
from portal.commissions.bill_rules import explain
from portal.commissions.models import CommissionStatus, ReversalKind
from portal.commissions.refund_rules import Basket, Left, reversal_for, target_after_refunds
from portal.kernel.errors import Conflict
from portal.kernel.money import Money
from portal.programs import rate_wording
from portal.programs.models import ClickRule, CodePolicy, CommissionKind
from portal.programs.rate_rules import Basis
from portal.programs.resolving_rules import Purchase
from portal.programs.rules import TermsFacts

usd = Money.of
DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)


def commission_for(base, facts, **more):
    """What an order of one line earns in all."""
    return rules.commission_for(Purchase(base, DAY, **more), facts).total


def terms(rate_bp=1000, *, flat=None, pay_on_zero_base=False):
    return TermsFacts(
        id=1, version=3, kind=CommissionKind.FLAT if flat else CommissionKind.PERCENT,
        rate_bp=rate_bp, flat=usd(flat or "0.00 USD"), hold_days=30, window_days=30,
        code_policy=CodePolicy.ALWAYS, click_rule=ClickRule.LAST_CLICK,
        pay_on_zero_base=pay_on_zero_base,
    )  # fmt: skip


# ---- what an order earns
@pytest.mark.parametrize(
    ("base", "rate_bp", "earned"),
    [
        ("87.45 USD", 1000, "8.75 USD"),  # R5: 8.745, half up
        ("29.99 USD", 1000, "3.00 USD"),  # R5: Refersion truncates to 2.99; we do not
        ("75.00 USD", 3000, "22.50 USD"),  # R6: 30 % of 100 less a coupon of 25
        ("9.00 USD", 1000, "0.90 USD"),  # R6
        ("48.00 USD", 1500, "7.20 USD"),
        ("108.00 USD", 300, "3.24 USD"),
        ("120 JPY", 1250, "15 JPY"),
        ("1.005 KWD", 1000, "0.101 KWD"),  # R1: three decimals
        ("0.04 USD", 1000, "0.00 USD"),
        ("0.05 USD", 1000, "0.01 USD"),
    ],
)
def test_R5_R6_percent_is_rounded_half_up_once_per_order(base, rate_bp, earned):
    assert commission_for(usd(base), terms(rate_bp)) == usd(earned)


def test_R7_flat_ignores_discounts():
    for base in ("100.00 USD", "1.00 USD"):
        assert commission_for(usd(base), terms(flat="5.00 USD")) == usd("5.00 USD")


def test_R8_an_order_of_nothing():
    zero = usd("0.00 USD")
    assert commission_for(zero, terms()) == zero
    assert commission_for(zero, terms(flat="5.00 USD")) == zero
    assert commission_for(zero, terms(flat="5.00 USD", pay_on_zero_base=True)) == usd("5.00 USD")


# ---- what a refund takes
def refunds(amount, base, parts):
    net, left, taken = usd(amount), usd(base), []
    for part in parts:
        left = left - usd(part)
        reversal = reversal_for(usd(amount), net, Basket.whole(usd(base)), Left(left))
        net = net - reversal
        taken.append(str(reversal))
    return taken, net


def test_R65_three_refunds_end_at_exactly_zero():
    taken, net = refunds("8.75 USD", "87.45 USD", ["29.15 USD"] * 3)
    assert taken == ["2.92 USD", "2.91 USD", "2.92 USD"]
    assert net == usd("0.00 USD")


def test_a_one_percent_refund_does_not_void():
    """Shipped mistake 3."""
    taken, net = refunds("10.00 USD", "100.00 USD", ["1.00 USD"])
    assert (taken, net) == (["0.10 USD"], usd("9.90 USD"))


def test_UX_2_6_a_part_of_45_of_60_takes_675_of_900():
    assert refunds("9.00 USD", "60.00 USD", ["45.00 USD"])[0] == ["6.75 USD"]


def test_R68_flat_is_kept_on_a_part_and_removed_on_the_whole():
    five, base = usd("5.00 USD"), usd("80.00 USD")
    flat = Basket.whole(base, Basis.ORDER)
    assert target_after_refunds(five, flat, Left(usd("0.01 USD"))) == five
    assert not target_after_refunds(five, flat, Left(usd("0.00 USD")))


def test_R72_a_chargeback_takes_all_and_a_won_one_gives_exactly_that_back():
    """Shipped mistake 6."""
    amount, base = usd("8.75 USD"), usd("87.45 USD")
    left = usd("58.30 USD")  # one refund before
    basket = Basket.whole(base)
    net = amount - reversal_for(amount, amount, basket, Left(left))
    took = reversal_for(amount, net, basket, Left(usd("0.00 USD")))
    back = reversal_for(amount, net - took, basket, Left(left))
    assert back == -took


def test_R8_R74_a_paid_order_of_nothing_stays_until_it_is_cancelled():
    five, zero = usd("5.00 USD"), usd("0.00 USD")
    free = Basket.whole(zero, Basis.ORDER)
    assert target_after_refunds(five, free, Left(zero)) == five
    assert target_after_refunds(five, free, Left(zero, is_gone=True)) == zero


amounts = st.integers(0, 10_000_000)


@given(
    amounts, st.integers(1, 10_000), st.lists(st.integers(0, 3_000_000), max_size=8), st.randoms()
)
def test_R65_R73_any_refunds_in_any_order_end_at_the_same_figure(base, rate_bp, parts, random):
    """Shipped mistake 7. Never more than earned, never below zero, 0 exactly when all is gone."""
    original = Money(base, "USD")
    amount = commission_for(original, terms(rate_bp))

    def end(order):
        net, left, taken = amount, original, Money(0, "USD")
        for part in order:
            left = max(left - Money(part, "USD"), Money(0, "USD"))
            step = reversal_for(amount, net, Basket.whole(original), Left(left))
            net, taken = net - step, taken + step
            assert Money(0, "USD") <= net <= amount
        assert taken + net == amount
        return net

    shuffled = list(parts)
    random.shuffle(shuffled)
    assert end(parts) == end(shuffled)
    if original and sum(parts) >= base:
        assert end(parts) == Money(0, "USD")


@given(amounts, amounts, st.integers(0, 10_000_000), st.booleans(), st.booleans())
def test_repeating_an_event_takes_nothing_more(amount, base, left, is_flat, is_gone):
    money = [Money(minor, "USD") for minor in (amount, base, left)]
    basket = Basket.whole(money[1], Basis.ORDER if is_flat else Basis.PERCENT)
    standing = Left(money[2], is_gone=is_gone)
    net = money[0] - reversal_for(money[0], money[0], basket, standing)
    assert not reversal_for(money[0], net, basket, standing)


# ---- life
def test_R58_the_hold_runs_from_the_order_or_from_a_later_payment():
    placed = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert rules.hold_until(placed, None, 30) == placed + timedelta(days=30)
    assert rules.hold_until(placed, placed + timedelta(days=60), 30) == placed + timedelta(days=90)
    assert rules.hold_until(placed, None, 0) == placed


def test_R57_only_what_stands_can_be_held_and_only_what_is_held_released():
    for status in CommissionStatus:
        if status in rules.HOLDABLE:
            rules.check_can_hold(status)
        else:
            with pytest.raises(Conflict):
                rules.check_can_hold(status)
        if status is not CommissionStatus.ON_HOLD:
            with pytest.raises(Conflict):
                rules.check_is_held(status)


def test_R72_the_kinds_of_reversal():
    kind = rules.kind_of_reversal
    assert kind(is_cancelled=False, is_charged_back=False, takes=True) is ReversalKind.REFUND
    assert kind(is_cancelled=True, is_charged_back=False, takes=True) is ReversalKind.CANCELLATION
    assert kind(is_cancelled=False, is_charged_back=True, takes=True) is ReversalKind.CHARGEBACK
    assert kind(is_cancelled=False, is_charged_back=True, takes=False) is ReversalKind.REINSTATEMENT


# ---- the bill
def a_line(title, gross, net, *, quantity="1", is_gift_card=False):
    return {"title": title, "quantity": quantity, "gross_minor": gross, "net_minor": net,
            "is_gift_card": is_gift_card}  # fmt: skip


def inputs(lines, **more):
    return {"kind": "percent", "rate_bp": 1500, "flat_minor": 0, "terms_version": 3, "code": "MAYA15",
            "shipping_minor": 500, "tax_minor": 396, "lines": lines, **more}  # fmt: skip


def test_the_bill_of_the_reference_screen():
    lines = [a_line("Winter roast, 1 kg", 4000, 3400), a_line("Stoneware mug", 1400, 1400)]
    bill = explain(inputs(lines), usd("48.00 USD"), usd("7.20 USD"))
    assert [(line.label, str(line.value) if line.value else line.said) for line in bill] == [
        ("Winter roast, 1 kg", "40.00 USD"), ("Stoneware mug", "14.00 USD"),
        ("MAYA15 discount", "-6.00 USD"), ("Shipping and tax", ""), ("Counts for you", "48.00 USD"),
        ("Rate", "× 15%"), ("Commission", "7.20 USD"),
    ]  # fmt: skip
    assert bill[3].note_amount == usd("8.96 USD")
    assert bill_rules.adds_up(bill, usd("48.00 USD"))


def test_a_gift_card_and_a_quantity_in_the_bill():
    lines = [
        a_line("Mug", 2800, 2800, quantity="2"),
        a_line("Gift card", 2500, 0, is_gift_card=True),
    ]
    bill = explain(inputs(lines, code=None), usd("28.00 USD"), usd("4.20 USD"))
    assert bill[0].label == "Mug × 2"
    assert (bill[1].label, bill[1].value, bill[1].note_amount) == (
        "Gift card",
        None,
        usd("25.00 USD"),
    )
    assert bill_rules.adds_up(bill, usd("28.00 USD"))


def test_bills_of_flat_terms_and_of_fees():
    bill = explain(
        inputs([a_line("Mug", 1400, 1400)], kind="flat"), usd("14.00 USD"), usd("5.00 USD")
    )
    assert [line.label for line in bill[-2:]] == ["Flat amount per order", "Commission"]
    fee = explain({"kind": "fee", "title": "Cold brew"}, usd("120.00 USD"), usd("120.00 USD"))
    assert [line.label for line in fee] == ["Cold brew", "Brief fee"]


@given(st.lists(st.tuples(amounts, amounts, st.booleans()), max_size=10))
def test_every_bill_can_be_added_again(rows):
    lines = [a_line("x", gross, min(gross, net), is_gift_card=card) for gross, net, card in rows]
    base = Money(sum(line["net_minor"] for line in lines if not line["is_gift_card"]), "EUR")
    assert bill_rules.adds_up(explain(inputs(lines), base, base.portion(1500)), base)


@pytest.mark.parametrize(
    ("bp", "words"),
    [(1500, "15%"), (1250, "12.5%"), (1225, "12.25%"), (1, "0.01%"), (10_000, "100%"), (0, "0%")],
)
def test_rates_in_words(bp, words):
    assert rate_wording.percent(bp) == words
