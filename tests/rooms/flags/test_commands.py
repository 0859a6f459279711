"""A flag holds, a person decides, and a leak withholds only what comes after it was told."""

from datetime import timedelta

import pytest

from portal.commissions import commands as earnings
from portal.commissions import queries as commissions
from portal.commissions.models import CommissionStatus, VoidCode
from portal.flags import commands, leak_commands, queries
from portal.flags.models import DeclineReason, Flag, FlagKind, FlagStatus
from portal.flags.rules import Evidence, Thresholds
from portal.flags.signal_queries import Found
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.ledger import queries as books
from portal.notifications.models import Message
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import click_commands
from portal.tracking import queries as codes
from tests.support.people import a_program, an_ambassador
from tests.support.shop import clicked, settle

HELD, PENDING, VOID = CommissionStatus.ON_HOLD, CommissionStatus.PENDING, CommissionStatus.VOID


@pytest.fixture
def ada(world):
    program = a_program(world.glow, terms={"rate_bp": 1000, "hold_days": 30})
    return an_ambassador(program, "Ada", code="ADA15")


@pytest.fixture(autouse=True)
def nothing_is_wrong(app):
    yield
    assert books.violations() == []
    assert commissions.violations() == []
    assert queries.violations() == []


def look(world):
    with unit_of_work():
        return commands.look_at(world.glow.id)


def flags(kind=None):
    rows = db.session.query(Flag).order_by(Flag.id)
    return [one for one in rows if kind is None or one.kind is kind]


def status_of(order_id):
    found = commissions.of_order(order_id)
    assert found is not None
    return commissions.commission(found.id).status


def many_returns(shop):
    orders = [
        shop.sells(
            "80.00 USD", "ADA15", number=str(2000 + one), customer_email=f"b{one}@example.com"
        )
        for one in range(4)
    ]
    shop.refunds("2000", "80.00 USD")
    return orders


def test_many_refunds_hold_what_is_left_and_nothing_goes_by_itself(world, ada, shop):
    orders = many_returns(shop)
    assert look(world) == 1
    (flag,) = flags()
    assert flag.kind is FlagKind.REFUND_RATE
    assert [status_of(one) for one in orders] == [VOID, HELD, HELD, HELD]
    reason = commissions.of_order(orders[1]).hold_reason
    assert reason.startswith("Many of the buyers got their money back. Somebody at Glow looks")
    clock.pass_days(400)
    with unit_of_work():
        earnings.mature_due()
    look(world)
    assert status_of(orders[1]) is HELD
    assert flags()[0].status is FlagStatus.OPEN


def test_released_goes_on_and_is_quiet_for_a_window(world, ada, shop):
    orders, mona = many_returns(shop), world.mona.user_id
    look(world)
    with unit_of_work():
        assert commands.release(flags()[0].id, by=mona) == 3
    assert (status_of(orders[1]), flags()[0].status) == (PENDING, FlagStatus.RELEASED)
    settle()
    assert look(world) == 0
    clock.pass_days(15)
    assert look(world) == 1
    assert [status_of(one) for one in orders[1:]] == [PENDING] * 3


def test_declined_says_why_in_words(world, ada, shop):
    orders, mona = many_returns(shop), world.mona.user_id
    look(world)
    flag = flags()[0]
    with unit_of_work(), pytest.raises(InvalidInput):
        commands.decline(flag.id, DeclineReason.CONS_FRAUD, " ", by=mona)
    with unit_of_work():
        commands.decline(flag.id, DeclineReason.CONS_FRAUD, "One card paid all.", by=mona)
    assert status_of(orders[2]) is VOID
    assert commissions.of_order(orders[2]).void_code is VoidCode.CONS_FRAUD
    said = commissions.of_order(orders[2]).void_reason
    assert said == "The orders were not made by real buyers. One card paid all."
    with unit_of_work(), pytest.raises(Conflict, match="meanwhile"):
        commands.release(flag.id, by=mona)


