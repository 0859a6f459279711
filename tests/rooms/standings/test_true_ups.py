"""A month's rate for every sale of it: the exact figures of R25 and R26, and what closes a month."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.commissions import commands as money_commands
from portal.commissions import extra_commands
from portal.commissions import jobs as money
from portal.commissions import queries as commissions
from portal.commissions.models import Commission, CommissionKind, CommissionStatus
from portal.kernel import clock
from portal.kernel.money import Money
from portal.ledger import queries as books
from portal.standings import jobs, queries, true_ups
from portal.storage.changes import change
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tiers import commands as tiers
from portal.tiers.models import Metric, Mode, Window
from portal.tiers.rules import Ladder, Step
from tests.support.queries import counted

TEN = Ladder(
    0, 0, "USD", (Step(0, "Usual", 0, 1000), Step(0, "Ten a month", 10, 1500)),
    metric=Metric.SALES, mode=Mode.RETROACTIVE, window=Window.MONTH, lock_days=45,
)  # fmt: skip


@pytest.fixture(autouse=True)
def the_books_are_right(app):
    yield
    assert commissions.violations() == []
    assert books.violations() == []
    assert queries.violations() == []


@pytest.fixture
def april(program):
    """A ladder with a month's rate, and a clock that stands on 2 April."""
    with unit_of_work():
        tiers.publish_ladder(program.id, TEN, by=None)
    clock.pass_days(31)
    return program


def sells(shop, count, first=1, **more):
    for number in range(first, first + count):
        shop.sells("100.00 USD", "ADA15", number=str(number), **more)


def approve(days=31):
    clock.pass_days(days)
    money.mature_due()
    clock.pass_time(timedelta(minutes=1))
    jobs.look()
    db.session.remove()


def true_ups_of(ada):
    mine = Commission.kind == CommissionKind.TRUE_UP, Commission.creator_id == ada.creator_id
    return db.session.scalars(select(Commission).where(*mine).order_by(Commission.id)).all()


def earned(ada):
    """Everything that is hers: pending and payable."""
    found = books.balances_of(ada.brand_id, ada.creator_id, "USD")
    return str(found.pending + found.payable)


def test_R25_the_tenth_sale_of_a_month_brings_one_row_of_50(april, ada, shop):
    sells(shop, 10)
    assert earned(ada) == "100.00 USD"
    approve()
    (row,) = true_ups_of(ada)
    assert (row.kind, str(row.amount), row.status) == (
        CommissionKind.TRUE_UP, "50.00 USD", CommissionStatus.PENDING,
    )  # fmt: skip
    assert earned(ada) == "150.00 USD"
    bill = commissions.bill_of(row)
    assert (bill[0].label, str(bill[0].value), bill[0].note) == (
        "10 sales of April 2026", "1000.00 USD", "at 15%, not 10%",
    )  # fmt: skip
    jobs.look()
    assert len(true_ups_of(ada)) == 1


def test_R26_a_refund_before_the_month_closes_leaves_90(april, ada, shop):
    sells(shop, 10)
    approve()
    shop.refunds("1", "100.00 USD")
    (row,) = true_ups_of(ada)
    assert [str(one.effect) for one in commissions.reversals_of(row.id)] == [
        "-5.00 USD", "-45.00 USD",
    ]  # fmt: skip
    assert earned(ada) == "90.00 USD"


def test_R26_what_comes_back_brings_it_back(april, ada, shop):
    sells(shop, 10)
    approve()
    shop.disputes("1", "lost")
    assert earned(ada) == "90.00 USD"
    clock.pass_days(1)
    shop.disputes("1", "won")
    assert earned(ada) == "150.00 USD"


def all_of(ada):
    """The same with what is held."""
    found = books.balances_of(ada.brand_id, ada.creator_id, "USD")
    return str(found.pending + found.payable + found.held)


def test_R72_an_open_dispute_over_one_of_ten_costs_no_tier(april, ada, shop):
    sells(shop, 10)
    approve()
    shop.disputes("1", "open")
    jobs.look()
    assert all_of(ada) == "150.00 USD"
    clock.pass_days(60)  # the month closes with it
    money.mature_due()
    jobs.look()
    assert all_of(ada) == "150.00 USD"
    shop.disputes("1", "won")
    assert earned(ada) == "150.00 USD"


def test_R26_a_dispute_lost_while_the_month_is_open_costs_the_tier(april, ada, shop):
    sells(shop, 10)
    approve()
    shop.disputes("1", "open")
    clock.pass_days(1)
    shop.disputes("1", "lost")
    assert all_of(ada) == "90.00 USD"


def test_R22_what_is_held_before_its_approval_counts_for_nothing(april, ada, shop):
    sells(shop, 10)
    shop.disputes("1", "open")
    approve()
    assert true_ups_of(ada) == []


