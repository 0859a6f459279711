"""A period's rate beside a cap, a boost, special rates and returned lines (R9, R13, R25, R66, R67):
each such sale is worked out again as if its tier had paid the rate reached."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.commissions import jobs as money
from portal.commissions import queries as commissions
from portal.commissions.models import Commission, CommissionKind
from portal.kernel import clock
from portal.kernel.money import Money
from portal.ledger import queries as books
from portal.programs import queries as programs
from portal.programs.base_terms import BaseTerms
from portal.programs.models import SplitRule
from portal.programs.rate_rules import Asks, Basis, Condition, RateRule, RateTable
from portal.programs.rules import AttributionTerms
from portal.sales import commands as sales
from portal.sales.rules import LineReport, RefundReport
from portal.standings import jobs, queries, true_up_queries, true_up_rules
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tiers import commands as tiers
from portal.tiers import queries as ladders
from portal.tiers.models import Metric, Mode, Window
from portal.tiers.rules import Ladder, Step
from tests.support.people import a_program, an_ambassador
from tests.support.queries import counted
from tests.support.shop import Shop

TWO = Ladder(
    0, 0, "USD", (Step(0, "Usual", 0, 1000), Step(0, "Two a month", 2, 1500)),
    metric=Metric.SALES, mode=Mode.RETROACTIVE, window=Window.MONTH, lock_days=45,
)  # fmt: skip
NO_B = RateRule(1, Basis.EXCLUDED, conditions=(Condition(Asks.PRODUCT, ("b",)),))
FOR_B = (Condition(Asks.PRODUCT, ("b",)), Condition(Asks.CODE, ("ADA15",)))  # above a tier's (R12)
B_AT_5 = RateRule(1, Basis.PERCENT, rate_bp=500, conditions=FOR_B)
USUAL_10 = {"rate_bp": 1000, "hold_days": 30}


@pytest.fixture(autouse=True)
def the_books_are_right(app):
    yield
    assert commissions.violations() == []
    assert books.violations() == []
    clock.pass_days(90)
    wrong = queries.violations()  # of periods that are closed by now; nobody looked meanwhile
    assert [one for one in wrong if "were not looked at for two days" not in one] == []


@pytest.fixture
def open_with(world):
    """A program with these rates, a month's tier from two sales, and one ambassador."""

    def opened(rates, **more):
        program = a_program(world.glow, terms={**USUAL_10, "rates": rates, **more})
        ada, shop = an_ambassador(program, "Ada"), Shop(world.glow)
        with unit_of_work():
            tiers.publish_ladder(program.id, TWO, by=None)
        clock.pass_days(31)
        return ada, shop

    return opened


def approve():
    clock.pass_days(31)
    money.mature_due()
    jobs.look()
    db.session.remove()


def earned(ada):
    found = books.balances_of(ada.brand_id, ada.creator_id, "USD")
    return str(found.pending + found.payable)


def true_up():
    return db.session.scalar(select(Commission).where(Commission.kind == CommissionKind.TRUE_UP))


def line(name):
    each = Money.of("100.00 USD")
    return LineReport(name, name, "1", each, each, product_id=name)


def returns(shop, number, ref):
    each = Money.of("100.00 USD")
    told = RefundReport(
        f"back-{ref}", (number,), each, clock.now(), lines=((ref, each),), pieces=(1,)
    )
    return shop._told(sales.record_refund, told)


def test_R9_a_true_up_keeps_the_cap_of_an_order(open_with):
    ada, shop = open_with(RateTable(cap_minor=5000))
    for number in ("1", "2"):
        shop.sells("1000.00 USD", "ADA15", number=number)
    approve()
    assert earned(ada) == "100.00 USD"
    assert true_up() is None
    shop.sells("40.00 USD", "ADA15", number="3", placed_at=clock.now().replace(day=1, month=4))
    approve()
    assert earned(ada) == "106.00 USD"  # below the cap: 6.00 at 15 %


