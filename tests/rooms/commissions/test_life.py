"""The life of a commission after it was earned: review, codes, clawback limits (R57–R78)."""

from datetime import timedelta

import pytest

from portal.attribution import commands as attribution
from portal.commissions import commands, jobs, queries
from portal.commissions.models import CommissionStatus, VoidCode
from portal.creators import commands as creators
from portal.creators.models import Rail
from portal.destinations import commands as destinations
from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import queries as books
from portal.limits import commands as limits
from portal.limits.rules import Limits
from portal.programs.hold_terms import HoldBasis, HoldTerms
from portal.proposals import commands as proposals
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees
from tests.support.people import a_program, an_ambassador
from tests.support.shop import Shop

TERMS = {"rate_bp": 1000, "hold_days": 30}


@pytest.fixture
def program(world):
    return a_program(world.glow, terms=TERMS)


@pytest.fixture(autouse=True)
def the_books_are_right(app):
    yield
    assert queries.violations() == []
    assert books.violations() == []


def found(order_id):
    return queries.of_order(order_id)


def payable(ada):
    return str(books.balances_of(ada.brand_id, ada.creator_id, "USD").payable)[:-4]


def agreed(world, days=120, review_above=None):
    """The brand's limits, by two people."""
    above = Money.of(review_above) if review_above else None
    finn, faye = world.finn.user_id, world.faye.user_id
    with unit_of_work():
        policy = limits.propose(world.glow.id, Limits(days, Money.of("50.00 USD"), above), by=finn)
        proposals.confirm(policy.id, by=faye)


def mature():
    clock.pass_days(31)
    jobs.mature_due()


# ---- review
def test_R60_without_review_by_the_end_of_hold_it_is_approved(shop, ada):
    order_id = shop.sells("5000.00 USD", "ADA15")
    mature()
    assert (found(order_id).status, payable(ada)) == (CommissionStatus.PAYABLE, "500.00")


def test_R60_above_the_ceiling_a_person_looks_first(world, shop, ada):
    agreed(world, review_above="100.00 USD")
    small, large = shop.sells("1000.00 USD", "ADA15"), shop.sells("1000.10 USD", "ADA15")
    mature()
    assert found(small).status is CommissionStatus.PAYABLE
    assert (found(large).status, found(large).in_review) == (CommissionStatus.ON_HOLD, True)
    clock.pass_days(400)
    jobs.mature_due()
    assert found(large).in_review
    with unit_of_work():
        commands.release(found(large).id, by=world.finn.user_id)
    assert (found(large).status, found(large).reviewed_by) == (
        CommissionStatus.PAYABLE,
        world.finn.user_id,
    )
    jobs.mature_due()
    assert (found(large).in_review, payable(ada)) == (False, "200.01")


def test_R60_R62_declined_with_a_code_and_a_note(world, shop, ada):
    agreed(world, review_above="100.00 USD")
    order_id = shop.sells("2000.00 USD", "ADA15")
    mature()
    with unit_of_work():
        commands.void(found(order_id).id, "The buyer is your own shop.", by=world.finn.user_id,
                      code=VoidCode.SELF_REFERRAL)  # fmt: skip
    one = found(order_id)
    assert (one.status, one.void_code, one.in_review) == (
        CommissionStatus.VOID, VoidCode.SELF_REFERRAL, False,
    )  # fmt: skip


def test_R60_a_refund_may_end_what_waits_for_review(world, shop, ada):
    agreed(world, review_above="100.00 USD")
    order_id = shop.sells("2000.00 USD", "ADA15", number="1")
    mature()
    shop.refunds("1", "2000.00 USD")
    one = found(order_id)
    assert (one.status, one.in_review, one.void_code) == (
        CommissionStatus.VOID, False, VoidCode.ITEM_RETURNED,
    )  # fmt: skip


def test_R60_what_waited_for_review_waits_again_when_a_dispute_was_won(world, shop, ada):
    agreed(world, review_above="100.00 USD")
    order_id = shop.sells("2000.00 USD", "ADA15", number="1")
    mature()
    shop.disputes("1", "lost", "5000.00 USD")
    clock.pass_time(timedelta(minutes=1))
    shop.disputes("1", "won", "5000.00 USD")
    assert (found(order_id).status, found(order_id).in_review) == (CommissionStatus.ON_HOLD, True)
    with unit_of_work():
        commands.release(found(order_id).id, by=world.finn.user_id)
    assert (found(order_id).status, payable(ada)) == (CommissionStatus.PAYABLE, "200.00")


def test_R57_what_somebody_held_stays_held_when_a_dispute_was_won(shop, ada):
    order_id = shop.sells("80.00 USD", "ADA15", number="1")
    with unit_of_work():
        commands.hold(found(order_id).id, "We look at it.", by=None)
    shop.disputes("1", "lost")
    assert found(order_id).status is CommissionStatus.VOID
    clock.pass_time(timedelta(minutes=1))
    shop.disputes("1", "won")
    mature()
    assert (found(order_id).status, payable(ada)) == (CommissionStatus.ON_HOLD, "0.00")


