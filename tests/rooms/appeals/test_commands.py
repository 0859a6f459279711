"""A creator objects, people decide, and exactly one journal follows."""

from datetime import date, timedelta

import pytest

from portal.ambassadors import commands as memberships
from portal.ambassadors import queries as ambassadors
from portal.appeals import commands, decision_commands, queries, subject_queries
from portal.appeals.models import AppealStatus, RejectReason
from portal.briefs import commands as briefs
from portal.commissions import commands as earnings
from portal.commissions import queries as commissions
from portal.commissions.extra_commands import Extra, earn_extra
from portal.commissions.models import CommissionKind, CommissionStatus
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput, NotAllowed
from portal.kernel.money import Money
from portal.ledger import queries as books
from portal.notifications.models import Message
from portal.programs.hold_terms import HoldBasis, HoldTerms
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import commands as tracking
from tests.support.appeals import about_commission, about_membership, about_sale, user_of
from tests.support.assignments import an_accepted, an_open_brief
from tests.support.people import a_program, an_ambassador
from tests.support.shop import settle

FULL, PART, KEPT = AppealStatus.UPHELD, AppealStatus.PARTLY_UPHELD, AppealStatus.REJECTED


@pytest.fixture
def program(world):
    return a_program(world.glow, terms={"rate_bp": 1000, "hold_days": 30})


@pytest.fixture
def ada(program):
    return an_ambassador(program, "Ada", code="ADA15")


@pytest.fixture(autouse=True)
def the_books_are_right(app):
    yield
    assert books.violations() == []
    assert commissions.violations() == []
    assert queries.violations() == []


def decided(appeal, outcome, by, **more):
    with unit_of_work():
        return decision_commands.decide(appeal.id, outcome, "We looked again.", by=by, **more)


def always_finance(world):
    with unit_of_work():
        commands.set_rules(
            world.glow.id, open_days=60, answer_days=3, limit=Money.zero("USD"), by=None
        )


def mails(letter):
    return [
        (one.recipient, one.subject) for one in db.session.query(Message).filter_by(letter=letter)
    ]


def test_R63_a_missing_sale_upheld_in_full_is_a_normal_commission(world, ada, shop):
    order_id = shop.sells("80.00 USD", number="1001")
    assert commissions.of_order(order_id) is None
    appeal = about_sale(ada, "#1001")
    assert (appeal.status, appeal.order_id) == (AppealStatus.OPEN, order_id)
    done = decided(appeal, FULL, world.mona.user_id)
    assert str(done.awarded) == "8.00 USD"
    earned = commissions.commission(done.result_commission_id)
    assert earned.status is CommissionStatus.PENDING
    assert earned.hold_until == clock.now() + timedelta(days=30)
    assert [one.reference for one in books.journals_with(done.journal)] == [done.journal]
    settle()
    assert mails("appeal_decided") == [
        ("ada@example.com", "8.00: your appeal was upheld")
    ] or mails("appeal_decided") == [("ada@example.com", "$8.00: your appeal was upheld")]


def test_a_refund_after_the_decision_takes_its_share(world, ada, shop):
    shop.sells("80.00 USD", number="1001")
    done = decided(about_sale(ada, "1001"), PART, world.mona.user_id, amount=Money.of("4.00 USD"))
    earned = commissions.commission(done.result_commission_id)
    assert (earned.kind, str(earned.net)) == (CommissionKind.ADJUSTMENT, "4.00 USD")
    shop.refunds("1001", "20.00 USD")
    assert str(commissions.commission(earned.id).net) == "3.00 USD"


def held_by(world, basis, days=30):
    """An ambassador of a program whose sales are held by this basis."""
    terms = {"rate_bp": 1000, "hold_days": days, "hold": HoldTerms(HoldBasis(basis))}
    return an_ambassador(a_program(world.glow, slug="goods", terms=terms), "Bea")


def given_part(world, member, number):
    done = decided(
        about_sale(member, number), PART, world.mona.user_id, amount=Money.of("4.00 USD")
    )
    return commissions.commission(done.result_commission_id)


@pytest.mark.parametrize(
    ("basis", "until"),
    [("paid", "2027-02-26T12:00:00"), ("delivered", "2027-02-28T12:00:00"),
     ("month end", "2027-02-28T05:00:00")],
)  # fmt: skip
def test_R58_R59_a_part_of_a_sale_is_held_as_the_sale_would_be(world, shop, basis, until):
    with clock.at("2027-01-10T12:00:00"):
        bea, placed = held_by(world, basis, days=27), clock.now()
        shop.sells("80.00 USD", number="1001", is_paid=False)
    with clock.at("2027-01-30T12:00:00"):
        shop.sells("80.00 USD", number="1001", placed_at=placed)
    with clock.at("2027-02-01T12:00:00"):
        told = {"delivered_at": clock.now()} if basis == "delivered" else {}
        shop.sells("80.00 USD", number="1001", placed_at=placed, **told)
        earned = given_part(world, bea, "1001")
    assert earned.status is CommissionStatus.PENDING
    assert earned.hold_until.isoformat() == f"{until}+00:00"