def test_some_released_some_declined_some_kept(world, ada, shop):
    orders, mona = many_returns(shop), world.mona.user_id
    look(world)
    flag = flags()[0]
    one, two, three = (commissions.of_order(order).id for order in orders[1:])
    with unit_of_work():
        commands.release(flag.id, by=mona, commission_ids=[one])
        commands.keep(flag.id, by=mona, note="Waiting for the bank.")
    assert [status_of(order) for order in orders[1:]] == [PENDING, HELD, HELD]
    assert flags()[0].status is FlagStatus.KEPT
    with unit_of_work():
        commands.release(flag.id, by=mona, commission_ids=[two])
        commands.decline(
            flag.id, DeclineReason.ITEM_RETURNED, "Sent back.", by=mona, commission_ids=[three]
        )
    assert flags()[0].status is FlagStatus.DECIDED


def test_what_was_refunded_meanwhile_does_not_stand_in_the_way(world, ada, shop):
    orders, mona = many_returns(shop), world.mona.user_id
    look(world)
    shop.refunds("2001", "80.00 USD")
    assert status_of(orders[1]) is VOID
    with unit_of_work():
        assert commands.release(flags()[0].id, by=mona) == 3
    assert [status_of(one) for one in orders[1:]] == [VOID, PENDING, PENDING]
    assert flags()[0].status is FlagStatus.RELEASED


def test_new_orders_join_the_open_flag(world, ada, shop):
    many_returns(shop)
    look(world)
    shop.refunds("2001", "20.00 USD")
    late = shop.sells("80.00 USD", "ADA15", number="3000", customer_email="late@example.com")
    assert look(world) == 0
    assert (len(flags()), status_of(late)) == (1, HELD)


def test_released_by_finance_closes_the_flag(world, ada, shop):
    orders = many_returns(shop)
    look(world)
    for order in orders[1:]:
        with unit_of_work():
            earnings.release(commissions.of_order(order).id, by=None)
    settle()
    assert flags()[0].status is FlagStatus.RELEASED


def raised(ada, kind, order_ids):
    """A flag of a kind about her and these orders."""
    found = Found(Evidence(kind, "It looks wrong.", (), "It looks wrong."), ada.id,
                  f"ambassador:{ada.id}", order_ids=tuple(order_ids))  # fmt: skip
    with unit_of_work():
        commands.raise_flag(ada.brand_id, found, Thresholds())
    return flags(kind)[0]


def test_R60_what_two_flags_hold_goes_on_when_both_let_it_go(world, ada, shop):
    orders, mona = [shop.sells("80.00 USD", "ADA15") for _ in range(2)], world.mona.user_id
    first = raised(ada, FlagKind.REFUND_RATE, orders)
    second = raised(ada, FlagKind.CLICK_FLOOD, orders[:1])
    with unit_of_work():
        assert commands.release(first.id, by=mona) == 2
    settle()
    assert [status_of(one) for one in orders] == [HELD, PENDING]
    reason = commissions.of_order(orders[0]).hold_reason
    assert reason.startswith("Another question about this is still open. Somebody at Glow looks")
    assert [one.status for one in flags()] == [FlagStatus.RELEASED, FlagStatus.OPEN]
    with unit_of_work():
        commands.release(second.id, by=mona)
    settle()
    assert status_of(orders[0]) is PENDING
    assert flags(FlagKind.CLICK_FLOOD)[0].status is FlagStatus.RELEASED


def test_R60_R72_a_flag_lets_go_what_a_dispute_holds_on(world, ada, shop):
    order_id, mona = shop.sells("80.00 USD", "ADA15", number="1"), world.mona.user_id
    flag = raised(ada, FlagKind.REFUND_RATE, [order_id])
    shop.disputes("1", "open")
    with unit_of_work():
        earnings.release(commissions.of_order(order_id).id, by=mona)
    settle()
    with unit_of_work():
        assert commands.release(flag.id, by=mona) == 1
    assert (status_of(order_id), flags()[0].status) == (HELD, FlagStatus.RELEASED)
    clock.pass_days(1)
    shop.disputes("1", "won")
    assert status_of(order_id) is PENDING


def test_one_visitor_who_clicks_again_and_again(world, ada, shop):
    with unit_of_work():
        commands.set_rules(world.glow.id, {"flood_clicks": 20}, "", by=None)
        link = codes.default_links([ada.id])[ada.id]
        for one in range(20):
            at = clock.now() + timedelta(seconds=one)
            click_commands.record_click(link.id, at, visitor="same")
    clock.pass_time(timedelta(minutes=5))
    by_link = shop.sells("80.00 USD", number="1", click_id=str(clicked(ada)))
    by_code = shop.sells("80.00 USD", "ADA15")
    look(world)
    assert [one.kind for one in flags()] == [FlagKind.CLICK_FLOOD]
    assert (status_of(by_link), status_of(by_code)) == (HELD, PENDING)