def test_R62_every_void_carries_its_code(shop, ada):
    refunded = shop.sells("80.00 USD", "ADA15", number="1")
    shop.refunds("1", "80.00 USD")
    charged_back = shop.sells("80.00 USD", "ADA15", number="2")
    shop.disputes("2", "lost")
    cancelled = shop.sells("80.00 USD", "ADA15", number="3")
    placed = clock.now()
    clock.pass_time(timedelta(minutes=5))
    shop.sells("80.00 USD", "ADA15", number="3", is_cancelled=True, placed_at=placed)
    assert [found(one).void_code for one in (refunded, charged_back, cancelled)] == [
        VoidCode.ITEM_RETURNED, VoidCode.CHARGEBACK, VoidCode.ORDER_UPDATE,
    ]  # fmt: skip
    clock.pass_time(timedelta(minutes=1))
    shop.disputes("2", "won")
    assert found(charged_back).void_code is None
    assert [one.value for one in VoidCode] == [
        "ITEM_RETURNED", "CONS_FRAUD", "CONS_ERROR", "ORDER_ERROR", "ORDER_UPDATE",
        "NOT_COMPLIANCE_TERMS", "ITEM_OUT_OF_STOCK", "CHARGEBACK", "SELF_REFERRAL", "DUPLICATE",
        "TEST_ORDER", "EXISTING_CUSTOMER", "OUT_OF_WINDOW", "CODE_LEAK",
    ]  # fmt: skip


def test_R57_the_side_states_lead_back_to_where_it_stood(shop, ada):
    order_id = shop.sells("80.00 USD", "ADA15")
    one = found(order_id).id
    for stands in (CommissionStatus.PENDING, CommissionStatus.PAYABLE):
        with unit_of_work():
            commands.hold(one, "We look at it.", by=None)
        assert queries.commission(one).status is CommissionStatus.ON_HOLD
        with pytest.raises(Conflict), unit_of_work():
            commands.hold(one, "Again.", by=None)
        with unit_of_work():
            commands.release(one, by=None)
        assert queries.commission(one).status is stands
        with pytest.raises(Conflict), unit_of_work():
            commands.void(one, "Not held.", by=None)
        mature()


# ---- refunds and the lines of an order
def test_R66_a_refund_of_the_base_takes_its_share_and_R67_shipping_takes_nothing(shop, ada):
    order_id = shop.sells("80.00 USD", "ADA15", number="1")
    shop.refunds("1", "0.00 USD", as_id="shipping")
    assert (queries.reversals_of(found(order_id).id), str(found(order_id).net)) == ([], "8.00 USD")
    shop.refunds("1", "40.00 USD", as_id="line")
    assert str(found(order_id).net) == "4.00 USD"


def test_R78_a_refund_takes_effect_without_anybody(world, shop, ada):
    agreed(world, review_above="1.00 USD")
    order_id = shop.sells("80.00 USD", "ADA15", number="1")
    shop.refunds("1", "20.00 USD")
    assert (str(found(order_id).net), found(order_id).in_review) == ("6.00 USD", False)


# ---- after the payment
@pytest.fixture
def paid(world, shop, ada):
    """An order whose 100.00 were paid by a real run."""
    order_id, creator_id = shop.sells("1000.00 USD", "ADA15", number="1"), ada.creator_id
    mature()
    payees = Payees(world)
    payees.use(ScriptedRail())
    with unit_of_work():
        destinations.set_destination(
            creator_id, Rail.STRIPE, "acct_ada", by=None, label_masked="••4242", country="US"
        )
        creators.record_account_state("acct_ada", "payable")
    clock.pass_days(4)
    payees.approved()
    payees.work()
    assert books.balances_of(world.glow.id, creator_id, "USD").paid == Money.of("100.00 USD")
    return order_id


def sums(world, ada):
    db.session.remove()
    return payable(ada), str(books.balance(accounts.lost(world.glow.id), "USD"))[:-4]


def test_R71_within_the_limit_a_refund_is_taken_back(world, ada, paid, shop):
    clock.pass_days(119)
    shop.refunds("1", "1000.00 USD")
    assert sums(world, ada) == ("-100.00", "0.00")


def test_R71_after_the_limit_it_is_the_brands_loss(world, ada, paid, shop):
    clock.pass_days(121)
    for _ in range(3):
        shop.refunds("1", "300.00 USD", as_id="r1")
    assert sums(world, ada) == ("0.00", "-30.00")
    shop.refunds("1", "700.00 USD", as_id="r2")
    assert sums(world, ada) == ("0.00", "-100.00")
    one = found(paid)
    assert (one.reversed_minor, one.status) == (0, CommissionStatus.PAYABLE)
    assert queries.lost_of(one) == Money.of("100.00 USD")