def test_R58_a_part_of_a_sale_follows_what_the_shop_tells_while_it_is_held(world, shop):
    bea, placed = held_by(world, "delivered"), clock.now()
    shop.sells("80.00 USD", number="1001")
    earned = given_part(world, bea, "1001")
    assert earned.hold_until == placed + timedelta(days=150)
    clock.pass_days(10)
    shop.sells("80.00 USD", number="1001", placed_at=placed, delivered_at=clock.now())
    assert commissions.commission(earned.id).hold_until == clock.now() + timedelta(days=30)


def test_an_order_the_shop_never_sent_may_be_appealed_after_48_hours(world, ada):
    early = clock.today("UTC")
    with pytest.raises(Conflict, match="48 hours"):
        about_sale(ada, "9999")
    clock.pass_days(3)
    from portal.appeals import subject_queries

    subject = subject_queries.of_sale(ada, "9999", early)
    with unit_of_work():
        appeal = commands.open_appeal(subject, "It was mine.", by=user_of(ada))
    with pytest.raises(InvalidInput, match="Write the amount"):
        decided(appeal, FULL, world.mona.user_id)
    done = decided(appeal, FULL, world.mona.user_id, amount=Money.of("5.00 USD"))
    assert commissions.commission(done.result_commission_id).status is CommissionStatus.PAYABLE


def test_one_open_appeal_per_subject(world, ada, shop):
    shop.sells("80.00 USD", number="1001")
    first = about_sale(ada, "1001")
    with pytest.raises(Conflict, match="open appeal about this"):
        about_sale(ada, "#1001")
    with unit_of_work():
        commands.withdraw(first.id, by=user_of(ada))
    assert about_sale(ada, "1001").id != first.id


def test_a_hold_upheld_is_released_and_kept_stays_held(world, ada, shop):
    order_id = shop.sells("80.00 USD", "ADA15")
    earned = commissions.of_order(order_id)
    with unit_of_work():
        earnings.hold(earned.id, "We look at it.", by=None)
    appeal = about_commission(ada, order_id)
    decided(appeal, KEPT, world.mona.user_id, reason=RejectReason.NO_PROOF)
    assert commissions.commission(earned.id).status is CommissionStatus.ON_HOLD
    again = about_commission(ada, order_id)
    done = decided(again, FULL, world.mona.user_id)
    assert commissions.commission(earned.id).status is CommissionStatus.PENDING
    assert (done.journal, str(done.awarded)) == (f"commission:{earned.id}:released:1", "8.00 USD")


def test_a_hold_upheld_in_part_ends_in_two_rows_that_add_up(world, ada, shop):
    order_id = shop.sells("80.00 USD", "ADA15")
    earned = commissions.of_order(order_id)
    with unit_of_work():
        earnings.hold(earned.id, "We look at it.", by=None)
    done = decided(
        about_commission(ada, order_id), PART, world.mona.user_id, amount=Money.of("3.00 USD")
    )
    assert str(commissions.commission(earned.id).net) == "0.00 USD"
    assert str(commissions.commission(done.result_commission_id).net) == "3.00 USD"
    assert sums(ada) == {"pending": "3.00 USD", "held": "0.00 USD", "payable": "0.00 USD"}


def test_R58_a_part_of_a_hold_waits_as_the_sale_would_and_is_due_when_it_was(world, ada, shop):
    mona, order_id = world.mona.user_id, shop.sells("80.00 USD", "ADA15")
    late_id = shop.sells("80.00 USD", "ADA15")
    earned = commissions.of_order(order_id)
    for one in (order_id, late_id):
        with unit_of_work():
            earnings.hold(commissions.of_order(one).id, "We look at it.", by=None)
    clock.pass_days(2)
    done = decided(about_commission(ada, order_id), PART, mona, amount=Money.of("3.00 USD"))
    given = commissions.commission(done.result_commission_id)
    assert (given.status, given.hold_until) == (CommissionStatus.PENDING, earned.hold_until)
    clock.pass_days(29)
    decided(about_commission(ada, late_id), PART, mona, amount=Money.of("2.00 USD"))
    assert sums(ada) == {"pending": "3.00 USD", "held": "0.00 USD", "payable": "2.00 USD"}
    with unit_of_work():
        earnings.mature_due()
    assert sums(ada)["payable"] == "5.00 USD"


