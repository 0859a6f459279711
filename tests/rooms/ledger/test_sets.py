"""A set of moves between two states is posted as each of them alone would be."""

from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Integer, String, Subquery, literal, select, union_all
from sqlalchemy.exc import IntegrityError

from portal.kernel.money import Money
from portal.ledger import accounts, queries
from portal.ledger.commands import Overdrawn, post
from portal.ledger.set_commands import move_each
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work


def told(amounts: Mapping[int, int], word: str = "set") -> Subquery:
    rows = [
        select(
            literal(creator_id, Integer).label("creator_id"),
            literal(minor, Integer).label("amount_minor"),
            literal(f"{word}:{creator_id}", String).label("reference"),
        )
        for creator_id, minor in amounts.items()
    ]
    return union_all(*rows).subquery()


def earn(creator_id: int, minor: int) -> None:
    move = (accounts.expense(1), accounts.payable(1, creator_id), Money(minor, "USD"))
    post("earned", f"commission:{creator_id}:{minor}", [move])


def reserve(moves: Subquery) -> int:
    return move_each(
        "reserved", moves, brand_id=1, currency="USD", source="payable", target="committed"
    )


def sums(creator_id: int) -> tuple[int, int]:
    found = queries.balances_of(1, creator_id, "USD")
    return found.payable.minor, found.committed.minor


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.dictionaries(
        st.integers(1, 40), st.tuples(st.integers(1, 900), st.integers(0, 99)), min_size=1
    )
)
def test_it_leaves_what_single_postings_leave(app, amounts):
    with unit_of_work():
        for creator_id, (minor, more) in amounts.items():
            earn(creator_id, minor + more)
        assert reserve(told({one: minor for one, (minor, _) in amounts.items()})) == len(amounts)
        for creator_id, (minor, more) in amounts.items():
            # The same reference with the same moves is the same journal; with others it would not.
            move = (accounts.payable(1, creator_id), accounts.committed(1, creator_id),
                    Money(minor, "USD"))  # fmt: skip
            post("reserved", f"set:{creator_id}", [move])
            assert sums(creator_id) == (more, minor)
        assert queries.violations() == []
        db.session.rollback()


def test_the_way_back_uses_the_same_accounts(app):
    with unit_of_work():
        earn(7, 1_000)
        reserve(told({7: 300}))
        move_each(
            "freed", told({7: 300}, "freed"), brand_id=1, currency="USD",
            source="committed", target="payable",
        )  # fmt: skip
    assert sums(7) == (1_000, 0)
    assert queries.violations() == []


@pytest.mark.parametrize("amounts", [{7: 1_001}, {7: 1, 8: 1}])
def test_a_source_that_does_not_cover_its_amount_is_overdrawn(app, amounts):
    with unit_of_work():
        earn(7, 1_000)
    with pytest.raises(Overdrawn), unit_of_work():
        reserve(told(amounts))
    assert sums(7) == (1_000, 0)


def test_a_reference_posted_before_is_refused_by_the_database(app):
    with unit_of_work():
        earn(7, 1_000)
        reserve(told({7: 1}))
    with pytest.raises(IntegrityError), unit_of_work():
        reserve(told({7: 1}))
    assert sums(7) == (999, 1)


def test_only_this_brand_and_currency_is_touched(app):
    with unit_of_work():
        earn(7, 1_000)
        for brand_id, currency in ((1, "EUR"), (2, "USD")):
            amount = Money(500, currency)
            move = (accounts.expense(brand_id), accounts.payable(brand_id, 7), amount)
            post("earned", f"other:{brand_id}", [move])
        reserve(told({7: 1_000}))
    assert queries.balances_of(1, 7, "EUR").payable.minor == 500
    assert queries.balances_of(2, 7, "USD").payable.minor == 500
    assert queries.violations() == []