def test_R22_only_what_is_approved_counts_and_later_sales_add_a_row(april, ada, shop):
    sells(shop, 10)
    clock.pass_days(5)
    sells(shop, 2, first=11)
    approve(days=26)
    assert [str(one.amount) for one in true_ups_of(ada)] == ["50.00 USD"]
    approve(days=5)
    assert [str(one.amount) for one in true_ups_of(ada)] == ["50.00 USD", "10.00 USD"]
    assert earned(ada) == "180.00 USD"


def test_R27_a_sale_of_the_next_month_is_another_months(april, ada, shop):
    sells(shop, 9)
    clock.pass_days(29)
    sells(shop, 1, first=10)
    approve()
    assert true_ups_of(ada) == []


def test_R61_once_the_month_is_closed_the_tier_stays(april, ada, shop):
    sells(shop, 10)
    approve()
    approve(days=45)
    (row,) = true_ups_of(ada)
    assert row.status is CommissionStatus.PAYABLE
    shop.refunds("1", "100.00 USD")
    assert earned(ada) == "135.00 USD"  # 9 × 100.00 at 15 %
    assert [str(one.effect) for one in commissions.reversals_of(row.id)] == ["-5.00 USD"]


def test_what_was_approved_just_before_a_month_closes_is_still_settled(april, ada, shop):
    sells(shop, 10)
    approve()  # 3 May
    clock.pass_days(11)
    sells(shop, 1, first=11, placed_at=clock.now() - timedelta(days=15))  # of 29 April
    clock.pass_days(30)  # 13 June; the month closes on the 15th, and nobody looks until then
    money.mature_due()
    clock.pass_days(2)
    jobs.look()
    assert earned(ada) == "165.00 USD"  # 11 × 100.00 at 15 %
    for row in true_ups_of(ada):  # the last one was added when the month had closed
        assert "April 2026 closes on 15 Jun 2026" in str(row.explanation["steps"])


def test_great_orders_of_which_a_part_earns_by_tier_are_counted_whole(april, ada, shop):
    for number in range(1, 11):
        shop.sells("40000000.01 USD", "ADA15", number=str(number))
    with unit_of_work():
        change(db.update(Commission).values(tier_base_minor=2_000_000_001))
    approve()
    assert [str(one.net) for one in true_ups_of(ada)] == ["10000000.01 USD"]


def earns_and_loses_one(ada, shop, world):
    """Ten sales make a true-up, and finance takes it back for good."""
    sells(shop, 10)
    approve()
    (row,) = true_ups_of(ada)
    finn = world.finn.user_id
    with unit_of_work():
        money_commands.hold(row.id, "Own purchases", by=finn)
        money_commands.void(row.id, "Own purchases", by=finn)


def test_a_true_up_that_a_person_took_back_for_good_is_nothing_wrong(april, ada, shop, world):
    earns_and_loses_one(ada, shop, world)
    clock.pass_days(60)
    jobs.look()
    assert queries.violations() == []


def test_R73_what_a_person_took_back_for_good_makes_no_room_for_what_came_after(
    april, ada, shop, world
):  # fmt: skip
    earns_and_loses_one(ada, shop, world)
    sells(shop, 1, first=11, placed_at=clock.now() - timedelta(days=4))  # of 29 April
    approve()
    assert earned(ada) == "115.00 USD"  # 11 × 100.00 at 10 %, and 5.00 more for the last
    shop.refunds("11", "100.00 USD")
    assert earned(ada) == "100.00 USD"


def test_R30_a_true_up_counts_for_nothing(april, ada, shop):
    sells(shop, 9)
    approve()
    with unit_of_work():
        extra_commands.earn_extra(extra_commands.Extra(
            CommissionKind.BONUS, "bonus:1", ada.brand_id, ada.creator_id, ada.id,
            Money.of("10.00 USD"), "Well done", clock.now(),
        ))  # fmt: skip
    jobs.look()
    assert len(true_ups_of(ada)) == 0


def test_R65_a_part_of_a_sale_takes_its_part(april, ada, shop):
    sells(shop, 11)
    approve()
    assert earned(ada) == "165.00 USD"
    shop.refunds("1", "33.33 USD")
    assert earned(ada) == "160.00 USD"  # 1,066.67 at 15 %: 160.00


def test_a_settled_month_is_asked_about_and_nothing_written(april, ada, shop):
    sells(shop, 10)
    approve()
    with unit_of_work(), counted() as asked:
        true_ups.settle_program(april.id)
    assert asked.count <= 16, asked


def test_two_currencies_are_two_sums(april, ada, shop):
    with unit_of_work():
        tiers.publish_ladder(
            april.id, replace(TEN, steps=(replace(TEN.steps[0], number=1), replace(
                TEN.steps[1], number=2, threshold=2))), by=None,
        )  # fmt: skip
    shop.sells("100.00 USD", "ADA15", number="1")
    shop.sells("100.00 EUR", "ADA15", number="2")
    approve()
    assert [str(one.amount) for one in true_ups_of(ada)] == ["5.00 EUR", "5.00 USD"]
