"""Orders arrive and are decided, in a real database, through the jobs."""

from datetime import timedelta

import pytest

from portal.ambassadors import commands as memberships
from portal.attribution import commands, queries
from portal.attribution.models import Attribution, Outcome, Reason
from portal.kernel import clock
from portal.programs import commands as programs
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import commands as tracking
from portal.tracking import queries as codes
from tests.support.people import a_program, an_ambassador, an_enrolled
from tests.support.shop import clicked


def decided(order_id) -> Attribution:
    found = queries.of_order(order_id)
    assert found is not None
    return found


def test_a_typed_code_credits_its_creator(shop, ada, program):
    found = decided(shop.sells("80.00 USD", "ada15"))
    assert (found.outcome, found.reason) == (Outcome.CREDITED, Reason.CODE_TYPED)
    assert (found.ambassador_id, found.program_id, found.version) == (ada.id, program.id, 1)
    assert found.code_id == codes.codes_of_ambassador(ada.id)[0].id


def test_a_click_credits_its_creator(shop, ada):
    click_id = clicked(ada)
    clock.pass_days(3)
    found = decided(shop.sells(click_id=str(click_id)))
    assert (found.ambassador_id, found.reason, found.click_id) == (
        ada.id,
        Reason.LINK_CLICKED,
        click_id,
    )
    assert queries.orders_by_link([ada.id]) == {codes.links_of(ada.id)[0].id: 1}


def test_R36_the_same_order_again_changes_nothing(shop, ada):
    order_id = shop.sells("80.00 USD", "ADA15", number="1")
    first = decided(order_id)
    shop.sells("80.00 USD", "ADA15", number="1", at=60)
    with unit_of_work():
        assert commands.attribute_order(order_id).id == first.id
    assert [row.version for row in queries.versions_of(order_id)] == [1]


def test_R48_an_unpaid_order_waits_and_is_decided_as_of_its_own_time(shop, ada):
    """Paid two months later, when the code has long ended: the code of order time counts."""
    order_id = shop.sells("80.00 USD", "ADA15", number="7", is_paid=False)
    assert (decided(order_id).outcome, decided(order_id).reason) == (
        Outcome.MATCHING,
        Reason.AWAITING_PAYMENT,
    )
    placed = clock.now()
    clock.pass_days(10)
    with unit_of_work():
        memberships.end(ada.id, by=None)
        tracking.end_all(ada.id)
    clock.pass_days(50)
    shop.sells("80.00 USD", "ADA15", number="7", placed_at=placed)
    found = decided(order_id)
    assert (found.outcome, found.ambassador_id, found.version) == (Outcome.CREDITED, ada.id, 2)
    assert [row.is_latest for row in queries.versions_of(order_id)] == [False, True]


def test_an_order_not_credited_is_credited_when_the_code_comes_later(shop, ada):
    order_id = shop.sells("80.00 USD", number="3")
    assert decided(order_id).reason is Reason.NO_CODE_NO_CLICK
    placed = clock.now()
    clock.pass_time(timedelta(minutes=1))
    shop.sells("80.00 USD", "ADA15", number="3", placed_at=placed)
    assert (decided(order_id).version, decided(order_id).ambassador_id) == (2, ada.id)


def test_R43_an_order_before_the_membership_and_one_after_it(shop, program, ada):
    early = shop.sells("80.00 USD", "ADA15", placed_at=clock.now() - timedelta(days=1))
    assert decided(early).outcome is Outcome.NOT_CREDITED
    clock.pass_days(1)
    with unit_of_work():
        memberships.pause(ada.id, by=None)
    during = shop.sells("80.00 USD", "ADA15")
    assert decided(during).reason is Reason.MEMBERSHIP_INACTIVE
    before = shop.sells("80.00 USD", "ADA15", placed_at=clock.now() - timedelta(seconds=1))
    assert decided(before).ambassador_id == ada.id


def test_a_reserved_code_credits_nobody(shop, program):
    an_enrolled(program, "Eva")
    assert decided(shop.sells("80.00 USD", "EVA15")).outcome is Outcome.NOT_CREDITED


def test_R51_her_own_purchase_earns_nothing(shop, ada):
    found = decided(shop.sells("80.00 USD", "ADA15", customer_email="Ada@Example.com"))
    assert (found.outcome, found.reason) == (Outcome.NOT_CREDITED, Reason.SELF_PURCHASE)
    other = decided(shop.sells("80.00 USD", "ADA15", customer_email="buyer@example.com"))
    assert other.ambassador_id == ada.id


@pytest.mark.parametrize(
    ("more", "reason"),
    [({"is_test": True}, Reason.TEST_ORDER), ({"is_cancelled": True}, Reason.CANCELLED)],
)
def test_R11_R74_test_and_cancelled_orders_are_excluded(shop, ada, more, reason):
    found = decided(shop.sells("80.00 USD", "ADA15", **more))
    assert (found.outcome, found.reason) == (Outcome.EXCLUDED, reason)


def test_R15_R16_the_terms_are_those_of_the_purchase(shop, program, ada):
    first = program.id
    clock.pass_days(29)
    with unit_of_work():
        second = programs.publish_terms(first, rate_bp=2000, by=None)
    last_of_old = shop.sells("80.00 USD", "ADA15", placed_at=clock.now() - timedelta(seconds=1))
    first_of_new = shop.sells("80.00 USD", "ADA15", placed_at=clock.now())
    assert decided(first_of_new).terms_id == second.id
    assert decided(last_of_old).terms_id != second.id


def test_another_brands_code_credits_nobody(world, shop, ada):
    an_ambassador(a_program(world.rival), "Eva")
    assert decided(shop.sells("80.00 USD", "EVA15")).outcome is Outcome.NOT_CREDITED


def test_zero_orders_are_credited_too(shop, ada):
    assert decided(shop.sells("0.00 USD", "ADA15")).ambassador_id == ada.id


def test_figures_are_what_credited_orders_are_worth_now(shop, ada):
    shop.sells("80.00 USD", "ADA15", number="1")
    shop.sells("20.00 USD", "ADA15", number="2")
    shop.sells("10.00 USD", "ADA15", number="3", is_cancelled=True)
    shop.refunds("1", "30.00 USD")
    (figures,) = queries.figures_by_ambassador([ada.id])[ada.id]
    assert (figures.orders, str(figures.net)) == (2, "70.00 USD")
    code_id = codes.codes_of_ambassador(ada.id)[0].id
    assert queries.figures_by_code([code_id])[code_id] == [figures]
    assert queries.figures_by_ambassador([ada.id], clock.now() + timedelta(days=1)) == {}
    assert queries.counts(ada.brand_id) == {Outcome.CREDITED: 2, Outcome.EXCLUDED: 1}


def test_deciding_again_gives_what_is_stored(shop, ada):
    order_id = shop.sells("80.00 USD", "ADA15")
    shop.sells("80.00 USD", "NOBODY\n", customer_email="ada@example.com")
    shop.sells("80.00 USD", is_paid=False)
    clock.pass_time(timedelta(seconds=1))
    with unit_of_work():
        memberships.pause(ada.id, by=None)
    assert queries.violations() == []
    with unit_of_work():
        stored = db.session.merge(decided(order_id))
        stored.ambassador_id = stored.code_id = None
    assert "its facts say credited" in queries.violations()[0]
