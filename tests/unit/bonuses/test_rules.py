"""Windows and words of bonuses."""

from datetime import date

from portal.bonuses import rules, wording
from portal.bonuses.models import Metric, Window
from portal.bonuses.rules import Goal
from portal.kernel.money import Money

NY = "America/New_York"


def test_periods_go_back_to_the_one_that_holds_the_beginning():
    found = rules.periods(Window.MONTH, date(2026, 10, 20), date(2026, 12, 1), NY)
    assert [one.key for one in found] == ["2026-12", "2026-11", "2026-10"]
    assert found[0].since.isoformat() == "2026-12-01T05:00:00+00:00"
    assert found[0].since == found[1].until
    quarters = rules.periods(Window.QUARTER, date(2026, 8, 1), date(2026, 11, 2), NY)
    assert [one.key for one in quarters] == ["2026-10", "2026-07"]
    ever = rules.periods(Window.LIFETIME, date(2026, 8, 1), date(2026, 11, 2), NY)
    assert ever == [rules.Period("ever")]


def test_old_windows_are_looked_at_no_more():
    found = rules.periods(Window.YEAR, date(2019, 1, 1), date(2026, 12, 1), NY)
    assert [one.key for one in found] == ["2026-01", "2025-01"]


def test_R29_the_source_has_its_window_only_where_every_window_counts():
    assert rules.source_of(3, 4, "2026-11", repeats=False) == "bonus:3:4"
    assert rules.source_of(3, 4, "2026-11", repeats=True) == "bonus:3:4:2026-11"


def test_R76_a_bonus_stands_while_its_goal_is_reached():
    assert rules.stands("2026-11", {"2026-12"}, repeats=False)
    assert not rules.stands("2026-11", {"2026-12"}, repeats=True)
    assert not rules.stands("2026-11", {}, repeats=False)


def test_it_reads_as_a_sentence_with_an_example():
    goal = Goal("500 leads", Metric.LEADS, 500, Money.of("1000.00 USD"), Window.LIFETIME, False, 30)
    assert wording.sentence(goal) == (
        "Whoever reaches 500 approved leads earns $1,000.00 once, payable 30 days later."
    )
    assert wording.example(goal)[0] == "Ada has 450 approved leads: nothing yet."
    assert wording.of_period("2026-10", Window.QUARTER) == "Quarter 4 of 2026"
    assert wording.counted(Metric.NET, 150_00, "USD") == "$150.00 of approved net sales"