def test_R58_a_part_of_a_held_bonus_waits_as_the_bonus_would(world, ada, shop):
    until = clock.now() + timedelta(days=30)
    with unit_of_work():
        bonus = earn_extra(Extra(
            CommissionKind.BONUS, "bonus:test", ada.brand_id, ada.creator_id, ada.id,
            Money.of("100.00 USD"), "First sale", until,
        ))  # fmt: skip
        earnings.hold(bonus.id, "We look at it.", by=None)
    subject = subject_queries.of_commission(ada.creator_id, bonus.public_id)
    with unit_of_work():
        appeal = commands.open_appeal(subject, "It is mine.", by=user_of(ada))
    done = decided(appeal, PART, world.mona.user_id, amount=Money.of("40.00 USD"))
    given = commissions.commission(done.result_commission_id)
    assert (given.status, given.hold_until) == (CommissionStatus.PENDING, until)


def sums(ada):
    found = books.balances_of(ada.brand_id, ada.creator_id, "USD")
    return {state: str(getattr(found, state)) for state in ("pending", "held", "payable")}


def test_above_the_limit_a_second_person_agrees(world, ada, shop):
    with unit_of_work():
        commands.set_rules(
            world.glow.id, open_days=60, answer_days=3, limit=Money.of("5.00 USD"), by=None
        )
    shop.sells("80.00 USD", number="1001")
    appeal = decided(about_sale(ada, "1001"), FULL, world.mona.user_id)
    assert appeal.status is AppealStatus.WAITING_FINANCE
    assert commissions.ids_of_order(appeal.order_id) == []
    with unit_of_work(), pytest.raises(NotAllowed):
        decision_commands.agree(appeal.id, by=world.mona.user_id)
    faye = world.faye.user_id
    with unit_of_work():
        done = decision_commands.agree(appeal.id, by=faye)
    assert (done.status, str(done.awarded)) == (FULL, "8.00 USD")
    with unit_of_work(), pytest.raises(Conflict):
        decision_commands.agree(appeal.id, by=faye)


def test_finance_may_refuse_with_a_reason(world, ada, shop):
    always_finance(world)
    shop.sells("80.00 USD", number="1001")
    appeal = decided(about_sale(ada, "1001"), FULL, world.mona.user_id)
    faye = world.faye.user_id
    with unit_of_work():
        done = decision_commands.refuse(appeal.id, "Budget is spent.", by=faye)
    assert (done.status, done.answer, done.journal) == (KEPT, "Budget is spent.", "")


def test_rejected_is_reopened_once_and_decided_by_somebody_else(world, ada, shop):
    shop.sells("80.00 USD", number="1001")
    mona, owen = world.mona.user_id, world.owen.user_id
    appeal = decided(about_sale(ada, "1001"), KEPT, mona, reason=RejectReason.NO_PROOF)
    with unit_of_work():
        commands.reopen(appeal.id, "Look at the mail.", by=user_of(ada))
    with pytest.raises(NotAllowed, match="Somebody else"):
        decided(appeal, FULL, mona)
    done = decided(appeal, KEPT, owen, reason=RejectReason.RULES)
    assert done.status is KEPT
    with unit_of_work(), pytest.raises(Conflict, match="final"):
        commands.reopen(appeal.id, "Once more.", by=user_of(ada))


def test_a_creator_who_is_asked_and_silent_has_withdrawn(world, ada, shop):
    shop.sells("80.00 USD", number="1001")
    mona = world.mona.user_id
    appeal = about_sale(ada, "1001")
    with unit_of_work():
        commands.ask(appeal.id, "Which phone?", by=mona)
    clock.pass_time(timedelta(days=7) - timedelta(seconds=1))
    with unit_of_work():
        assert commands.close_silent() == 0
    clock.pass_time(timedelta(seconds=1))
    with unit_of_work():
        assert commands.close_silent() == 1
    assert queries.appeal(appeal.id).status is AppealStatus.WITHDRAWN


def test_an_answer_starts_the_clock_anew(world, ada, shop):
    shop.sells("80.00 USD", number="1001")
    mona = world.mona.user_id
    appeal = about_sale(ada, "1001")
    due = appeal.due_at
    with unit_of_work():
        commands.ask(appeal.id, "Which phone?", by=mona)
    clock.pass_days(5)
    with unit_of_work():
        commands.answer(appeal.id, "Mine.", by=user_of(ada))
    found = queries.appeal(appeal.id)
    assert (found.status, found.waits_until) == (AppealStatus.UNDER_REVIEW, None)
    assert found.due_at > due


