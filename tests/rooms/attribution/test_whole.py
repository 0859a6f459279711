"""The rules of part D through a real database: what is gathered, written, earned and replayed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from portal.attribution import commands, gathering, queries, rules
from portal.attribution.models import Assist, Attribution, Outcome, Reason
from portal.commissions import commands as earnings
from portal.commissions import queries as commissions
from portal.commissions.models import Commission, CommissionStatus
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.ledger import queries as ledger
from portal.programs import commands as programs
from portal.programs.models import BindingRule, CustomerRule, RenewalRule, SplitRule
from portal.programs.rules import AttributionTerms
from portal.sales import queries as sales
from portal.sales.models import Order
from portal.sales.rules import BuyerClues
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import commands as tracking
from portal.tracking import queries as links
from tests.support.people import a_program, an_ambassador
from tests.support.shop import Shop, clicked, settle


@pytest.fixture
def choose(program):
    """Publish terms with these choices, from now on."""

    def publish(**choices):
        clock.pass_days(40)
        with unit_of_work():
            program.notice_days = 0
            db.session.add(program)
            programs.publish_terms(
                program.id, rate_bp=1_000, attribution=AttributionTerms(**choices), by=None
            )
        clock.pass_time(timedelta(minutes=1))

    return publish


def decided(order_id) -> Attribution:
    found = queries.of_order(order_id)
    assert found is not None
    return found


def nets(order_id):
    rows = db.session.scalars(
        select(Commission).where(Commission.order_id == order_id).order_by(Commission.id)
    )
    return [(row.ambassador_id, str(row.net)) for row in rows]


def late(**more):
    """A moment later: an order of its own."""
    clock.pass_time(timedelta(days=1))
    return more


# ---- subscriptions
def test_R45_R47_charges_stay_with_whoever_brought_them_at_two_rates(shop, ada, choose):
    choose(renewals=RenewalRule.FOLLOW, first_charges=3, later_rate_bp=500, renewal_charges=4)
    trial = shop.sells("0.00 USD", "ADA15", subscription="sub_1")
    later = [shop.sells("9.00 USD", subscription="sub_1", codes=(), **late()) for _ in range(5)]
    assert nets(trial) == [(ada.id, "0.00 USD")]
    assert [nets(one) for one in later] == [
        [(ada.id, "0.90 USD")], [(ada.id, "0.90 USD")], [(ada.id, "0.90 USD")],
        [(ada.id, "0.45 USD")], [],
    ]  # fmt: skip
    assert decided(later[0]).reason is Reason.RENEWAL
    assert decided(later[4]).reason is Reason.CAP_REACHED
    assert queries.violations() == []
    assert commissions.violations() == []


def test_R45_charges_that_come_before_the_first_are_judged_again(shop, ada, choose):
    choose(renewals=RenewalRule.FOLLOW)
    first_at = clock.now()
    clock.pass_days(30)
    second = shop.sells("9.00 USD", subscription="sub_1", codes=())
    assert decided(second).reason is Reason.NO_CODE_NO_CLICK
    shop.sells("9.00 USD", "ADA15", subscription="sub_1", placed_at=first_at)
    assert (decided(second).version, decided(second).reason) == (2, Reason.RENEWAL)


# ---- customers
def test_R44_a_customer_stays_with_whoever_brought_them(shop, ada, ben, choose):
    choose(binding=BindingRule.FIRST_PARTNER, binding_days=60)
    buyer = {"customer_email": "buyer@example.com"}
    shop.sells("10.00 USD", "ADA15", **buyer)
    again = shop.sells("10.00 USD", codes=(), **late(**buyer))
    assert (decided(again).ambassador_id, decided(again).reason) == (ada.id, Reason.BOUND_CUSTOMER)
    other = shop.sells("10.00 USD", "BEN15", **late(**buyer))
    assert decided(other).ambassador_id == ben.id
    clock.pass_days(60)
    assert decided(shop.sells("10.00 USD", codes=(), **buyer)).reason is Reason.NO_CODE_NO_CLICK
    assert queries.violations() == []


def test_R19_R20_a_returning_customer_where_only_new_ones_count(shop, ada, choose):
    choose(customers=CustomerRule.NEW_ONLY)
    buyer = {"customer_email": "buyer@example.com"}
    shop.sells("10.00 USD", codes=(), number="1", **buyer)
    returning = shop.sells("10.00 USD", "ADA15", **late(**buyer))
    assert decided(returning).reason is Reason.EXISTING_CUSTOMER
    shop.refunds("1", "10.00 USD")
    fresh = shop.sells("10.00 USD", "ADA15", **late(customer_email="new@example.com"))
    assert decided(fresh).ambassador_id == ada.id
    facts = gathering.facts_of([sales.by_id(returning)])[returning]
    assert facts.order.is_new_customer is True  # the first order was given back whole


@pytest.mark.parametrize(
    "again",
    [
        {"customer_id": "c1", "customer_email": "other@example.com"},
        {"customer_id": "c1"},
        {"customer_email": "Buyer@example.com "},
        {"customer_id": "c2", "customer_email": "buyer@example.com"},
    ],
    ids=["another-address", "no-address", "as-a-guest", "another-account"],
)
def test_R19_a_customer_returns_by_id_or_by_address(shop, ada, choose, again):
    choose(customers=CustomerRule.NEW_ONLY)
    shop.sells("10.00 USD", codes=(), customer_id="c1", customer_email="buyer@example.com")
    returning = shop.sells("10.00 USD", "ADA15", **late(**again))
    assert decided(returning).reason is Reason.EXISTING_CUSTOMER
    stranger = {"customer_id": "c3", "customer_email": "new@example.com"}
    assert decided(shop.sells("10.00 USD", "ADA15", **late(**stranger))).ambassador_id == ada.id
    assert queries.violations() == []


@pytest.mark.parametrize("clue", ["customer_id", "payment"])
def test_R51_the_same_account_or_card_as_her_own_order(shop, ada, clue):
    told = {"customer_id": "c7"} if clue == "customer_id" else {"clues": BuyerClues(payment="fp7")}
    shop.sells("10.00 USD", codes=(), customer_email="ada@example.com", **told)
    hers = shop.sells("10.00 USD", "ADA15", **late(customer_email="other@example.com", **told))
    assert decided(hers).reason is Reason.SELF_PURCHASE
    assert f"'{clue}'" in str(decided(hers).trace)


def test_R51_a_surname_and_an_address_only_raise_a_flag(shop, ada):
    clues = BuyerClues(surname="EXAMPLE", ip="127.0.0.1")
    found = decided(shop.sells("10.00 USD", "ADA15", clues=clues))
    assert (found.ambassador_id, sorted(found.flags)) == (ada.id, ["ip", "surname"])


# ---- clicks
def test_R56_a_click_out_of_the_checkout_stands_down(shop, ada, ben, choose):
    choose(stand_down=True)
    first = clicked(ada)
    clock.pass_days(1)
    with unit_of_work():
        link = links.default_links([ben.id])[ben.id]
        last = tracking.record_click(
            link.id, clock.now(), visitor="v", previous_id=first,
            referrer_host="shop.glow.example",
        )  # fmt: skip
    found = decided(shop.sells("10.00 USD", codes=(), click_id=str(last)))
    assert found.ambassador_id == ada.id
    started = clock.now() - timedelta(minutes=5)
    clicks = clicked(ada, previous_id=None)
    clock.pass_time(timedelta(seconds=1))
    late_click = clicked(ben, previous_id=clicks)
    told = shop.sells("10.00 USD", codes=(), click_id=str(late_click), checkout_started_at=started)
    assert decided(told).ambassador_id == ben.id  # both came after it began: nothing earlier


# ---- assists and splits
def test_R34_assists_are_kept_and_shown(shop, ada, ben):
    click_id = clicked(ben)
    clock.pass_days(1)
    order_id = shop.sells("10.00 USD", "ADA15", click_id=str(click_id))
    (assist,) = queries.assists_of(decided(order_id).id)
    assert (assist.ambassador_id, assist.clicks, assist.has_code) == (ben.id, 1, False)
    assert [one.clicks for one in queries.assists_of_ambassadors([ben.id])] == [1]
    assert nets(order_id) == [(ada.id, "1.00 USD")]


def test_R50_a_split_is_several_rows_of_one_commission(world, shop, ada, ben, choose):
    cleo = an_ambassador(programs_of(ada), "Cleo")
    choose(split=SplitRule.EQUAL)
    first = clicked(ben)
    second = clicked(cleo, previous_id=first)
    clock.pass_days(1)
    order_id = shop.sells("100.00 USD", "ADA15", click_id=str(second), number="7")
    assert nets(order_id) == [
        (ada.id, "3.34 USD"), (ben.id, "3.33 USD"), (cleo.id, "3.33 USD"),
    ]  # fmt: skip
    assert db.session.scalars(select(Assist)).all() == []
    shop.refunds("7", "100.00 USD")
    assert {net for _, net in nets(order_id)} == {"0.00 USD"}
    assert queries.violations() == commissions.violations() == ledger.violations() == []
    bill = commissions.bill_of(commissions.of_order(order_id))
    assert any(line.label == "Part of it" and line.said == "1 of 3 parts" for line in bill)


def programs_of(ambassador):
    from portal.programs import queries as found

    return found.program(ambassador.program_id)


# ---- duplicates and hands
def test_R36_the_same_order_by_another_connection_needs_a_decision(world, shop, ada):
    first = shop.sells("10.00 USD", "ADA15", number="55")
    second = Shop(world.glow).sells("10.00 USD", "ADA15", number="55")
    assert decided(first).outcome is Outcome.CREDITED
    assert (decided(second).outcome, decided(second).reason) == (
        Outcome.NEEDS_DECISION, Reason.DUPLICATE,
    )  # fmt: skip
    assert queries.violations() == []


def test_reassign_takes_back_and_earns_anew(world, shop, ada, ben):
    order_id, by = shop.sells("10.00 USD", "ADA15", number="9"), world.mona.user_id
    with unit_of_work():
        found = commands.reassign(order_id, ben.id, by=by, reason="Her post.")
        earnings.earn(found.id)
    settle()
    assert nets(order_id) == [(ada.id, "0.00 USD"), (ben.id, "1.00 USD")]
    kept = decided(order_id)
    assert (kept.version, kept.reason, kept.by_id, kept.note) == (
        2, Reason.CREDITED_BY_HAND, by, "Her post.",
    )  # fmt: skip
    assert [one.ambassador_id for one in queries.assists_of(kept.id)] == [ada.id]
    old = db.session.scalar(select(Commission).where(Commission.ambassador_id == ada.id))
    assert (old.status, bool(old.void_reason)) == (CommissionStatus.VOID, True)
    shop.sells("10.00 USD", "ADA15", number="9", at=60)  # told again: stays
    shop.refunds("9", "5.00 USD")
    assert nets(order_id) == [(ada.id, "0.00 USD"), (ben.id, "0.50 USD")]
    assert queries.violations() == commissions.violations() == ledger.violations() == []


def test_reassign_refuses_what_cannot_be(world, shop, ada, ben):
    order_id = shop.sells("10.00 USD", "ADA15")
    stranger = an_ambassador(a_program(world.rival), "Eva")
    by = world.mona.user_id
    with unit_of_work():
        with pytest.raises(Conflict, match="already"):
            commands.reassign(order_id, ada.id, by=by, reason="x")
        with pytest.raises(NotFound):
            commands.reassign(order_id, stranger.id, by=by, reason="x")
        with pytest.raises(InvalidInput):
            commands.reassign(order_id, ben.id, by=by, reason=" ")
    unpaid = shop.sells("10.00 USD", is_paid=False)
    with unit_of_work(), pytest.raises(Conflict, match="paid"):
        commands.reassign(unpaid, ben.id, by=by, reason="x")


# ---- in sets, and again
def test_the_doctor_asks_for_no_order_again(shop, ada, ben):
    for number in range(30):
        shop.sells("10.00 USD", "ADA15" if number % 2 else "BEN15")
    asked = []
    listener = lambda *_args: asked.append(1)  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", listener)
    try:
        assert queries.violations() == []
    finally:
        event.remove(db.engine, "before_cursor_execute", listener)
    assert len(asked) <= 3  # a batch, the empty one after it, and the transaction's beginning


def test_many_orders_are_gathered_in_a_handful_of_queries(shop, ada, ben):
    ids = [
        shop.sells("10.00 USD", ("ADA15", "BEN15")[n % 2], customer_email=f"b{n}@example.com")
        for n in range(20)
    ]
    found = list(sales.by_ids(ids).values())
    asked = []
    listener = lambda *_args: asked.append(1)  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", listener)
    try:
        facts = gathering.facts_of(found)
    finally:
        event.remove(db.engine, "before_cursor_execute", listener)
    assert len(asked) <= 10
    assert {rules.decide(one).outcome for one in facts.values()} == {Outcome.CREDITED}


def test_decisions_of_before_facts_were_kept_are_gathered_again(shop, ada):
    order_id = shop.sells("10.00 USD", "ADA15")
    with unit_of_work():
        stored = db.session.merge(decided(order_id))
        stored.inputs = {"placed_at": "2026-01-01T00:00:00+00:00", "codes": ["ADA15"]}
    assert queries.violations() == []
    order = replace(gathering.facts_of([db.session.get(Order, order_id)])[order_id].order)
    assert order.is_paid
