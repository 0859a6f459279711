"""Which tier a figure reaches, by which an order earns, who moves: RULES.md R23–R28."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from portal.commissions.rules import commission_for
from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.programs.models import ClickRule, CodePolicy, CommissionKind
from portal.programs.rate_rules import Asks, Basis, Condition, RateRule, RateTable
from portal.programs.resolving_rules import Purchase, TierRate
from portal.programs.rules import TermsFacts
from portal.tiers import rules
from portal.tiers.models import Automation, Metric, Mode, MoveKind, Window
from portal.tiers.rules import Figure, Ladder, Proposal, Standing, Step

NOW = datetime(2026, 5, 10, 12, tzinfo=clock.UTC)
BASE, SILVER, GOLD = (
    Step(1, "Base", 0, 0),
    Step(2, "Silver", 10_000, 1500),
    Step(3, "Gold", 50_000, 2000),
)
LADDER = Ladder(1, 1, "USD", (BASE, SILVER, GOLD))
NOWHERE = Standing()
DEMOTING = replace(LADDER, automation=Automation.PERIODIC, grace_days=14)


def earned(ladder: Ladder, before: str, order: str, standing: Standing = NOWHERE) -> str:
    """What an order earns by tier alone."""
    base, figure = Money.of(order), Figure(Money.of(before).minor, 3)
    portions = rules.portions_of(ladder, standing, figure, base, NOW)
    terms = TermsFacts(
        id=1, version=1, kind=CommissionKind.PERCENT, rate_bp=500, flat=Money.zero("USD"),
        hold_days=30, window_days=30, code_policy=CodePolicy.ALWAYS,
        click_rule=ClickRule.LAST_CLICK, pay_on_zero_base=False,
    )  # fmt: skip
    rates = tuple(TierRate(p.step.name, p.step.rate_bp, p.room_minor) for p in portions)
    return str(commission_for(Purchase(base, NOW, tier_rates=rates), terms).total)


def test_R23_the_order_that_reaches_a_tier_earns_its_rate_whole():
    assert earned(LADDER, "0.00 USD", "80.00 USD") == "0.00 USD"
    assert earned(LADDER, "80.00 USD", "120.00 USD") == "18.00 USD"


def test_R24_each_part_of_an_order_earns_by_the_tier_it_falls_into():
    steps = (Step(1, "Base", 0, 1000), Step(2, "Silver", 10_000, 1500))
    ladder = replace(LADDER, steps=steps, mode=Mode.MARGINAL)
    assert earned(ladder, "0.00 USD", "80.00 USD") == "8.00 USD"
    assert earned(ladder, "80.00 USD", "120.00 USD") == "17.00 USD"
    assert earned(ladder, "100.00 USD", "40.00 USD") == "6.00 USD"
    assert earned(ladder, "90.00 USD", "10.00 USD") == "1.00 USD"


def test_R24_over_several_tiers_the_parts_make_the_whole():
    steps = (Step(1, "A", 0, 1000), Step(2, "B", 10_000, 1500), Step(3, "C", 15_000, 2000))
    ladder = replace(LADDER, steps=steps, mode=Mode.MARGINAL)
    assert (
        earned(ladder, "80.00 USD", "120.00 USD") == "19.50 USD"
    )  # 20 × 10 %, 50 × 15 %, 50 × 20 %


def test_R25_a_periods_rate_is_not_paid_with_the_order():
    steps = (Step(1, "Base", 0, 1000), Step(2, "Ten", 10, 1500))
    ladder = replace(
        LADDER, steps=steps, mode=Mode.RETROACTIVE, metric=Metric.SALES, window=Window.MONTH
    )
    assert earned(ladder, "900.00 USD", "100.00 USD") == "10.00 USD"


def test_another_currency_is_never_counted_nor_converted():
    standing = Standing(2)
    assert earned(LADDER, "0.00 USD", "900.00 EUR", standing) == "135.00 EUR"
    assert earned(LADDER, "0.00 USD", "900.00 EUR") == "0.00 EUR"


def test_R28_up_at_once_and_over_several_tiers():
    assert rules.move_for(LADDER, Standing(), 60_000, NOW) == Proposal(MoveKind.UP, 1, 3)
    assert rules.move_for(LADDER, Standing(2), 10_000, NOW) is None


@pytest.mark.parametrize("falls_at", [None, NOW - timedelta(days=1)])
def test_R28_a_ladder_that_only_promotes_takes_nothing(falls_at):
    ladder = replace(DEMOTING, automation=Automation.LIFETIME)
    kind = rules.move_for(ladder, Standing(3, falls_at), 0, NOW)
    assert kind is None or kind.kind is MoveKind.RECOVERED


def test_R28_down_only_after_the_days_of_grace():
    warned = NOW + timedelta(days=14)
    assert rules.move_for(DEMOTING, Standing(3), 0, NOW) == Proposal(MoveKind.WARNED, 3, 3)
    assert rules.move_for(DEMOTING, Standing(3, warned), 0, NOW) is None
    assert rules.move_for(DEMOTING, Standing(3, warned), 0, warned) == Proposal(MoveKind.DOWN, 3, 1)
    back = rules.move_for(DEMOTING, Standing(3, warned), 50_000, NOW)
    assert back == Proposal(MoveKind.RECOVERED, 3, 3)


def test_without_grace_down_is_at_once():
    found = rules.move_for(replace(DEMOTING, grace_days=0), Standing(3), 10_000, NOW)
    assert found == Proposal(MoveKind.DOWN, 3, 2)


def test_a_pinned_creator_is_never_moved_nor_lifted_by_an_order():
    pinned = Standing(1, pinned_until=NOW + timedelta(days=1))
    assert rules.move_for(LADDER, pinned, 60_000, NOW) is None
    assert earned(LADDER, "80.00 USD", "120.00 USD", pinned) == "0.00 USD"
    over = Standing(1, pinned_until=NOW)
    assert rules.move_for(LADDER, over, 60_000, NOW) == Proposal(MoveKind.UP, 1, 3)


def test_R27_windows_include_their_start_and_not_their_end():
    zone = "America/New_York"
    (since, until), last = rules.windows_of(replace(LADDER, window=Window.MONTH), NOW, zone)
    assert (since.isoformat(), until.isoformat()) == (
        "2026-05-01T04:00:00+00:00", "2026-06-01T04:00:00+00:00",
    )  # fmt: skip
    assert last == (datetime(2026, 4, 1, 4, tzinfo=clock.UTC), since)
    quarter = rules.window_at(replace(LADDER, window=Window.QUARTER), NOW, zone)
    assert [one.isoformat() for one in quarter] == [
        "2026-04-01T04:00:00+00:00", "2026-07-01T04:00:00+00:00",
    ]  # fmt: skip
    assert rules.window_at(LADDER, NOW, zone) == (NOW - timedelta(days=90), NOW)


def test_R27_across_the_change_of_clocks():
    march = datetime(2026, 3, 15, tzinfo=clock.UTC)
    ladder = replace(LADDER, window=Window.MONTH)
    since, until = rules.window_at(ladder, march, "America/New_York")
    assert (since.hour, until.hour) == (5, 4)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"steps": (BASE,)}, "two tiers"),
        ({"steps": (SILVER, GOLD)}, "begins at zero"),
        ({"steps": (BASE, replace(SILVER, name="base"))}, "name of its own"),
        (
            {"steps": (BASE, SILVER, replace(GOLD, threshold=10_000))},
            "Gold must begin above Silver",
        ),
        ({"mode": Mode.MARGINAL, "metric": Metric.SALES}, "by amount"),
        ({"mode": Mode.RETROACTIVE}, "a month or a quarter"),
        ({"mode": Mode.MARGINAL, "steps": (BASE, replace(SILVER, rate_bp=None))}, "needs a rate"),
    ],
)
def test_a_ladder_that_cannot_be(change, said):
    with pytest.raises(InvalidInput) as refusal:
        rules.check_ladder(replace(LADDER, **change))
    assert said in refusal.value.message


def terms(rate_bp: int, *special: RateRule) -> TermsFacts:
    return TermsFacts(
        id=1, version=1, kind=CommissionKind.PERCENT, rate_bp=rate_bp, flat=Money.zero("USD"),
        hold_days=30, window_days=30, code_policy=CodePolicy.ALWAYS,
        click_rule=ClickRule.LAST_CLICK, pay_on_zero_base=False, rates=RateTable(special),
    )  # fmt: skip


def losses(old: Ladder | None, new: Ladder, *held: TermsFacts) -> list[str]:
    return rules.ladder_losses(old, new, held or (terms(0),), NOW)


def test_R17_what_a_new_ladder_takes_is_said():
    assert losses(None, LADDER) == []
    kinder = replace(LADDER, steps=(BASE, replace(SILVER, threshold=5_000, rate_bp=1600), GOLD))
    assert losses(LADDER, kinder) == []
    assert losses(kinder, LADDER) == ["Silver is harder to reach.", "Silver earns less."]
    assert losses(LADDER, replace(LADDER, steps=(BASE, SILVER))) == ["Gold is gone."]
    assert losses(LADDER, replace(LADDER, steps=())) == ["The tiers end."]


def silver_at(rate_bp: int | None) -> Ladder:
    return replace(LADDER, steps=(BASE, replace(SILVER, rate_bp=rate_bp), GOLD))


MUGS = Condition(Asks.PRODUCT, ("MUG-*",))
HERS = (Condition(Asks.TIER, ("silver",)),)
LESS = ["Silver earns less."]


@pytest.mark.parametrize(
    ("before", "after", "held", "lost"),
    [
        (None, 1000, (terms(1500),), LESS),
        (None, 1500, (terms(1500),), []),
        (None, 2000, (terms(1500),), []),
        (1000, None, (terms(800),), LESS),
        (1000, None, (terms(1000),), []),
        (1000, None, (terms(1500),), []),
        (None, None, (terms(1500),), []),
        # a product's rate comes after the tier's (R12), a rate for the tier before it
        (None, 1500, (terms(1000, RateRule(1, Basis.PERCENT, 1800, 0, (MUGS,))),), LESS),
        (1500, None, (terms(1500, RateRule(1, Basis.PERCENT, 1200, 0, (MUGS,))),), LESS),
        (None, 500, (terms(1000, RateRule(1, Basis.PERCENT, 1800, 0, HERS)),), []),
        (None, 500, (terms(1000, RateRule(1, Basis.EXCLUDED, 0, 0, (MUGS,))),), LESS),
        # an amount and a percentage cannot be compared
        (None, 2000, (terms(1000, RateRule(1, Basis.ORDER, 0, 500, (MUGS,))),), LESS),
        # whoever kept an older version of the terms loses too
        (None, 1500, (terms(1000), terms(2000)), LESS),
    ],
)
def test_R17_a_tier_is_measured_by_the_terms_where_it_has_no_rate(before, after, held, lost):
    assert losses(silver_at(before), silver_at(after), *held) == lost


def test_R17_first_tiers_and_new_ones_are_measured_by_what_was_paid_there():
    low = Ladder(1, 1, "USD", (Step(1, "Base", 0, 500), Step(2, "Silver", 10_000, 1500)))
    assert losses(None, low, terms(1000)) == ["Base earns less."]
    assert losses(replace(low, steps=()), low, terms(1000)) == ["Base earns less."]
    assert losses(None, low, terms(500)) == []
    bronze = replace(LADDER, steps=(BASE, SILVER, Step(9, "Bronze", 20_000, 1200), GOLD))
    assert losses(LADDER, bronze) == ["Bronze earns less."]


def test_a_tier_keeps_its_number_and_a_new_one_gets_a_fresh_one():
    typed = replace(LADDER, steps=(BASE, replace(SILVER, number=0), GOLD))
    assert [one.number for one in rules.numbered(typed, 7).steps] == [1, 8, 3]
