"""What of an order counts, whole and after refunds: R2, R10, R67 with their printed figures."""

import pytest

from portal.commissions import base_rules
from portal.kernel.money import Money
from portal.programs.base_terms import BaseTerms, base_choices, losses_of_base
from portal.programs.rules import GOODS_ONLY
from portal.sales.rules import RefundFact, RefundFamily, Worth, beside_given_back

usd = Money.of


def worth(goods="90.00 USD", left=None, credit=0, total=10_000, **beside):
    back = {name: beside.pop(f"back_{name}") for name in list(beside) if f"back_{name}" in beside}
    return Worth(usd(goods), usd(left or goods), beside, back, credit, total)


# R2: 100.00 with 10.00 shipping in it, at 5 %
@pytest.mark.parametrize(
    ("terms", "base", "earned"),
    [(GOODS_ONLY, "90.00", "4.50"), (BaseTerms(shipping=True), "100.00", "5.00")],
)
def test_R2_shipping_is_out_until_a_program_counts_it(terms, base, earned):
    counted = base_rules.counted(worth(shipping=1_000), terms)
    assert counted == usd(f"{base} USD")
    assert counted.portion(500) == usd(f"{earned} USD")


def test_R2_every_part_is_a_switch_of_its_own():
    told = worth(shipping=1_000, tax=800, tip=300, gift_wrap=150)
    counted = {
        name: base_rules.counted(told, BaseTerms(**{name: True})).minor - 9_000
        for name in ("shipping", "tax", "tip", "gift_wrap")
    }
    assert counted == {"shipping": 1_000, "tax": 800, "tip": 300, "gift_wrap": 150}


def test_R10_only_the_share_that_credit_paid_drops_out():
    half = worth("100.00 USD", credit=5_000)
    assert base_rules.counted(half, GOODS_ONLY) == usd("100.00 USD")
    assert base_rules.counted(half, BaseTerms(exclude_credit_tender=True)) == usd("50.00 USD")
    all_of_it = worth("100.00 USD", credit=10_000)
    assert not base_rules.counted(all_of_it, BaseTerms(exclude_credit_tender=True))


def test_R67_a_part_given_back_takes_only_what_it_counted():
    told = worth(shipping=1_000, back_shipping=1_000)
    assert base_rules.left_of(told, {}, GOODS_ONLY, is_gone=False).remaining == usd("90.00 USD")
    left = base_rules.left_of(told, {}, BaseTerms(shipping=True), is_gone=False)
    assert (left.remaining, left.back["beside:shipping"].worth) == (usd("90.00 USD"),
                                                                    usd("10.00 USD"))  # fmt: skip


def fact(family, amount, charged=None, withdrawn=False, **beside):
    paid = usd(charged) if charged else None
    return RefundFact(family, usd(amount), paid, withdrawn, None, beside)


def test_R73_no_part_is_given_back_twice_over():
    parts, base, total = {"shipping": 1_000, "tax": 800}, usd("90.00 USD"), usd("108.00 USD")
    none = usd("0.00 USD")
    own = fact(RefundFamily.OWN, "0.00 USD", shipping=700)
    given = beside_given_back(parts, base, total, [own, own], none)
    assert given == {"shipping": 1_000}
    failed = fact(RefundFamily.OWN, "0.00 USD", withdrawn=True, shipping=700)
    assert beside_given_back(parts, base, total, [failed], none) == {}
    half = fact(RefundFamily.CHARGE, "54.00 USD", "108.00 USD")
    assert beside_given_back(parts, base, total, [half], none) == {"shipping": 500, "tax": 400}
    assert beside_given_back(parts, base, total, [], base) == parts


def test_R17_what_no_longer_counts_is_a_loss():
    more = BaseTerms(shipping=True, tip=True)
    assert losses_of_base(GOODS_ONLY, more) == []
    assert losses_of_base(more, GOODS_ONLY) == ["Shipping and tips no longer count."]
    assert losses_of_base(GOODS_ONLY, BaseTerms(exclude_credit_tender=True)) == [
        "What is paid with gift cards or store credit no longer counts."
    ]
    assert base_choices(more)["Counted beside the goods"] == "shipping and tips"
    assert BaseTerms.of(more.plain()) == more
