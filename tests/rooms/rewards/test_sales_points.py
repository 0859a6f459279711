"""Points that terms give for sales: with the commission's hold, taken back in its ratio."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.commissions import jobs as maturing
from portal.doctor import CHECKS
from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.notifications.models import Message
from portal.programs import commands as programs
from portal.programs import loss_rules, rate_wording
from portal.programs import queries as offers
from portal.programs.models import SplitRule
from portal.programs.points_rules import PointsRate, check_points, losses_of_points
from portal.programs.rate_rules import RateTable
from portal.programs.rules import AttributionTerms
from portal.rewards import item_commands, jobs, queries, sales_queries
from portal.rewards.models import Reward, RewardKind
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tax.models import TaxEntry
from portal.terms.rate_form import rates_values
from tests.rooms.rewards.test_commands import add, redeem
from tests.support.people import a_program, an_ambassador
from tests.support.shop import clicked, settle

TEN_EACH = PointsRate(10)
ONE_A_DOLLAR = PointsRate(1, 100)


def with_points(world, rate):
    rates = RateTable(points=rate)
    return a_program(world.glow, terms={"hold_days": 10, "rates": rates})


@pytest.fixture
def points(world):
    return add(world.glow, RewardKind.POINTS, "points", "0.10 USD")


@pytest.fixture
def member(world, points):
    """An ambassador whose sales give one point for each full dollar."""
    return an_ambassador(with_points(world, ONE_A_DOLLAR), "Ada", code="ADA15")


def approve():
    clock.pass_days(10)
    maturing.mature_due()
    jobs.look()
    settle()


def had(member):
    return queries.points_of(member.brand_id, member.creator_id)


def taxed():
    rows = db.session.scalars(select(TaxEntry).order_by(TaxEntry.id))
    return [str(row.amount) for row in rows]


def all_is_well():
    return [wrong for _, find in CHECKS for wrong in find()] == []


# ---- the terms


@pytest.mark.parametrize(
    ("rate", "base", "points"),
    [(TEN_EACH, 8_745, 10), (ONE_A_DOLLAR, 8_745, 87), (PointsRate(2, 1_000), 8_745, 16)],
)
def test_points_are_for_each_order_or_each_full_amount(rate, base, points):
    assert rate.given_for(base) == points


@pytest.mark.parametrize(
    ("old", "new", "lost"),
    [
        (PointsRate(), TEN_EACH, []),
        (TEN_EACH, PointsRate(9), ["Sales give fewer points."]),
        (ONE_A_DOLLAR, PointsRate(2, 100), []),
        (ONE_A_DOLLAR, PointsRate(1, 101), ["Sales give fewer points."]),
        (TEN_EACH, ONE_A_DOLLAR, ["Points are counted another way."]),
        (TEN_EACH, PointsRate(), ["Sales give no points any more."]),
    ],
)
def test_R17_fewer_points_are_a_loss_and_more_are_none(world, old, new, lost):
    assert losses_of_points(old, new) == lost
    terms = offers.facts_of(offers.latest_terms(with_points(world, old).id))
    changed = type(terms)(**{name: getattr(terms, name) for name in terms.__slots__}
                          | {"rates": RateTable(points=new)})  # fmt: skip
    assert loss_rules.worse_for_creators(terms, changed, clock.now()) == lost


def test_points_that_cannot_be_are_refused():
    for wrong in (PointsRate(-1), PointsRate(10_001), PointsRate(0, 100), PointsRate(1, -5)):
        with pytest.raises(InvalidInput):
            check_points(wrong)


def test_the_offer_says_what_sales_give(world, member):
    terms = offers.facts_of(offers.latest_terms(member.program_id))
    said = "Approved orders give 1 point for each full $1.00."
    assert rate_wording.sentences_for(terms, "UTC", "", ()) == [said]
    assert RateTable.of(RateTable(points=TEN_EACH).plain()).points == TEN_EACH
    world.cy.opens(f"/p/{offers.program(member.program_id).slug}").sees(said)


# ---- given and taken back


def test_points_are_given_when_the_sale_is_approved_and_not_before(member, shop):
    shop.sells("87.45 USD", "ADA15")
    jobs.look()
    assert had(member) == 0
    approve()
    assert (had(member), taxed()) == (87, ["8.70 USD"])
    jobs.look()
    assert had(member) == 87
    reward = db.session.scalars(select(Reward)).one()
    assert (reward.kind, reward.note) == (RewardKind.POINTS, "For sales in Glow Ambassadors")
    assert not [one for one in db.session.scalars(select(Message)) if "reward" in one.letter]
    assert all_is_well()


def test_R65_a_return_takes_the_same_share_of_the_points(member, shop):
    shop.sells("80.00 USD", "ADA15")
    shop.sells("40.00 USD", "ADA15")
    approve()
    assert had(member) == 120
    shop.refunds("1001", "20.00 USD")
    assert (had(member), taxed()[-1]) == (100, "-2.00 USD")
    shop.refunds("1001", "60.00 USD")
    assert had(member) == 40
    shop.refunds("1002", "40.00 USD")
    jobs.look()
    assert (had(member), sum(map(Money.of, taxed()), Money.zero("USD"))) == (0, Money.zero("USD"))
    assert all_is_well()


def test_R50_an_order_that_is_shared_gives_its_points_once(world, points, shop):
    """100 points three ways are 34, 33 and 33; half of it returned leaves half of each."""
    rates = RateTable(points=ONE_A_DOLLAR)
    terms = {
        "hold_days": 10,
        "rates": rates,
        "attribution": AttributionTerms(split=SplitRule.EQUAL),
    }
    program = a_program(world.glow, terms=terms)
    ada, ben, cleo = [an_ambassador(program, name, code=code) for name, code in
                      [("Ada", "ADA15"), ("Ben", "BEN15"), ("Cleo", "CLEO15")]]  # fmt: skip
    first = clicked(ben)
    second = clicked(cleo, previous_id=first)
    shop.sells("100.00 USD", "ADA15", click_id=str(second))
    approve()
    assert [had(member) for member in (ada, ben, cleo)] == [34, 33, 33]
    shop.refunds("1001", "50.00 USD")
    jobs.look()
    assert [had(member) for member in (ada, ben, cleo)] == [17, 16, 16]
    shop.refunds("1001", "50.00 USD", as_id="the-rest")
    jobs.look()
    assert [had(member) for member in (ada, ben, cleo)] == [0, 0, 0]
    assert all_is_well()


def test_R72_a_dispute_that_is_won_gives_the_points_again(member, shop):
    shop.sells("80.00 USD", "ADA15")
    approve()
    shop.disputes("1001", "lost")
    assert had(member) == 0
    clock.pass_days(1)
    shop.disputes("1001", "won")
    jobs.look()
    assert had(member) == 80
    assert all_is_well()


def test_R70_points_that_are_spent_stay_owed_until_there_are_more(world, member, shop):
    box = add(world.glow, points_price=70)
    shop.sells("80.00 USD", "ADA15")
    approve()
    redeem(box, member)
    shop.refunds("1001", "80.00 USD")
    assert had(member) == 0  # ten were left; seventy are a box
    shop.sells("100.00 USD", "ADA15")
    approve()
    assert had(member) == 30
    assert sales_queries.given_for_sales(world.glow.id) == {member.id: 100}
    assert all_is_well()


def test_R16_a_sale_gives_by_the_terms_it_was_bought_under(member, shop):
    shop.sells("50.00 USD", "ADA15")
    with unit_of_work():
        programs.publish_terms(
            member.program_id, by=None, rate_bp=1_000, hold_days=10,
            rates=RateTable(points=PointsRate(3, 100)),
        )  # fmt: skip
    clock.pass_time(timedelta(hours=1))
    shop.sells("50.00 USD", "ADA15")
    approve()
    assert had(member) == 50 + 150


def test_points_per_order_whatever_it_costs(world, points, shop):
    member = an_ambassador(with_points(world, TEN_EACH), "Ada", code="ADA15")
    for base in ("80.00 USD", "3.00 USD"):
        shop.sells(base, "ADA15")
    approve()
    assert had(member) == 20


def test_more_points_than_one_reward_holds_come_in_several(world, points, shop):
    """A hundred for each dollar, sold for 25,000.00: nobody's look stops at it."""
    member = an_ambassador(with_points(world, PointsRate(100, 100)), "Ada", code="ADA15")
    shop.sells("25000.00 USD", "ADA15")
    approve()
    assert had(member) == 1_000_000
    for _ in range(3):
        jobs.look()
    assert had(member) == 2_500_000
    rows = db.session.scalars(select(Reward).order_by(Reward.id))
    assert [row.quantity for row in rows] == [1_000_000, 1_000_000, 500_000]
    shop.refunds("1001", "12500.00 USD")
    assert had(member) == 1_250_000
    assert all_is_well()


