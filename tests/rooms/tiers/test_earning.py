"""Orders of programs with tiers: what they earn, what is kept, what is calculated again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.commissions import bill_rules, jobs, queries
from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.ledger import queries as books
from portal.programs import commands as programs
from portal.programs.rate_rules import Asks, Basis, Condition, RateRule, RateTable
from portal.storage.unit_of_work import unit_of_work
from portal.tiers import commands as tiers
from portal.tiers import queries as ladders
from portal.tiers.models import Mode, Window
from portal.tiers.rules import NOTHING, Ladder, Step
from tests.support.browser import Browser

R23 = Ladder(0, 0, "USD", (Step(0, "Base", 0, 0), Step(0, "Silver", 10_000, 1500)),
             window=Window.LIFETIME)  # fmt: skip
R24 = replace(R23, mode=Mode.MARGINAL, steps=(Step(0, "Base", 0, 1000), R23.steps[1]))


@pytest.fixture(autouse=True)
def the_books_are_right(app):
    yield
    assert queries.violations() == []
    assert books.violations() == []


def publish(program, ladder, **more):
    with unit_of_work():
        return tiers.publish_ladder(program.id, ladder, by=None, **more)


def publish_first(program, ladder):
    """Tiers that begin below the terms’ 10 %: after the notice (R17)."""
    publish(program, ladder, effective_at=clock.now() + timedelta(days=14))
    clock.pass_days(15)


def earned_on(order_id):
    return queries.commission(queries.of_order(order_id).id)


def approve():
    clock.pass_days(31)
    jobs.mature_due()
    clock.pass_time(timedelta(minutes=1))


def test_R23_an_approved_sale_and_the_order_reach_the_tier_together(program, ada, shop):
    publish_first(program, R23)
    first = shop.sells("80.00 USD", "ADA15")
    assert str(earned_on(first).amount) == "0.00 USD"
    approve()
    second = earned_on(shop.sells("120.00 USD", "ADA15"))
    assert str(second.amount) == "18.00 USD"
    kept = second.explanation["tier"]
    assert (kept["name"], kept["before_minor"], kept["rates"]) == (
        "Silver", 8000, [["Silver", 1500, None]],
    )  # fmt: skip
    assert second.tier_base_minor == 12_000


def test_R22_what_is_pending_does_not_count(program, ada, shop):
    publish_first(program, R23)
    shop.sells("80.00 USD", "ADA15")
    clock.pass_days(1)
    assert str(earned_on(shop.sells("90.00 USD", "ADA15")).amount) == "0.00 USD"


def test_R24_R76_the_bill_shows_each_part_and_refunds_lower_what_counts(program, ada, shop):
    publish(program, R24)
    shop.sells("80.00 USD", "ADA15", number="1")
    approve()
    second = earned_on(shop.sells("120.00 USD", "ADA15", number="2"))
    assert str(second.amount) == "17.00 USD"
    bill = queries.bill_of(second)
    assert bill_rules.adds_up(bill, second.base)
    assert bill_rules.rates_add_up(bill, second.amount)
    assert [(one.label, str(one.value)) for one in bill if one.kind == "rate"] == [
        ("Tier Base", "2.00 USD"), ("Tier Silver", "15.00 USD"),
    ]  # fmt: skip
    shop.refunds("1", "80.00 USD")
    clock.pass_days(1)
    assert str(earned_on(shop.sells("100.00 USD", "ADA15", number="3")).amount) == "10.00 USD"


def test_R15_the_ladder_of_the_purchase_counts(program, ada, shop):
    placed = clock.now()
    clock.pass_days(1)
    publish(program, R24)
    before = earned_on(shop.sells("100.00 USD", "ADA15", number="1", placed_at=placed))
    assert (str(before.amount), before.tier_ladder_id) == ("10.00 USD", None)
    assert "tier" not in before.explanation


def test_R15_R16_the_tier_she_stood_on_when_it_was_bought(program, ada, shop, world):
    mona = world.mona.user_id
    publish_first(program, R23)
    placed = clock.now()
    clock.pass_days(1)
    with unit_of_work():
        tiers.pin(
            ada.id, 2, clock.now() + timedelta(days=9), "A friend of the house", NOTHING,
            ladder=ladders.ladder_of(program.id), by=mona,
        )  # fmt: skip
    late = earned_on(shop.sells("10.00 USD", "ADA15", number="1", placed_at=placed))
    now = earned_on(shop.sells("10.00 USD", "ADA15", number="2"))
    assert [str(one.amount) for one in (late, now)] == ["0.00 USD", "1.50 USD"]


def test_R17_a_ladder_that_takes_needs_notice(program, ada):
    publish_first(program, R23)
    harder = replace(R23, steps=(
        replace(R23.steps[0], number=1), replace(R23.steps[1], number=2, threshold=20_000),
    ))  # fmt: skip
    with pytest.raises(Conflict, match="harder to reach"), unit_of_work():
        tiers.publish_ladder(program.id, harder, by=None)
    publish(program, harder, effective_at=clock.now() + timedelta(days=15))
    assert ladders.ladder_of(program.id).version == 1
    clock.pass_days(16)
    assert ladders.ladder_of(program.id).version == 2


def test_R17_first_tiers_that_pay_less_than_the_terms_need_notice(program, ada):
    with pytest.raises(Conflict, match="Base earns less"), unit_of_work():
        tiers.publish_ladder(program.id, R23, by=None)
    publish_first(program, R23)
    assert ladders.ladder_of(program.id).version == 1


def test_R16_R17_a_tier_that_loses_the_terms_rate_is_asked_for_and_old_orders_keep(
    program, ada, shop
):
    plain = replace(R23, steps=(Step(0, "Base", 0, None), Step(0, "Silver", 10_000, 1500)))
    publish(program, plain)
    before = shop.sells("50.00 USD", "ADA15", number="1")
    base, silver = ladders.latest_of(program.id).steps
    lower = replace(plain, steps=(replace(base, rate_bp=800), silver))
    with pytest.raises(Conflict, match="Base earns less"), unit_of_work():
        tiers.publish_ladder(program.id, lower, by=None)
    row = publish(program, lower, effective_at=clock.now() + timedelta(days=14))
    assert row.lost == {"1": ["Base earns less."]}
    clock.pass_days(15)
    # silence takes it, as the program allows; nothing stored changes
    assert str(earned_on(shop.sells("40.00 USD", "ADA15", number="2")).amount) == "3.20 USD"
    assert str(earned_on(before).amount) == "5.00 USD"
    higher = replace(plain, steps=(replace(base, rate_bp=None), silver))
    assert publish(program, higher).lost == {}
    cut = replace(plain, steps=(base, replace(silver, rate_bp=None)))
    with pytest.raises(Conflict, match="Silver earns less"), unit_of_work():
        tiers.publish_ladder(program.id, cut, by=None)


def test_a_rate_made_for_a_tier_outlives_its_name(program, ada, shop):
    for_silver = RateTable(rules=(
        RateRule(1, Basis.PERCENT, 2000, conditions=(Condition(Asks.TIER, ("Silver",)),), since=1),
    ))  # fmt: skip
    publish_first(program, R23)
    with unit_of_work():
        programs.publish_terms(program.id, rate_bp=1000, rates=for_silver, by=None)
    assert str(earned_on(shop.sells("100.00 USD", "ADA15")).amount) == "20.00 USD"
    base, silver = ladders.latest_of(program.id).steps
    publish(program, replace(R23, steps=(base, replace(silver, name="Second"))))
    renamed = earned_on(shop.sells("100.00 USD", "ADA15"))
    assert (renamed.explanation["tier"]["name"], str(renamed.amount)) == ("Second", "20.00 USD")
    other = Step(0, "Silver", 5_000, 1200)  # another tier takes the name: the rate is that one's
    base, second = ladders.latest_of(program.id).steps
    publish(program, replace(R23, steps=(base, other, second)))
    assert str(earned_on(shop.sells("100.00 USD", "ADA15")).amount) == "15.00 USD"
    assert str(earned_on(shop.sells("60.00 USD", "ADA15")).amount) == "12.00 USD"


def test_R12_a_rate_for_a_tier_is_told_by_the_name_it_has_now(program, ada, world):
    for_silver = RateTable(rules=(
        RateRule(1, Basis.PERCENT, 2000, conditions=(Condition(Asks.TIER, ("silver",)),), since=1),
    ))  # fmt: skip
    plain = replace(R23, steps=(Step(0, "Base", 0, None), Step(0, "Silver", 10_000, 1500)))
    publish(program, plain)
    with unit_of_work():
        programs.publish_terms(program.id, rate_bp=1000, rates=for_silver, by=None)
    pages = (
        (world.signed_in("ada@example.com"), f"/creator/programs/{program.public_id}"),
        (Browser(world.app), "/p/glow"),
        (world.owen.browser, "/brand/glow/settings/program"),
        (world.owen.browser, f"/brand/glow/settings/program/{program.public_id}/terms"),
    )
    for browser, address in pages:
        browser.opens(address).sees("Orders of tier silver earn 20%.")
    base, silver = ladders.latest_of(program.id).steps
    publish(program, replace(plain, steps=(base, replace(silver, name="Second"))))
    for browser, address in pages:
        browser.opens(address).sees("Orders of tier Second earn 20%.")
    base, second = ladders.latest_of(program.id).steps  # the former name becomes another tier's
    publish(program, replace(plain, steps=(base, Step(0, "Silver", 5_000, 1500), second)))
    for browser, address in pages:
        browser.opens(address).sees("Orders of tier silver earn 20%.")
