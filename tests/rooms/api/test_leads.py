"""Leads and sign-ups, told by REST, earn what the terms pay for them: no order, no money."""

import pytest
from sqlalchemy import select

from portal.commissions.models import Commission, CommissionStatus
from portal.doctor import CHECKS
from portal.kernel import clock
from portal.programs.rate_rules import Asks, Basis, Condition, RateRule, RateTable
from portal.storage.model import db
from tests.support.callers import a_caller, told
from tests.support.people import a_program, an_ambassador
from tests.support.shop import clicked


def paid_for(number, action, minor):
    return RateRule(number, Basis.ORDER, 0, minor, (Condition(Asks.ACTION, (action,)),), since=1)


@pytest.fixture
def ada(world):
    rates = RateTable(rules=(paid_for(1, "lead", 1_000), paid_for(2, "sign_up", 250)))
    program = a_program(world.glow, terms={"rates": rates, "hold_days": 10})
    return an_ambassador(program, "Ada", code="ADA15")


@pytest.fixture
def shop(world):
    return a_caller(world, world.glow)


def conversion(number, action, **more):
    """Without lines: nothing was bought."""
    return told(number, 0, action=action, **more)


@pytest.mark.parametrize(("action", "minor"), [("lead", 1_000), ("sign_up", 250)])
def test_a_lead_and_a_sign_up_earn_their_flat_amount_by_code_or_click(
    world, ada, shop, action, minor
):
    by_code = shop.posts("/conversions", conversion("l1", action, codes=["ADA15"]))
    by_click = shop.posts("/conversions", conversion("l2", action, click_id=str(clicked(ada))))
    again = shop.posts("/conversions", conversion("l1", action, codes=["ADA15"]), expect=200)
    assert again["id"] == by_code["id"]
    world.settle()
    for made in (by_code, by_click):
        (earned,) = shop.gets(f"/conversions/{made['id']}")["commissions"]
        assert (earned["kind"], earned["amount"]["amount_minor"]) == ("sale", minor)
    assert db.session.query(Commission).count() == 2
    clock.pass_days(10)
    world.settle()
    states = set(db.session.scalars(select(Commission.status)))
    assert states <= {CommissionStatus.PENDING, CommissionStatus.PAYABLE}
    assert [sentence for _, find in CHECKS for sentence in find()] == []


def test_a_lead_that_is_withdrawn_earns_nothing(world, ada, shop):
    made = shop.posts("/conversions", conversion("l1", "lead", codes=["ADA15"]))
    world.settle()
    clock.pass_days(1)
    gone = conversion("l1", "lead", codes=["ADA15"], is_cancelled=True)
    shop.posts("/conversions", gone, expect=200)
    world.settle()
    (earned,) = shop.gets(f"/conversions/{made['id']}")["commissions"]
    assert (earned["status"], earned["net"]["amount_minor"]) == ("void", 0)