def test_without_points_the_brand_is_told_and_they_are_given_later(world, shop):
    member = an_ambassador(with_points(world, TEN_EACH), "Ada", code="ADA15")
    shop.sells("80.00 USD", "ADA15")
    approve()
    page = world.mona.opens("/brand/glow/rewards")
    page.sees("Sales give points, but you have none yet", "Glow Ambassadors promises points")
    add(world.glow, RewardKind.POINTS, "points", "0.10 USD")
    jobs.look()
    assert had(member) == 10
    world.mona.opens("/brand/glow/rewards?view=all").sees("10 points", "For sales in Glow")


def test_points_that_are_given_no_more_wait(world, member, points, shop):
    shop.sells("80.00 USD", "ADA15")
    with unit_of_work():
        item_commands.change_item(
            points.id, points_price=None, stock=None, seen_stock=None, is_active=False, by=None
        )
    approve()
    assert had(member) == 0


def test_the_creator_reads_what_returns_took(world, member, shop):
    shop.sells("80.00 USD", "ADA15")
    approve()
    shop.refunds("1001", "20.00 USD")
    page = world.signed_in("ada@example.com").opens("/creator/rewards")
    page.sees("80 points, 20 taken back for returns", "For sales in Glow Ambassadors")


def test_points_are_written_in_the_editor(world, program):
    owner, door = world.owen.browser, f"/brand/glow/settings/program/{program.public_id}/terms"
    typed = {"kind": "percent", "rate": "10", "hold_days": "30", "window_days": "30",
             "code_policy": "always", "click_rule": "last_click", "customers": "all",
             "split": "none", "points": "2", "points_per": "10.00"}  # fmt: skip
    owner.opens(door)
    owner.posts(door, typed | {"do": "check"}).sees(
        "Approved orders give 2 points for each full $10.00."
    )
    owner.posts(door, typed | {"do": "publish", "effective_on": "2026-04-20"})
    assert RateTable.of(offers.latest_terms(program.id).rates).points == PointsRate(2, 1_000)
    shown = rates_values(RateTable(points=PointsRate(2, 1_000)), "USD", "UTC", {})
    assert (shown["points"], shown["points_per"]) == (2, "10.00")
