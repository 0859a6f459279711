"""Earn, mature, hold, take back: through real orders and jobs, with the books beside them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.briefs.submission_commands import approve_submission
from portal.commissions import commands, jobs, queries
from portal.commissions.models import Commission, CommissionStatus, Reversal, ReversalKind
from portal.creators import queries as creators
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import commands as ledger
from portal.ledger import queries as books
from portal.programs import commands as programs
from portal.programs.models import CommissionKind
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.assignments import a_version, an_accepted, an_open_brief
from tests.support.people import a_program, an_ambassador
from tests.support.shop import Shop

TERMS = {"rate_bp": 1000, "hold_days": 30}


@pytest.fixture
def program(world):
    return a_program(world.glow, terms=TERMS)


def earned_on(order_id) -> Commission:
    found = queries.of_order(order_id)
    assert found is not None
    return found


def sums(ada):
    """pending, held, payable, committed, paid"""
    balances = books.balances_of(ada.brand_id, ada.creator_id, "USD")
    return [
        str(one)[:-4]
        for one in (
            balances.pending,
            balances.held,
            balances.payable,
            balances.committed,
            balances.paid,
        )
    ]


def reversals(order_id):
    return [
        (row.kind.value, str(row.effect)[:-4])
        for row in queries.reversals_of(earned_on(order_id).id)
    ]


def pay_out(ada, amount):
    """What a payout run does to the books, in one breath."""
    owner = ada.brand_id, ada.creator_id
    with unit_of_work():
        ledger.post(
            "payout",
            f"test:{amount}",
            [(accounts.payable(*owner), accounts.committed(*owner), Money.of(amount))],
        )
        ledger.post(
            "payout",
            f"test:{amount}:out",
            [(accounts.committed(*owner), accounts.PAID_OUT, Money.of(amount))],
        )


@pytest.fixture(autouse=True)
def the_books_are_right(app):
    yield
    assert queries.violations() == []
    assert books.violations() == []


# ---- earning
def test_a_credited_order_earns_once(shop, ada):
    order_id = shop.sells("87.45 USD", "ADA15", number="1")
    found = earned_on(order_id)
    assert (str(found.amount), str(found.base), found.status) == (
        "8.75 USD",
        "87.45 USD",
        CommissionStatus.PENDING,
    )
    assert found.hold_until == clock.now() + timedelta(days=30)
    assert sums(ada) == ["8.75", "0.00", "0.00", "0.00", "0.00"]
    shop.sells("87.45 USD", "ADA15", number="1", at=5)
    with unit_of_work():
        assert commands.earn(found.attribution_id).id == found.id
    assert db.session.scalars(select(Commission)).all() == [queries.commission(found.id)]


def test_an_order_not_credited_earns_nothing(shop, ada):
    assert queries.of_order(shop.sells("80.00 USD")) is None


def test_R16_later_terms_leave_what_was_earned(shop, program, ada):
    """Shipped mistake 8."""
    first = shop.sells("100.00 USD", "ADA15")
    clock.pass_days(1)
    with unit_of_work():
        programs.publish_terms(program.id, rate_bp=2000, hold_days=5, by=None)
    second = shop.sells("100.00 USD", "ADA15")
    assert [str(earned_on(one).amount) for one in (first, second)] == ["10.00 USD", "20.00 USD"]
    assert earned_on(first).hold_until - earned_on(first).earned_at == timedelta(days=30)


def test_R8_an_order_of_nothing_keeps_its_row(shop, ada):
    order_id = shop.sells("0.00 USD", "ADA15")
    assert str(earned_on(order_id).amount) == "0.00 USD"
    clock.pass_days(31)
    jobs.mature_due()
    assert queries.commission(earned_on(order_id).id).status is CommissionStatus.PAYABLE
    assert sums(ada)[:3] == ["0.00", "0.00", "0.00"]


def test_R48_the_hold_of_an_order_paid_late_runs_from_its_payment(shop, ada):
    order_id = shop.sells("80.00 USD", "ADA15", number="9", is_paid=False)
    assert queries.of_order(order_id) is None
    placed = clock.now()
    clock.pass_days(20)
    shop.sells("80.00 USD", "ADA15", number="9", placed_at=placed)
    assert earned_on(order_id).hold_until == clock.now() + timedelta(days=30)


def test_R1_another_currency_has_its_own_sums(shop, ada):
    shop.sells("10000 JPY", "ADA15")
    shop.sells("80.00 USD", "ADA15")
    assert str(books.balances_of(ada.brand_id, ada.creator_id, "JPY").pending) == "1000 JPY"
    assert sums(ada)[0] == "8.00"


# ---- maturing
def test_the_hold_ends_and_not_a_second_before(shop, ada):
    order_id = shop.sells("80.00 USD", "ADA15")
    clock.pass_time(timedelta(days=30, seconds=-1))
    jobs.mature_due()
    assert sums(ada)[:3] == ["8.00", "0.00", "0.00"]
    clock.pass_time(timedelta(seconds=1))
    jobs.mature_due()
    jobs.mature_due()
    assert sums(ada)[:3] == ["0.00", "0.00", "8.00"]
    assert queries.commission(earned_on(order_id).id).payable_at == clock.now()


def test_maturing_works_in_batches(shop, ada, monkeypatch):
    monkeypatch.setattr(commands, "BATCH", 2)
    for _ in range(5):
        shop.sells("10.00 USD", "ADA15")
    clock.pass_days(31)
    with unit_of_work():
        assert commands.mature_due(2) == 2
    jobs.mature_due()
    assert sums(ada)[2] == "5.00"


# ---- refunds
def test_R65_three_refunds_before_maturity_end_at_zero_and_void(shop, ada):
    order_id = shop.sells("87.45 USD", "ADA15", number="1")
    for count in (1, 2, 3):
        shop.refunds("1", "29.15 USD", as_id=f"r{count}")
    assert reversals(order_id) == [("refund", "-2.92"), ("refund", "-2.91"), ("refund", "-2.92")]
    assert (earned_on(order_id).status, sums(ada)) == (CommissionStatus.VOID, ["0.00"] * 5)
    clock.pass_days(31)
    jobs.mature_due()
    assert earned_on(order_id).status is CommissionStatus.VOID


def test_R64_a_full_refund_before_approval_voids(shop, ada):
    order_id = shop.sells("80.00 USD", "ADA15", number="1")
    shop.refunds("1", "80.00 USD")
    assert earned_on(order_id).word == "void"
    assert earned_on(order_id).amount_minor == 800


def test_a_refund_of_a_part_matures_with_the_rest(shop, ada):
    shop.sells("80.00 USD", "ADA15", number="1")
    shop.refunds("1", "20.00 USD")
    clock.pass_days(31)
    jobs.mature_due()
    assert sums(ada)[:3] == ["0.00", "0.00", "6.00"]


def test_R69_R70_a_refund_after_payment_is_one_negative_line(shop, ada):
    """Shipped mistake 5: the event arrives five times."""
    order_id = shop.sells("60.00 USD", "ADA15", number="1")
    clock.pass_days(31)
    jobs.mature_due()
    pay_out(ada, "6.00 USD")
    for _ in range(5):
        shop.refunds("1", "45.00 USD")
        with unit_of_work():
            commands.reverse(order_id)
    assert reversals(order_id) == [("refund", "-4.50")]
    assert sums(ada) == ["0.00", "0.00", "-4.50", "0.00", "6.00"]
    shop.sells("100.00 USD", "ADA15")
    clock.pass_days(31)
    jobs.mature_due()
    assert sums(ada)[2] == "5.50"


def test_a_whole_refund_after_payment_reads_reversed(shop, ada):
    order_id = shop.sells("60.00 USD", "ADA15", number="1")
    clock.pass_days(31)
    jobs.mature_due()
    pay_out(ada, "6.00 USD")
    shop.refunds("1", "60.00 USD")
    assert (earned_on(order_id).word, sums(ada)[2]) == ("reversed", "-6.00")


def test_R77_a_refund_that_came_before_its_order(shop, ada):
    shop.refunds("1", "20.00 USD")
    order_id = shop.sells("80.00 USD", "ADA15", number="1")
    assert (str(earned_on(order_id).amount), reversals(order_id)) == (
        "8.00 USD",
        [("refund", "-2.00")],
    )
    assert sums(ada)[0] == "6.00"


def test_R74_a_cancellation_voids_and_a_later_refund_adds_nothing(shop, ada):
    order_id = shop.sells("80.00 USD", "ADA15", number="1")
    placed = clock.now()
    clock.pass_time(timedelta(minutes=5))
    shop.sells("80.00 USD", "ADA15", number="1", is_cancelled=True, placed_at=placed)
    shop.refunds("1", "80.00 USD")
    assert reversals(order_id) == [("cancellation", "-8.00")]
    clock.pass_time(timedelta(minutes=5))
    assert sums(ada) == ["0.00"] * 5


def test_a_cancellation_taken_back_gives_back(shop, ada):
    order_id = shop.sells("80.00 USD", "ADA15", number="1")
    placed = clock.now()
    for minutes, is_cancelled in ((5, True), (10, False)):
        clock.pass_time(timedelta(minutes=minutes))
        shop.sells("80.00 USD", "ADA15", number="1", is_cancelled=is_cancelled, placed_at=placed)
    assert reversals(order_id) == [("cancellation", "-8.00"), ("reinstatement", "8.00")]
    assert (earned_on(order_id).status, sums(ada)[0]) == (CommissionStatus.PENDING, "8.00")


def test_R68_flat_is_kept_on_a_part(world):
    program = a_program(
        world.glow, terms={"kind": CommissionKind.FLAT, "rate_bp": 0, "flat": Money.of("5.00 USD")}
    )
    ada, shop = an_ambassador(program, "Ada"), Shop(world.glow)
    order_id = shop.sells("80.00 USD", "ADA15", number="1")
    shop.refunds("1", "79.00 USD")
    assert (reversals(order_id), sums(ada)[0]) == ([], "5.00")
    shop.refunds("1", "1.00 USD")
    assert (reversals(order_id), sums(ada)[0]) == ([("refund", "-5.00")], "0.00")


# ---- disputes
def test_R72_an_open_dispute_holds_and_a_won_one_releases(shop, ada):
    order_id = shop.sells("80.00 USD", "ADA15", number="1")
    shop.disputes("1", "open")
    assert (earned_on(order_id).status, sums(ada)[:3]) == (
        CommissionStatus.ON_HOLD,
        ["0.00", "8.00", "0.00"],
    )
    clock.pass_days(400)
    jobs.mature_due()
    assert earned_on(order_id).status is CommissionStatus.ON_HOLD
    shop.disputes("1", "won")
    assert (earned_on(order_id).status, earned_on(order_id).hold_reason) == (
        CommissionStatus.PENDING,
        "",
    )
    jobs.mature_due()
    assert sums(ada)[:3] == ["0.00", "0.00", "8.00"]


def test_R72_a_lost_dispute_takes_and_a_won_one_gives_exactly_that_back(shop, ada):
    """Shipped mistake 6, after a refund of a part and after payment."""
    order_id = shop.sells("80.00 USD", "ADA15", number="1")
    shop.refunds("1", "20.00 USD")
    clock.pass_days(31)
    jobs.mature_due()
    pay_out(ada, "6.00 USD")
    shop.disputes("1", "open")
    assert earned_on(order_id).status is CommissionStatus.PAYABLE  # already paid: nothing to hold
    clock.pass_days(1)
    shop.disputes("1", "lost")
    assert (sums(ada)[2], reversals(order_id)[1:]) == ("-6.00", [("chargeback", "-6.00")])
    clock.pass_days(1)
    shop.disputes("1", "won")
    assert reversals(order_id)[2:] == [("reinstatement", "6.00")]
    assert (earned_on(order_id).status, sums(ada)[2]) == (CommissionStatus.PAYABLE, "0.00")


def test_a_lost_dispute_takes_from_what_it_held(shop, ada):
    order_id = shop.sells("80.00 USD", "ADA15", number="1")
    shop.disputes("1", "open")
    clock.pass_days(1)
    shop.disputes("1", "lost")
    assert (earned_on(order_id).status, sums(ada)) == (CommissionStatus.VOID, ["0.00"] * 5)


def test_an_order_disputed_before_it_was_known_is_held_from_the_start(shop, ada):
    shop.disputes("1", "open")
    order_id = shop.sells("80.00 USD", "ADA15", number="1")
    assert earned_on(order_id).status is CommissionStatus.ON_HOLD


# ---- by hand
def test_hold_and_release_by_a_person(shop, ada):
    """Shipped mistake 12: a hold left alone for a year is still held."""
    found = earned_on(shop.sells("80.00 USD", "ADA15", number="1"))
    with unit_of_work():
        commands.hold(found.id, " Looks odd ", by=None)
    clock.pass_days(366)
    jobs.mature_due()
    assert sums(ada)[:3] == ["0.00", "8.00", "0.00"]
    shop.refunds("1", "20.00 USD")
    assert sums(ada)[:3] == ["0.00", "6.00", "0.00"]
    with unit_of_work():
        commands.release(found.id, by=None)
    jobs.mature_due()
    assert sums(ada)[:3] == ["0.00", "0.00", "6.00"]
    with unit_of_work():
        commands.hold(found.id, "Once more", by=None)
        commands.release(found.id, by=None)
    assert queries.commission(found.id).status is CommissionStatus.PAYABLE


def test_what_was_paid_cannot_be_held(shop, ada):
    found = earned_on(shop.sells("80.00 USD", "ADA15"))
    clock.pass_days(31)
    jobs.mature_due()
    pay_out(ada, "8.00 USD")
    with pytest.raises(Conflict, match="paid already"), unit_of_work():
        commands.hold(found.id, "Too late", by=None)
    assert queries.commission(found.id).status is CommissionStatus.PAYABLE


def test_R62_holding_and_voiding_need_a_reason(shop, ada):
    found = earned_on(shop.sells("80.00 USD", "ADA15", number="1"))
    for act in (commands.hold, commands.void):
        with pytest.raises(InvalidInput), unit_of_work():
            act(found.id, "  ", by=None)
    with pytest.raises(Conflict, match="nothing to release"), unit_of_work():
        commands.void(found.id, "Fraud", by=None)
    with unit_of_work():
        commands.hold(found.id, "Looks odd", by=None)
        commands.void(found.id, "The buyer does not exist", by=None)
    assert (earned_on(found.order_id).word, sums(ada)) == ("void", ["0.00"] * 5)
    shop.refunds("1", "20.00 USD")
    assert [row.kind for row in queries.reversals_of(found.id)] == [ReversalKind.VOIDED]
    with pytest.raises(Conflict), unit_of_work():
        commands.hold(found.id, "Again", by=None)


# ---- fees
def test_a_brief_fee_is_earned_once_and_payable_at_once(world, program, ada):
    user_id = creators.creator(ada.creator_id).user_id
    assignment = an_accepted(
        an_open_brief(program, world.mona.user_id, world.owen.user_id), ada, user_id
    )
    version = a_version(assignment, user_id)
    with unit_of_work():
        approve_submission(version.id, by=world.mona.user_id)
    world.settle()
    found = queries.of_assignment(assignment.id)
    assert (str(found.amount), found.status, sums(ada)[2]) == (
        "120.00 USD",
        CommissionStatus.PAYABLE,
        "120.00",
    )
    assert queries.bill_of(found)[0].label == "Winter roast in your kitchen"
    again = assignment.id, ada.brand_id, ada.creator_id, ada.id, Money.of("120.00 USD")
    with unit_of_work():
        assert commands.earn_fee(*again, by=None).id == found.id
    assert sums(ada)[2] == "120.00"


def test_a_fee_with_a_hold_waits_and_a_fee_of_nothing_is_refused(world, program, ada):
    user_id = creators.creator(ada.creator_id).user_id
    assignment = an_accepted(
        an_open_brief(program, world.mona.user_id, world.owen.user_id), ada, user_id
    )
    owner = assignment.id, ada.brand_id, ada.creator_id, ada.id
    with pytest.raises(InvalidInput), unit_of_work():
        commands.earn_fee(*owner, Money.of("0.00 USD"), by=None)
    with unit_of_work():
        commands.earn_fee(*owner, Money.of("50.00 USD"), hold_days=7, by=None)
    assert sums(ada)[0] == "50.00"
    clock.pass_days(7)
    jobs.mature_due()
    assert sums(ada)[2] == "50.00"


def test_every_journal_names_its_commission(shop, ada):
    found = earned_on(shop.sells("80.00 USD", "ADA15", number="1"))
    shop.refunds("1", "20.00 USD")
    clock.pass_days(31)
    jobs.mature_due()
    trail = books.journals_with(queries.reference(found.id, ""))
    assert [journal.reference.split(":", 2)[2] for journal in trail] == [
        "earned",
        "reversed:1",
        "matured",
    ]
    (reversal,) = db.session.scalars(select(Reversal)).all()
    assert reversal.journal_reference == trail[1].reference


def test_a_forged_amount_is_found(shop, ada):
    order_id = shop.sells("80.00 USD", "ADA15")
    with unit_of_work():
        db.session.merge(earned_on(order_id)).amount_minor = 900
    assert len(queries.violations()) == 3
    with unit_of_work():
        db.session.merge(earned_on(order_id)).amount_minor = 800