def test_R71_the_brand_sets_the_days(world, ada, paid, shop):
    agreed(world, days=30)
    clock.pass_days(31)
    shop.refunds("1", "500.00 USD")
    assert sums(world, ada) == ("0.00", "-50.00")


def test_R71_R72_a_part_in_time_the_rest_too_late_and_a_dispute_won(world, ada, paid, shop):
    clock.pass_days(10)
    shop.refunds("1", "400.00 USD")
    clock.pass_days(120)
    shop.disputes("1", "lost", "5000.00 USD")
    assert sums(world, ada) == ("-40.00", "-60.00")
    clock.pass_days(1)
    clock.pass_time(timedelta(minutes=1))
    shop.disputes("1", "won", "5000.00 USD")
    assert sums(world, ada) == ("-40.00", "0.00")


def test_R71_credited_to_another_takes_back_what_the_brand_bore_as_well(
    world, ada, program, paid, shop
):
    bea = an_ambassador(program, "Bea")
    clock.pass_days(121)
    shop.refunds("1", "300.00 USD")
    assert sums(world, ada) == ("0.00", "-30.00")
    one = found(paid).id
    with unit_of_work():
        decision = attribution.reassign(paid, bea.id, by=None, reason="It was hers.")
        commands.earn(decision.id)
    assert sums(world, ada) == ("-100.00", "0.00")
    assert queries.lost_of(queries.commission(one)) == Money.of("0.00 USD")


def test_R70_a_negative_balance_is_carried_and_blocks(world, ada, paid, shop):
    """−80 after a clawback of 100 on a balance of 20; later +95 makes 15 payable."""
    shop.sells("200.00 USD", "ADA15", number="2")
    mature()
    shop.refunds("1", "1000.00 USD")
    assert payable(ada) == "-80.00"
    shop.sells("950.00 USD", "ADA15", number="3")
    mature()
    assert payable(ada) == "15.00"


def test_R61_what_is_paid_is_never_edited(world, ada, paid, shop):
    before = found(paid).amount_minor, found(paid).earned_at, found(paid).hold_until
    with pytest.raises(Conflict, match="run or was paid"), unit_of_work():
        commands.hold(found(paid).id, "Too late.", by=None)
    shop.refunds("1", "450.00 USD")
    one = found(paid)
    assert (one.amount_minor, one.earned_at, one.hold_until) == before
    assert [str(row.effect) for row in queries.reversals_of(one.id)] == ["-45.00 USD"]


# ---- holds that follow the shop
@pytest.mark.parametrize(
    ("basis", "paid_after", "days"),
    [
        ("paid", None, 18 + 30),  # the newest change is all that is known of its payment
        ("paid", 8, 8 + 30),
        ("order", None, 30),
    ],
)
def test_R58_an_order_first_told_of_when_it_was_paid_late(world, basis, paid_after, days):
    hold = HoldTerms(HoldBasis(basis))
    program = a_program(world.glow, slug="late", terms={**TERMS, "hold": hold})
    bea, shop, placed = an_ambassador(program, "Bea"), Shop(world.glow), clock.now()
    assert bea.is_active
    clock.pass_days(18)
    paid_at = placed + timedelta(days=paid_after) if paid_after else None
    order_id = shop.sells("80.00 USD", "BEA15", number="1", placed_at=placed, paid_at=paid_at)
    assert found(order_id).hold_until == placed + timedelta(days=days)


@pytest.mark.parametrize("basis", ["fulfilled", "delivered"])
def test_R58_the_hold_runs_from_what_the_shop_tells(world, basis):
    hold = HoldTerms(HoldBasis(basis))
    program = a_program(world.glow, slug="goods", terms={**TERMS, "hold": hold})
    bea, shop = an_ambassador(program, "Bea"), Shop(world.glow)
    assert bea.is_active
    placed = clock.now()
    order_id = shop.sells("80.00 USD", "BEA15", number="1")
    assert found(order_id).hold_until == placed + timedelta(days=150)
    clock.pass_days(40)
    told = {f"{basis}_at": clock.now()}
    shop.sells("80.00 USD", "BEA15", number="1", placed_at=placed, **told)
    assert found(order_id).hold_until == clock.now() + timedelta(days=30)
    mature()
    assert found(order_id).status is CommissionStatus.PAYABLE
    shop.sells("80.00 USD", "BEA15", number="1", placed_at=placed, **{f"{basis}_at": placed})
    assert found(order_id).hold_until < clock.now()


def test_R59_january_is_payable_when_28_february_begins(world):
    hold = HoldTerms(HoldBasis.MONTH_END)
    terms = {"rate_bp": 1000, "hold_days": 27, "hold": hold}
    with clock.at("2027-01-10T12:00:00"):
        program = a_program(world.glow, slug="monthly", terms=terms)
        bea, shop = an_ambassador(program, "Bea"), Shop(world.glow)
        assert bea.is_active
        order_id = shop.sells("80.00 USD", "BEA15", number="1")
    assert found(order_id).hold_until.isoformat() == "2027-02-28T05:00:00+00:00"
