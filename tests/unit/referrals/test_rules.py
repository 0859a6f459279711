"""What recruiting earns and what of it is left, as arithmetic."""

from random import Random

import pytest

from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.referrals import rules, wording
from portal.referrals.models import Basis
from portal.referrals.rules import Plan, left_of, overrides_for

NONE = Money.of("0.00 USD")


def usd(text):
    return Money.of(f"{text} USD")


def shares(counted, earned, *levels, basis=Basis.SIMPLE):
    found = overrides_for(usd(counted), usd(earned), Plan(basis, levels, NONE))
    return [str(one)[:-4] for one in found]


def test_R79_ten_two_one():
    assert shares("100.00", "10.00", 200, 100) == ["2.00", "1.00"]


def test_R81_of_the_order_or_of_what_the_recruit_earns():
    assert shares("100.00", "10.00", 1000) == ["10.00"]
    assert shares("100.00", "10.00", 1000, basis=Basis.DYNAMIC) == ["1.00"]


def test_nothing_where_the_recruit_earned_nothing():
    assert shares("100.00", "0.00", 1000) == []


def test_R75_the_same_ratio_as_the_recruits_to_the_cent():
    share, earned = usd("2.00"), usd("8.75")
    left = [str(left_of(share, earned, usd(net)))[:-4] for net in ("5.83", "2.92", "0.00", "8.75")]
    assert left == ["1.33", "0.67", "0.00", "2.00"]


def test_R75_in_any_order_of_events_and_never_more_than_was_earned():
    dice = Random(75)
    for _ in range(500):
        earned, share = dice.randint(1, 10_000), Money(dice.randint(0, 10_000), "USD")
        nets = [dice.randint(0, earned) for _ in range(6)]
        last, ends = nets[-1], set()
        for _ in range(4):
            some = nets[:-1]
            dice.shuffle(some)
            taken, left = 0, share
            for net in [*some, last]:
                now = left_of(share, Money(earned, "USD"), Money(net, "USD"))
                taken += left.minor - now.minor
                left = now
                assert 0 <= taken <= share.minor
            ends.add(left)
        assert len(ends) == 1


def test_R82_no_cycles():
    above = {2: 1, 3: 2}  # 1 brought 2, 2 brought 3
    assert rules.is_cycle(1, 3, above)
    assert rules.is_cycle(1, 1, {})
    assert not rules.is_cycle(4, 3, above)
    assert rules.is_cycle(9, 5, {5: 6, 6: 5})


@pytest.mark.parametrize(
    "wrong",
    [{"levels": (100, 100, 100)}, {"levels": (10_001,)}, {"hold_days": 121},
     {"first_sale": Money.of("-1.00 USD")}],
)  # fmt: skip
def test_R82_what_cannot_be_a_plan(wrong):
    plan = {"basis": Basis.SIMPLE, "levels": (100,), "first_sale": NONE} | wrong
    with pytest.raises(InvalidInput):
        rules.check(Plan(**plan))


def test_R17_what_takes_something():
    old = Plan(Basis.SIMPLE, (200, 100), usd("5.00"))
    assert not rules.takes_something(old, None)
    assert not rules.takes_something(Plan(Basis.SIMPLE, (200, 200), usd("5.00")), old)
    assert rules.takes_something(Plan(Basis.SIMPLE, (200,), usd("5.00")), old)
    assert rules.takes_something(Plan(Basis.DYNAMIC, (200, 100), usd("5.00")), old)
    assert rules.takes_something(Plan(Basis.SIMPLE, (200, 100), NONE), old)


def test_it_reads_as_sentences():
    plan = Plan(Basis.SIMPLE, (200, 100), usd("5.00"))
    assert wording.promises(plan)[0] == "2% of what counts of every sale of a recruit."
    assert "Angela, who invited Jim, earns $2.00 beside it." in wording.example(plan)
    assert wording.promises(Plan(Basis.SIMPLE, (), NONE)) == ["Recruiting pays nothing."]
