"""The books: one writer, nothing rewritten, every journal zero."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.kernel.money import Money
from portal.ledger import accounts, queries
from portal.ledger.commands import DifferentPosting, Overdrawn, post
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work

TEN = Money.of("10.00 USD")
PENDING, PAYABLE = accounts.pending(1, 7), accounts.payable(1, 7)


def earn(reference="commission:1:earned", amount=TEN):
    with unit_of_work():
        return post("commission earned", reference, [(accounts.expense(1), PENDING, amount)])


def test_a_posting_moves_money_and_keeps_the_creators_balance(app):
    earn()
    balances = queries.balances_of(1, 7, "USD")
    assert balances.pending == TEN
    assert balances.earned == TEN
    assert queries.balance(accounts.expense(1), "USD") == -TEN
    assert queries.violations() == []


def test_the_same_reference_posts_once(app):
    first, second = earn(), earn()
    assert first.id == second.id
    assert queries.balances_of(1, 7, "USD").pending == TEN


def test_the_same_reference_with_other_amounts_is_an_error(app):
    earn()
    with pytest.raises(DifferentPosting):
        earn(amount=Money.of("10.01 USD"))
    assert queries.balances_of(1, 7, "USD").pending == TEN


def test_must_cover_refuses_and_leaves_nothing(app):
    earn()
    with pytest.raises(Overdrawn), unit_of_work():
        post("payout reserved", "payout:1:1:reserved",
             [(PAYABLE, accounts.committed(1, 7), TEN)], must_cover=[PAYABLE])  # fmt: skip
    assert queries.balances_of(1, 7, "USD").committed == Money.zero("USD")
    assert queries.violations() == []


def test_r69_a_clawback_may_leave_payable_below_zero(app):
    with unit_of_work():
        post("refund", "commission:1:reversed:1", [(PAYABLE, accounts.expense(1), TEN)])
    assert queries.balances_of(1, 7, "USD").payable == -TEN


def test_five_sums_make_what_was_earned_and_paid_is_read_from_the_books(app):
    earn()
    moves = [
        ("matured", PENDING, PAYABLE),
        ("reserved", PAYABLE, accounts.committed(1, 7)),
        ("sent", accounts.committed(1, 7), accounts.PAID_OUT),
    ]
    for what, source, target in moves:
        with unit_of_work():
            post(what, f"x:{what}", [(source, target, TEN)])
        assert queries.balances_of(1, 7, "USD").earned == TEN
    assert queries.balances_of(1, 7, "USD").paid == TEN


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entries SET amount_minor = 1",
        "DELETE FROM ledger_journals",
        "DELETE FROM ledger_entries",
    ],
)
def test_the_database_refuses_to_rewrite(app, statement):
    earn()
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(text(statement))
    db.session.rollback()


def test_doctor_notices_a_drifted_balance(app):
    earn()
    with unit_of_work():
        db.session.execute(
            text("UPDATE ledger_accounts SET balance_minor = 999 WHERE creator_id = 7")
        )
    assert any("9.99" in sentence for sentence in queries.violations())