def test_R63_after_three_working_days_it_escalates_once(world, ada, shop):
    shop.sells("80.00 USD", number="1001")
    world.owen.user_id  # noqa: B018
    opened = about_sale(ada, "1001")
    assert opened.due_at == clock.now() + timedelta(days=3)  # Monday to Thursday
    clock.pass_time(timedelta(days=3, seconds=-1))
    with unit_of_work():
        assert commands.escalate_late() == 0
    clock.pass_days(3)
    for expected in (1, 0):
        with unit_of_work():
            assert commands.escalate_late() == expected
    settle()
    assert [one for one, _ in mails("appeal_overdue")] == ["owen@example.com"]


def test_a_paused_membership_is_given_back_with_its_code(world, ada):
    mona = world.mona.user_id
    with unit_of_work():
        memberships.pause(ada.id, by=mona, reason="Off-brand posts")
        tracking.pause_all(ada.id, by=mona)
    done = decided(about_membership(ada), FULL, mona)
    assert (done.status, done.journal) == (FULL, "")
    assert ambassadors.ambassador(ada.id).is_active
    code = queries.db.session.query(tracking.DiscountCode).filter_by(ambassador_id=ada.id).one()
    assert code.is_working


def test_what_she_stopped_herself_is_no_appeal(world, ada):
    with unit_of_work():
        memberships.pause(ada.id, by=user_of(ada))
    with pytest.raises(Conflict, match="yourself"):
        about_membership(ada)


def test_twice_the_same_decision_is_a_conflict(world, ada, shop):
    shop.sells("80.00 USD", number="1001")
    appeal = about_sale(ada, "1001")
    decided(appeal, FULL, world.mona.user_id)
    with pytest.raises(Conflict, match="upheld"):
        decided(appeal, FULL, world.mona.user_id)


def test_the_doctor_misses_a_journal(world, ada, shop):
    shop.sells("80.00 USD", number="1001")
    done = decided(about_sale(ada, "1001"), FULL, world.mona.user_id)
    journal = done.journal
    with unit_of_work():
        queries.appeal(done.id).journal = "commission:0:earned"
    assert "has 0 journals" in queries.violations()[0]
    with unit_of_work():
        queries.appeal(done.id).journal = journal


def test_a_day_at_the_end_of_time_is_refused_in_words(world, ada):
    subject = subject_queries.of_sale(ada, "1001", date(9999, 12, 31))
    with unit_of_work(), pytest.raises(Conflict, match="may still send this order"):
        commands.open_appeal(subject, "It was mine.", by=user_of(ada))


def test_who_of_finance_refused_does_not_decide_again(world, ada, shop):
    always_finance(world)
    shop.sells("80.00 USD", number="1001")
    mona, faye = world.mona.user_id, world.faye.user_id
    appeal = decided(about_sale(ada, "1001"), FULL, mona)
    with unit_of_work():
        refused = decision_commands.refuse(appeal.id, "Budget is spent.", by=faye)
    assert refused.decided_by == faye
    with unit_of_work():
        commands.reopen(appeal.id, "Look at the mail.", by=user_of(ada))
    decided(appeal, FULL, mona)
    for act in (lambda: decision_commands.refuse(appeal.id, "Still.", by=faye),
                lambda: decision_commands.agree(appeal.id, by=faye)):  # fmt: skip
        with unit_of_work(), pytest.raises(NotAllowed, match="Somebody else"):
            act()


def test_a_fee_paid_while_its_appeal_waits_is_not_counted_as_the_appeals(world, program, ada):
    mona, faye = world.mona.user_id, world.faye.user_id
    work = an_accepted(an_open_brief(program, mona, approver=world.owen.user_id), ada, user_of(ada))
    clock.pass_days(20)
    with unit_of_work():
        briefs.miss(work.id)
    subject = subject_queries.of_assignment(ada.creator_id, work.public_id)
    with unit_of_work():
        appeal = commands.open_appeal(subject, "I sent it.", by=user_of(ada))
    assert decided(appeal, FULL, mona).status is AppealStatus.WAITING_FINANCE
    with unit_of_work():
        earnings.earn_fee(
            work.id, ada.brand_id, ada.creator_id, ada.id, Money.of("120.00 USD"), by=mona
        )
    with unit_of_work(), pytest.raises(Conflict, match="paid meanwhile"):
        decision_commands.agree(appeal.id, by=faye)


def test_what_was_decided_is_not_decided_anew_until_something_new_happens(world, ada, shop):
    order_id = shop.sells("80.00 USD", "ADA15", number="1001")
    settle()
    clock.pass_time(timedelta(minutes=1))
    given = Money.of("5.00 USD")
    decided(about_commission(ada, order_id), FULL, world.mona.user_id, amount=given)
    with pytest.raises(Conflict, match="decided about this on"):
        about_commission(ada, order_id)
    clock.pass_time(timedelta(minutes=1))
    shop.refunds("1001", "40.00 USD")
    settle()
    assert about_commission(ada, order_id).is_open
