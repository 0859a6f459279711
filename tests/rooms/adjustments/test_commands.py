"""Adjustments: limits, a second person, opposite entries, write-offs, and the books beside them."""

from datetime import date

import pytest

from portal.adjustments import commands, queries, rules
from portal.adjustments.commands import About
from portal.adjustments.models import AdjustmentReason, AdjustmentStatus
from portal.audit import queries as audit
from portal.commissions import queries as commissions
from portal.kernel.errors import Conflict, InvalidInput, NotAllowed
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import commands as ledger
from portal.ledger import queries as books
from portal.limits import commands as limits
from portal.limits.rules import Limits
from portal.proposals import commands as proposals
from portal.storage.unit_of_work import unit_of_work

BONUS, OPPOSITE = AdjustmentReason.BONUS, AdjustmentReason.OPPOSITE


@pytest.fixture(autouse=True)
def the_books_are_right(app):
    yield
    assert queries.violations() == []
    assert books.violations() == []


@pytest.fixture
def finn(world):
    return world.finn.user_id


@pytest.fixture
def faye(world):
    return world.faye.user_id


def payable(ada, currency="USD"):
    return str(books.balances_of(ada.brand_id, ada.creator_id, currency).payable)


def proposed(ada, amount, by, reason=BONUS, note="Thank you.", **more):
    with unit_of_work():
        return commands.propose(
            ada.brand_id, ada.creator_id, Money.of(amount), reason, note, by=by, **more
        )


def test_at_the_limit_it_is_posted_at_once_and_above_it_waits(ada, finn, faye):
    assert proposed(ada, "50.00 USD", finn).status is AdjustmentStatus.APPROVED
    assert payable(ada) == "50.00 USD"
    waiting = proposed(ada, "50.01 USD", finn)
    assert (waiting.status, payable(ada)) == (AdjustmentStatus.PROPOSED, "50.00 USD")
    with pytest.raises(NotAllowed, match="somebody else"), unit_of_work():
        commands.approve(waiting.id, by=finn)
    with unit_of_work():
        commands.approve(waiting.id, by=faye)
    assert payable(ada) == "100.01 USD"
    with pytest.raises(Conflict, match="approved already"), unit_of_work():
        commands.approve(waiting.id, by=faye)


def test_R61_downward_is_a_negative_row_and_may_leave_a_debt(ada, finn, faye):
    found = proposed(ada, "-10.00 USD", finn, AdjustmentReason.PAID_TWICE, "You were paid twice.")
    assert (found.status, payable(ada)) == (AdjustmentStatus.APPROVED, "-10.00 USD")
    assert rules.needs_second(
        Money.of("-50.01 USD"), BONUS, Limits(120, Money.of("50.00 USD"), None)
    )


def test_an_amount_in_another_currency_needs_a_second_person(ada, finn, faye):
    assert proposed(ada, "1.00 EUR", finn).needs_second
    waiting = proposed(ada, "500 JPY", finn)
    with unit_of_work():
        commands.approve(waiting.id, by=faye)
    assert (payable(ada, "JPY"), payable(ada)) == ("500 JPY", "0.00 USD")


def test_a_mistake_gets_the_opposite_entry_once(ada, finn, faye):
    first = proposed(ada, "20.00 USD", finn)
    with unit_of_work():
        back = commands.reverse(first.id, "The wrong creator.", by=faye)
    assert (back.reason, str(back.amount), payable(ada)) == (OPPOSITE, "-20.00 USD", "0.00 USD")
    for other in (first, back):
        with pytest.raises(Conflict, match="opposite entry"), unit_of_work():
            commands.reverse(other.id, "Again.", by=faye)


