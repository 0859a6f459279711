"""Many journals at once are posted as each alone would be."""

import pytest
from sqlalchemy.exc import IntegrityError

from portal.kernel.money import Money
from portal.ledger import accounts, queries
from portal.ledger.commands import Overdrawn, Posting, post, post_each
from portal.storage.unit_of_work import unit_of_work

TEN, THREE = Money.of("10.00 USD"), Money.of("3.00 USD")
CREATORS = range(1, 1203)  # more than one statement's names


def earned(creator_id: int, amount: Money = TEN) -> Posting:
    move = (accounts.expense(1), accounts.payable(1, creator_id), amount)
    return Posting("earned", f"commission:{creator_id}:matured", [move])


def reserved(creator_id: int, amount: Money) -> Posting:
    move = (accounts.payable(1, creator_id), accounts.committed(1, creator_id), amount)
    return Posting("reserved", f"payout:{creator_id}:1:reserved", [move])


def test_each_journal_is_posted_and_each_balance_kept(app):
    with unit_of_work():
        post_each([earned(n) for n in CREATORS])
        post_each([reserved(n, THREE) for n in CREATORS], must_cover=[accounts.payable(1, 7)])
    found = queries.balances_of(1, 7, "USD")
    assert (found.payable, found.committed) == (TEN - THREE, THREE)
    assert queries.balance(accounts.expense(1), "USD").minor == -1000 * len(CREATORS)
    assert len(queries.journals_with("commission:")) == len(CREATORS)
    assert queries.violations() == []


def test_it_mixes_with_single_postings(app):
    with unit_of_work():
        post("earned", "commission:x:matured", [(accounts.expense(1), accounts.payable(1, 7), TEN)])
        post_each([earned(7)])
        post(
            "taken",
            "commission:x:reversed:1",
            [(accounts.payable(1, 7), accounts.expense(1), THREE)],
        )
    assert queries.balances_of(1, 7, "USD").payable == TEN + TEN - THREE
    assert queries.violations() == []


def test_several_journals_of_one_account_are_summed_before_it_must_cover(app):
    with unit_of_work():
        post_each([earned(7)])
    twice = [reserved(7, THREE), Posting("reserved", "payout:8:1:reserved", reserved(7, TEN).moves)]
    with pytest.raises(Overdrawn), unit_of_work():
        post_each(twice, must_cover=[accounts.payable(1, 7)])
    assert queries.balances_of(1, 7, "USD").committed == Money.zero("USD")


def test_a_reference_posted_before_is_refused_by_the_database(app):
    with unit_of_work():
        post_each([earned(7)])
    with pytest.raises(IntegrityError), unit_of_work():
        post_each([earned(8), earned(7)])
    assert queries.balances_of(1, 8, "USD").payable == Money.zero("USD")


def test_nothing_to_post_posts_nothing(app):
    with unit_of_work():
        post_each([])
    assert queries.violations() == []
