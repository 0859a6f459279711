"""Deadlines, second persons and amounts of appeals, without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.appeals import rules
from portal.appeals.models import AppealKind, AppealStatus
from portal.appeals.rules import Policy, Subject
from portal.kernel.errors import Conflict, InvalidInput, NotAllowed
from portal.kernel.money import Money

FRIDAY = datetime(2026, 3, 6, 15, tzinfo=UTC)
POLICY = Policy(60, 3, Money.of("100.00 USD"))
KEPT, PART, FULL = AppealStatus.REJECTED, AppealStatus.PARTLY_UPHELD, AppealStatus.UPHELD


def subject(**more):
    values = {
        "kind": AppealKind.SALE, "key": "order:1", "title": "Order ending 1", "brand_id": 1,
        "creator_id": 1, "ambassador_id": 1, "currency": "USD", "since": FRIDAY, **more,
    }  # fmt: skip
    return Subject(**values)


def test_the_last_instant_is_inside_and_one_second_later_is_not():
    last = FRIDAY + timedelta(days=60)
    rules.check_can_open(subject(), POLICY, last)
    with pytest.raises(Conflict, match="by 5 May 2026"):
        rules.check_can_open(subject(), POLICY, last + timedelta(seconds=1))


def test_what_cannot_be_appealed_says_why_first():
    with pytest.raises(Conflict, match="still going on"):
        rules.check_can_open(subject(refusal="It is still going on."), POLICY, FRIDAY)


@pytest.mark.parametrize(
    ("days", "due"), [(1, "2026-03-09"), (3, "2026-03-11"), (5, "2026-03-13"), (6, "2026-03-16")]
)
def test_working_days_skip_the_weekend(days, due):
    found = rules.answer_due(FRIDAY, days, "America/New_York")
    assert found.date().isoformat() == due


def test_the_hour_of_day_survives_the_clock_change():
    # New York moves its clocks on 8 March 2026: 10:00 there is 15:00 UTC before, 14:00 after.
    assert rules.answer_due(FRIDAY, 1, "America/New_York").astimezone(UTC).hour == 14


def test_a_part_is_less_than_the_whole():
    whole = Money.of("8.00 USD")
    assert rules.checked_award(AppealKind.SALE, FULL, whole, None, "USD") == whole
    part = rules.checked_award(AppealKind.SALE, PART, whole, Money.of("7.99 USD"), "USD")
    assert part == Money.of("7.99 USD")
    for amount in (None, Money.zero("USD"), whole):
        with pytest.raises(InvalidInput):
            rules.checked_award(AppealKind.SALE, PART, whole, amount, "USD")


def test_without_a_known_whole_an_amount_is_needed():
    with pytest.raises(InvalidInput, match="Write the amount"):
        rules.checked_award(AppealKind.PAYOUT, FULL, None, None, "USD")


def test_keeping_and_memberships_move_no_money():
    assert rules.checked_award(AppealKind.SALE, KEPT, Money.of("8.00 USD"), None, "USD") is None
    assert rules.checked_award(AppealKind.MEMBERSHIP, FULL, None, None, "USD") is None
    with pytest.raises(InvalidInput, match="or it is not"):
        rules.checked_award(AppealKind.MEMBERSHIP, PART, None, None, "USD")


@pytest.mark.parametrize(
    ("amount", "waits"),
    [("100.00 USD", False), ("100.01 USD", True), ("1.00 EUR", True)],
)
def test_above_the_limit_or_in_another_currency_finance_must_agree(amount, waits):
    assert rules.needs_finance(Money.of(amount), POLICY) is waits


def test_reopening_is_for_the_rejected_once_and_for_14_days():
    last = FRIDAY + timedelta(days=14)
    rules.check_can_reopen(KEPT, FRIDAY, None, last)
    with pytest.raises(Conflict, match="14 days"):
        rules.check_can_reopen(KEPT, FRIDAY, None, last + timedelta(seconds=1))
    with pytest.raises(Conflict, match="second decision is final"):
        rules.check_can_reopen(KEPT, FRIDAY, FRIDAY, FRIDAY)
    with pytest.raises(Conflict):
        rules.check_can_reopen(FULL, FRIDAY, None, FRIDAY)


def test_the_second_look_and_the_second_signature_are_somebody_elses():
    rules.check_decider(7, None, 7)
    with pytest.raises(NotAllowed):
        rules.check_decider(7, FRIDAY, 7)
    with pytest.raises(NotAllowed):
        rules.check_second_person(7, 7)


@pytest.mark.parametrize("status", AppealStatus)
def test_closed_appeals_take_no_step_but_reopening(status):
    if status in (FULL, PART, KEPT, AppealStatus.WITHDRAWN):
        for action in ("take", "ask", "reply", "decide", "agree", "withdraw", "put forward"):
            with pytest.raises(Conflict):
                rules.next_status(status, action)