def test_R13_a_true_up_is_boosted_as_its_sales_were(open_with):
    by_code = (Condition(Asks.CAME_BY, ("code",)),)
    boost = RateRule(1, Basis.PERCENT, rate_bp=2000, conditions=by_code)
    ada, shop = open_with(RateTable(boosts=(boost,)))
    for number in ("1", "2", "3", "4", "5"):
        shop.sells("100.00 USD", "ADA15", number=number)
    assert earned(ada) == "60.00 USD"
    approve()
    assert earned(ada) == "90.00 USD"  # 5 × 100.00 × 15 % × 120 %


def test_R67_what_never_counted_comes_back_and_the_true_up_stays(open_with):
    ada, shop = open_with(RateTable(rules=(NO_B,)))
    for number in ("1", "2", "3"):
        shop.sells("200.00 USD", "ADA15", number=number, lines=(line("a"), line("b")))
    approve()
    assert earned(ada) == "45.00 USD"
    returns(shop, "3", "b")
    jobs.look()
    assert earned(ada) == "45.00 USD"


def test_R66_a_line_that_earned_by_tier_takes_its_part_of_the_true_up(open_with):
    ada, shop = open_with(RateTable(rules=(B_AT_5,)))
    for number in ("1", "2", "3"):
        shop.sells("200.00 USD", "ADA15", number=number, lines=(line("a"), line("b")))
    approve()
    assert earned(ada) == "60.00 USD"  # 3 × (15.00 + 5.00)
    returns(shop, "3", "a")
    assert earned(ada) == "45.00 USD"  # 15.00 of it back, and the 5.00 of the other line stays
    returns(shop, "3", "b")
    assert earned(ada) == "40.00 USD"


def test_R2_what_counts_beside_the_goods_is_in_a_true_up_too(open_with):
    ada, shop = open_with(RateTable(), base=BaseTerms(shipping=True))
    for number in ("1", "2"):
        shop.sells("90.00 USD", "ADA15", number=number, shipping=Money.of("10.00 USD"))
    approve()
    assert earned(ada) == "30.00 USD"


def test_R50_each_part_of_a_shared_sale_is_raised_under_its_cap(open_with):
    ada, shop = open_with(
        RateTable(cap_minor=1200), attribution=AttributionTerms(split=SplitRule.EQUAL)
    )
    ben = an_ambassador(programs.program(ada.program_id), "Ben")
    for number in ("1", "2"):
        shop.sells("100.00 USD", "ADA15", "BEN15", number=number)
    approve()
    assert earned(ada) == "12.00 USD"  # half of 12.00 each, not of 15.00
    assert earned(ben) == "10.00 USD"  # they count for her who is credited: he reached no tier


def test_R25_the_bill_says_what_each_kind_of_sale_adds(open_with):
    _, shop = open_with(RateTable(cap_minor=1200))
    for number in ("1", "2"):
        shop.sells("100.00 USD", "ADA15", number=number)
    approve()
    row = true_up()
    bill = [(one.label, str(one.value), one.note) for one in commissions.bill_of(row)]
    assert bill[0] == (
        "2 sales of April 2026", "4.00 USD",
        "what each earns more at 15%, not 10%, with its special rates, boost and cap",
    )  # fmt: skip
    assert str(row.amount) == "4.00 USD"


def test_many_sales_of_their_own_rates_are_read_in_sets(open_with):
    ada, shop = open_with(RateTable(cap_minor=5000))
    for number in range(8):
        shop.sells("100.00 USD", "ADA15", number=str(number))
    approve()
    ladder = ladders.ladder_of(ada.program_id)
    period = true_up_rules.period_of(ladder, clock.now() - timedelta(days=31), "UTC")
    with counted() as asked:
        found = true_up_queries.sold_in(ladder.id, period)
    assert len(found[ada.id, "USD"].own) == 8
    assert asked.count <= 10, asked
    assert replace(found[ada.id, "USD"], own=()).counted_minor == 0