def test_clicks_seconds_before_the_order(world, ada, shop):
    orders = []
    for _ in range(3):
        click = str(clicked(ada))
        clock.pass_time(timedelta(seconds=2))
        orders.append(shop.sells("80.00 USD", click_id=click))
        clock.pass_time(timedelta(hours=3))
    honest = shop.sells("80.00 USD", click_id=str(clicked(ada, clock.now() - timedelta(days=2))))
    look(world)
    assert flags(FlagKind.CLICK_AT_CHECKOUT)
    assert [status_of(one) for one in (*orders, honest)] == [HELD, HELD, HELD, PENDING]


def test_a_burst_suspects_a_leak_and_holds_nothing(world, ada, shop):
    shop.sells("80.00 USD", "ADA15")
    clock.pass_days(20)
    orders = [shop.sells("80.00 USD", "ADA15") for _ in range(10)]
    look(world)
    assert [one.kind for one in flags()] == [FlagKind.CODE_BURST]
    assert {status_of(one) for one in orders} == {PENDING}


def test_a_leaked_code_withholds_only_after_its_creator_was_told_to_the_second(world, ada, shop):
    code, mona = codes.codes_of_ambassador(ada.id)[0], world.mona.user_id
    shop.sells("80.00 USD", "ADA15")
    clock.pass_days(20)
    for _ in range(10):
        shop.sells("80.00 USD", "ADA15")
    look(world)
    with unit_of_work():
        leak = leak_commands.rotate(code.id, 7, by=mona, note="seen on a coupon site")
    told, second = leak.told_at, timedelta(seconds=1)
    assert flags()[0].status is FlagStatus.ACTED
    clock.pass_time(timedelta(minutes=1))
    before = shop.sells("80.00 USD", "ADA15", placed_at=told - second)
    at = shop.sells("80.00 USD", "ADA15", placed_at=told)
    after = shop.sells("80.00 USD", "ADA15", placed_at=told + second)
    new = codes.code(queries.leak(leak.id).replaced_by_id)
    fresh = shop.sells("80.00 USD", new.code, placed_at=told + second)
    assert [status_of(one) for one in (before, at, after, fresh)] == [
        PENDING, PENDING, HELD, PENDING,
    ]  # fmt: skip
    (flag,) = flags(FlagKind.LEAKED_CODE)
    with unit_of_work():
        commands.decline(flag.id, DeclineReason.CODE_LEAK, "From a coupon site.", by=mona)
    assert status_of(after) is VOID
    assert commissions.of_order(after).void_code is VoidCode.CODE_LEAK
    mail = db.session.query(Message).filter_by(letter="code_leaked").one()
    assert mail.recipient == "ada@example.com"
    assert new.code in mail.text
    assert "22 Mar, " in mail.text


def test_only_told_the_code_goes_on_and_the_leak_can_end(world, ada, shop):
    code, mona = codes.codes_of_ambassador(ada.id)[0], world.mona.user_id
    with unit_of_work():
        leak = leak_commands.tell(code.id, by=mona)
    with unit_of_work(), pytest.raises(Conflict, match="already"):
        leak_commands.tell(code.id, by=mona)
    clock.pass_time(timedelta(seconds=1))
    held = shop.sells("80.00 USD", "ADA15")
    with unit_of_work():
        leak_commands.end(leak.id, by=mona)
    over = shop.sells("80.00 USD", "ADA15")
    assert (status_of(held), status_of(over)) == (HELD, PENDING)


def test_a_brand_sees_only_its_own(world, ada, shop):
    many_returns(shop)
    world.rival.id  # noqa: B018
    look(world)
    with unit_of_work():
        assert commands.look_at(world.rival.id) == 0
    assert {one.brand_id for one in flags()} == {world.glow.id}


def test_every_reason_to_decline_has_its_code():
    assert {VoidCode[one.name].value for one in DeclineReason} == {
        one.value.upper() for one in DeclineReason
    }
