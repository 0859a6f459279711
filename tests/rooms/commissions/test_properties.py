"""What holds whatever happens, in any order and any number: books, rows and replays (RELIABILITY
P13, P14; mistakes 5, 7, 23)."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.adjustments import commands as adjustments
from portal.adjustments import queries as adjusted
from portal.adjustments.models import AdjustmentReason, AdjustmentStatus
from portal.commissions import commands, jobs, queries
from portal.commissions.models import Commission, CommissionStatus
from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.kernel.money import Money
from portal.ledger import queries as books
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.people import a_program, an_ambassador
from tests.support.shop import Shop

EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("refund"), st.sampled_from(["a", "b", "c"]), st.integers(1, 6_000)),
        st.tuples(st.just("dispute"), st.sampled_from(["open", "won", "lost"]), st.just(0)),
        st.tuples(st.just("days"), st.just(""), st.integers(1, 40)),
        st.tuples(st.just("hold"), st.just(""), st.just(0)),
        st.tuples(st.just("release"), st.just(""), st.just(0)),
        st.tuples(st.just("adjust"), st.just(""), st.integers(-4_000, 4_000)),
    ),
    max_size=8,
)
RARE = settings(
    max_examples=4, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


@pytest.fixture
def stage(world):
    program = a_program(world.glow, terms={"rate_bp": 1000, "hold_days": 30})
    ada = an_ambassador(program, "Ada")
    return {"shop": Shop(world.glow), "ada": (ada.brand_id, ada.creator_id),
            "finn": world.finn.user_id, "count": 0}  # fmt: skip


def happens(stage, number, commission_id, event):
    kind, what, figure = event
    shop = stage["shop"]
    clock.pass_time(timedelta(minutes=1))
    if kind == "refund":
        shop.refunds(number, str(Money(figure, "USD")), as_id=f"{number}-{what}")
    elif kind == "dispute":
        shop.disputes(number, what)
    elif kind == "days":
        clock.pass_days(figure)
        jobs.mature_due()
    elif kind == "adjust" and figure:
        with unit_of_work():
            adjustments.propose(*stage["ada"], Money(figure, "USD"), AdjustmentReason.CORRECTION,
                                "Because.", by=stage["finn"])  # fmt: skip
    elif kind in ("hold", "release"):
        try:
            with unit_of_work():
                if kind == "hold":
                    commands.hold(commission_id, "We look.", by=None)
                else:
                    commands.release(commission_id, by=None)
        except Conflict:
            db.session.remove()


def everything_agrees(stage):
    db.session.remove()
    assert [*queries.violations(), *books.violations(), *adjusted.violations()] == []
    brand_id, creator_id = stage["ada"]
    rows = db.session.scalars(select(Commission)).all()
    for row in rows:
        assert 0 <= row.reversed_minor <= row.amount_minor
    added = sum(
        one.adjustment.amount_minor
        for one in adjusted.listing(brand_id, _all()).rows
        if one.adjustment.status is AdjustmentStatus.APPROVED
    )
    balances = books.balances_of(brand_id, creator_id, "USD")
    assert balances.earned.minor == sum(row.net.minor for row in rows) + added


def _all():
    from portal.kernel.pages import PageRequest

    return PageRequest(size=10_000)


@RARE
@given(events=EVENTS)
def test_R23_balances_equal_rows_and_reversals_never_exceed_whatever_happens(stage, events):
    """Mistake 23: after every single event."""
    stage["count"] += 1
    number = f"p{stage['count']}"
    order_id = stage["shop"].sells("87.45 USD", "ADA15", number=number)
    commission_id = queries.of_order(order_id).id
    for event in events:
        happens(stage, number, commission_id, event)
        everything_agrees(stage)


@RARE
@given(
    cents=st.integers(1, 20_000), cuts=st.lists(st.integers(1, 5_000), max_size=5),
    matures=st.booleans(),
)  # fmt: skip
def test_R65_a_full_refund_in_any_parts_is_exactly_zero(stage, cents, cuts, matures):
    stage["count"] += 1
    number, shop = f"z{stage['count']}", stage["shop"]
    order_id = shop.sells(str(Money(cents, "USD")), "ADA15", number=number)
    if matures:
        clock.pass_days(31)
        jobs.mature_due()
    left = cents
    for place, cut in enumerate([*cuts, cents]):
        part = min(cut, left)
        if part:
            shop.refunds(number, str(Money(part, "USD")), as_id=f"{number}-{place}")
            left -= part
    one = queries.of_order(order_id)
    assert one.net == Money.zero("USD")
    assert one.status is CommissionStatus.VOID or not one.amount_minor
    everything_agrees(stage)


@RARE
@given(order=st.permutations(range(4)), again=st.lists(st.integers(0, 3), max_size=4))
def test_R73_R77_events_in_any_order_and_any_number_end_the_same(stage, order, again):
    """Four refunds of an order, told in any order, some twice, before or after the order."""
    stage["count"] += 1
    number, shop = f"o{stage['count']}", stage["shop"]
    parts = ("10.00 USD", "20.01 USD", "5.55 USD", "29.15 USD")
    steps = [*order, *again]
    for place in steps[: len(steps) // 2]:
        shop.refunds(number, parts[place], as_id=f"{number}-{place}")
    order_id = shop.sells("87.45 USD", "ADA15", number=number)
    for place in steps[len(steps) // 2 :]:
        shop.refunds(number, parts[place], as_id=f"{number}-{place}")
    assert str(queries.of_order(order_id).net) == "2.28 USD"
    everything_agrees(stage)
