"""R9: what is above a limit of the terms is released or declined by the brand’s own managers."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.commissions import commands
from portal.commissions.models import Commission, CommissionStatus
from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.programs import commands as programs
from portal.programs.rate_rules import RateTable
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.people import a_program, an_ambassador
from tests.support.queries import keeps_budget
from tests.support.shop import Shop, settle

ORDERS = "/brand/glow/orders"


@pytest.fixture
def held(world):
    """Two orders where one a month is the limit: the second waits."""
    program = a_program(world.glow)
    assert an_ambassador(program, "Ada", code="ADA15").is_active
    with unit_of_work():
        programs.publish_terms(
            program.id, by=None, rate_bp=1000, hold_days=30, rates=RateTable(most_actions=1),
            effective_at=clock.now() + timedelta(days=20),
        )  # fmt: skip
    clock.pass_days(21)
    shop = Shop(world.glow)
    for number in ("801", "802"):
        shop.sells("80.00 USD", "ADA15", number=number)
    settle()
    query = select(Commission).where(Commission.status == CommissionStatus.ON_HOLD)
    return db.session.scalars(query).one()


def url(found):
    return f"/brand/glow/commissions/{found.public_id}"


def again(found):
    return db.session.get(Commission, found.id, populate_existing=True)


def test_R9_a_manager_finds_it_and_releases_it(world, held):
    mona = world.mona.opens(f"{ORDERS}?view=above_limit").sees("Above a limit", "1 shown")
    mona.follows("802").sees("$8.00 is above a limit.", "so the brand decides")
    mona.follows("Release or decline").sees("Ada Example, order #802", "limit of 1 orders a month")
    mona.presses("Release", status=200).sees("Released.", "goes on as every other")
    assert again(held).status is CommissionStatus.PENDING
    mona.opens(f"{ORDERS}?view=above_limit").sees("No order is above a limit")


def test_R9_R62_declining_needs_a_code_and_a_sentence_that_the_creator_reads(world, held):
    mona = world.mona.opens(url(held)).presses("Decline", status=422)
    mona.sees("Say why: the creator reads it.", "Choose the reason code.")
    mona.fills("Code of the reason", "NOT_COMPLIANCE_TERMS")
    mona.fills("Reason", "One order a month, as agreed.").presses("Decline", status=200)
    mona.sees("Declined. The creator reads why.", "One order a month, as agreed.")
    assert again(held).status is CommissionStatus.VOID
    world.signed_in("ada@example.com").opens(f"/creator/earnings/{held.public_id}").sees(
        "One order a month, as agreed."
    )


def test_finance_may_decide_too_and_a_second_answer_is_told(world, held):
    mona, finn = world.mona.opens(url(held)), world.finn.user_id
    with unit_of_work():
        commands.release(held.id, by=finn)
    mona.posts(f"{url(held)}/release", status=409).sees("nothing here to decide")
    mona.opens(url(held)).sees("goes on as every other").does_not_see("Decline it")


def test_what_finance_stopped_is_not_the_managers(world, held):
    finn, mona = world.finn.user_id, world.mona.user_id
    with unit_of_work():
        commands.release(held.id, by=finn)
        commands.hold(held.id, "We look at it.", by=finn)
    with pytest.raises(Conflict, match="No limit of the terms"), unit_of_work():
        commands.release_above_limit(held.id, by=mona)
    world.mona.opens(url(held)).sees("so finance decides").does_not_see("Pay it all the same")
    world.mona.opens(f"{ORDERS}?view=above_limit").sees("No order is above a limit")
    assert again(held).status is CommissionStatus.ON_HOLD


def test_who_may_not(world, held):
    world.rosa.opens(url(held), status=403)
    world.finn.opens(url(held), status=403)
    world.rae.opens(url(held), status=404)
    other = url(held).replace("/glow/", "/rival/")
    world.rae.opens(other, status=404)
    world.rosa.opens(f"{ORDERS}?view=above_limit").follows("802").sees("is above a limit")
    world.rosa.browser.does_not_see("Release or decline")


def test_the_pages_keep_their_budgets(world, held):
    keeps_budget(world.mona.browser, url(held), most=12)
    keeps_budget(world.mona.browser, f"{ORDERS}?view=above_limit", most=12)