def test_a_declined_one_posts_nothing_and_says_why(ada, finn, faye):
    waiting = proposed(ada, "80.00 USD", finn)
    with pytest.raises(InvalidInput), unit_of_work():
        commands.decline(waiting.id, " ", by=faye)
    with unit_of_work():
        commands.decline(waiting.id, "Agreed on 60.00.", by=faye)
    assert (payable(ada), queries.adjustment(waiting.id).decline_reason) == (
        "0.00 USD",
        "Agreed on 60.00.",
    )
    with pytest.raises(Conflict), unit_of_work():
        commands.reverse(waiting.id, "Never was.", by=faye)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"amount": Money.of("0.00 USD")}, "more or less than zero"),
        ({"note": " "}, "creator reads it"),
        ({"period": "2020-01"}, "this month or the one before"),
        ({"about": "bens"}, "not hers"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(ada, ben, shop, finn, changed, said):
    brand_id, creator_id = ada.brand_id, ada.creator_id
    order_id = shop.sells("80.00 USD", "BEN15")
    if "about" in changed:
        changed = {"about": About(commission_id=commissions.of_order(order_id).id)}
    wanted = {"amount": Money.of("5.00 USD"), "note": "Why.", **changed}
    with pytest.raises(InvalidInput, match=said), unit_of_work():
        commands.propose(brand_id, creator_id, reason=BONUS, by=finn, **wanted)
    assert queries.view_counts(brand_id) == {"proposed": 0, "approved": 0, "declined": 0}


def test_the_same_form_pressed_twice_posts_once(ada, finn):
    first = proposed(ada, "5.00 USD", finn, key="key_one")
    assert proposed(ada, "5.00 USD", finn, key="key_one").id == first.id
    assert payable(ada) == "5.00 USD"


def test_R70_a_write_off_always_needs_two_people(ada, shop, finn, faye):
    owner = ada.brand_id, ada.creator_id
    with unit_of_work():
        ledger.post("refund", "test:debt",
                    [(accounts.payable(*owner), accounts.expense(ada.brand_id),
                      Money.of("12.00 USD"))])  # fmt: skip
    with unit_of_work():
        found = commands.write_off(*owner, "USD", "We give this up.", by=finn)
    assert (str(found.amount), found.needs_second, payable(ada)) == (
        "12.00 USD",
        True,
        "-12.00 USD",
    )
    with pytest.raises(Conflict, match="already"), unit_of_work():
        commands.write_off(*owner, "USD", "Again.", by=faye)
    with pytest.raises(NotAllowed), unit_of_work():
        commands.approve(found.id, by=finn)
    with unit_of_work():
        commands.approve(found.id, by=faye)
    assert payable(ada) == "0.00 USD"
    assert str(books.balance(accounts.written_off(ada.brand_id), "USD")) == "-12.00 USD"


def test_a_write_off_of_a_debt_that_shrank_is_refused(ada, shop, finn, faye):
    owner = ada.brand_id, ada.creator_id
    proposed(ada, "-30.00 USD", finn)
    with unit_of_work():
        found = commands.write_off(*owner, "USD", "We give this up.", by=finn)
    proposed(ada, "10.00 USD", finn)
    with pytest.raises(Conflict, match="less is missing now"), unit_of_work():
        commands.approve(found.id, by=faye)


def test_nothing_negative_nothing_to_write_off(ada, finn):
    with pytest.raises(Conflict, match="not negative"), unit_of_work():
        commands.write_off(ada.brand_id, ada.creator_id, "USD", "Why not.", by=finn)


def test_other_limits_hold_once_a_second_person_agreed(ada, finn, faye):
    wanted = Limits(120, Money.of("500.00 USD"), None)
    with unit_of_work():
        policy = limits.propose(ada.brand_id, wanted, by=finn)
    assert proposed(ada, "80.00 USD", finn).needs_second
    with pytest.raises(NotAllowed), unit_of_work():
        proposals.confirm(policy.id, by=finn)
    with unit_of_work():
        proposals.confirm(policy.id, by=faye)
    assert not proposed(ada, "80.00 USD", finn).needs_second


def test_R143_who_and_why_stand_in_the_trail(ada, finn, faye):
    waiting = proposed(ada, "80.00 USD", finn)
    with unit_of_work():
        commands.approve(waiting.id, by=faye)
    trail = [(row.act, row.actor_id) for row in audit.history_of("adjustment", waiting.id)]
    assert trail == [("adjustment.proposed", finn), ("adjustment.posted", faye)]


def test_periods_are_this_month_and_the_last():
    assert rules.periods(date(2026, 1, 31)) == ("2026-01", "2025-12")
    assert rules.periods(date(2026, 11, 1)) == ("2026-11", "2026-10")
