"""Recording orders, refunds and disputes: facts, in any order, any number of times."""

import pytest
from sqlalchemy import func, select

from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.sales import commands, queries
from portal.sales.models import Order, OrderLine, Refund, Source, WaitingReference
from portal.sales.rules import (
    TAX_BESIDE,
    LineReport,
    OrderPayment,
    Precision,
    RefundFamily,
)
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.reports import charge, dispute, later, order, refund


@pytest.fixture
def shop(world):
    brand_id = world.glow.id
    with unit_of_work():
        return commands.connect(brand_id, Source.SHOPIFY).id


def hear(shop, *reports):
    """Record these, one unit of work each; returns the last order's id."""
    order_id = None
    for report in reports:
        with unit_of_work():
            kind = type(report).__name__
            if kind == "OrderReport":
                order_id = commands.record_order(shop, report, heard_at=clock.now())
            elif kind == "RefundReport":
                order_id = commands.record_refund(shop, report, heard_at=clock.now())
            else:
                order_id = commands.record_dispute(shop, report, heard_at=clock.now())
    return order_id


def only_order():
    db.session.remove()
    return db.session.scalars(select(Order)).one()


def test_an_order_keeps_what_the_shop_said(shop):
    order_id = hear(shop, order(click_id="42", customer_email="Sam@Example.com"))
    row = only_order()
    assert (row.id, row.external_id, row.number) == (order_id, "1001", "#1001")
    assert row.base == Money.of("80.00 USD")
    assert (row.tax, row.shipping) == (Money.of("8.00 USD"), Money.of("5.00 USD"))
    assert (row.payment, row.codes, row.click_id) == (OrderPayment.PAID, ["ADA15"], "42")


def test_the_customers_email_is_kept_only_as_a_keyed_hash(shop, world):
    hear(shop, order(customer_email="Sam@Example.com "))
    row = only_order()
    assert row.customer_key == queries.customer_key(world.glow.id, "sam@example.com")
    assert row.customer_key != queries.customer_key(world.rival.id, "sam@example.com")
    assert "example" not in row.customer_key


def test_an_older_report_never_moves_an_order_back(shop):
    hear(shop, order(at=5, codes=("NEW",)), order(at=1, codes=("OLD",), is_paid=False))
    assert (only_order().codes, only_order().payment) == (["NEW"], OrderPayment.PAID)


def test_a_newer_report_replaces_lines_and_base(shop):
    two = (
        LineReport("l1", "Roast", "1", Money.of("80.00 USD"), Money.of("80.00 USD")),
        LineReport("l2", "Cup", "1", Money.of("10.00 USD"), Money.of("9.50 USD")),
    )
    order_id = hear(shop, order(), order(at=1, lines=two))
    assert only_order().base == Money.of("89.50 USD")
    assert [line.title for line in queries.lines_of(order_id)] == ["Roast", "Cup"]


def test_r10_a_gift_card_bought_is_a_line_but_no_part_of_the_base(shop):
    lines = (
        LineReport("l1", "Roast", "1", Money.of("80.00 USD"), Money.of("80.00 USD")),
        LineReport(
            "l2", "Gift card", "1", Money.of("25.00 USD"), Money.of("25.00 USD"), is_gift_card=True
        ),
    )
    hear(shop, order(lines=lines))
    assert only_order().base == Money.of("80.00 USD")
    assert db.session.scalar(select(func.count()).select_from(OrderLine)) == 2


def test_r36_the_same_order_twice_is_one_order(shop):
    first = hear(shop, order())
    assert hear(shop, order()) == first
    assert db.session.scalar(select(func.count()).select_from(Order)) == 1


def test_two_shops_may_use_the_same_order_number(shop, world):
    rival_id = world.rival.id
    with unit_of_work():
        other = commands.connect(rival_id, Source.SHOPIFY).id
    assert hear(shop, order()) != hear(other, order())


def test_r77_a_refund_before_its_order_waits_for_it(shop):
    assert hear(shop, refund()) is None
    assert db.session.scalar(select(func.count()).select_from(WaitingReference)) == 1
    order_id = hear(shop, order())
    assert queries.standing(order_id).remaining == Money.of("60.00 USD")
    assert only_order().payment is OrderPayment.PARTLY_REFUNDED
    assert db.session.scalar(select(func.count()).select_from(WaitingReference)) == 0


def test_r73_a_refund_heard_five_times_counts_once_and_never_below_zero(shop):
    order_id = hear(shop, order())
    hear(shop, *[refund()] * 5, refund("r2", "75.00 USD"))
    standing = queries.standing(order_id)
    assert standing.remaining == Money.zero("USD")
    assert only_order().payment is OrderPayment.REFUNDED


def test_a_refund_told_inside_its_order_and_alone_is_one_refund(shop):
    inside = refund(precision=Precision.LINES_IN_ORDER, amount="19.00 USD")
    order_id = hear(shop, order(at=1, refunds=(inside,)), refund())
    assert queries.standing(order_id).remaining == Money.of("61.00 USD")
    order_id = hear(shop, refund())
    assert queries.standing(order_id).remaining == Money.of("61.00 USD")


@pytest.mark.parametrize("first", [0, 1], ids=["order-first", "refund-first"])
def test_R65_R67_a_sum_without_lines_gives_back_its_tax_too(shop, first):
    """88.00 are goods with their tax, 80.00 of them the base: half of it gives back 40.00, however
    the order itself counted the same refund."""
    inside = refund(precision=Precision.TOTAL, amount="39.00 USD")
    alone = refund(amount="44.00 USD", family=RefundFamily.GOODS)
    told = [order(at=1, refunds=(inside,)), alone]
    hear(shop, *(told[::-1] if first else told))
    row = only_order()
    assert (row.taken_back, row.beside_taken) == (Money.of("40.00 USD"), {"tax": 400})


def test_R67_the_tax_of_shipping_is_none_of_the_goods(shop):
    beside = ((TAX_BESIDE, Money.of("3.00 USD")),)  # 5.00 of 8.00 is the goods'
    half = refund(amount="42.50 USD", family=RefundFamily.GOODS)
    hear(shop, order(beside=beside), half)
    assert only_order().taken_back == Money.of("40.00 USD")


def test_a_cancelled_order_is_worth_nothing(shop):
    order_id = hear(shop, order(), order(at=5, is_cancelled=True))
    standing = queries.standing(order_id)
    assert standing.is_cancelled
    assert standing.remaining == Money.zero("USD")
    assert only_order().payment is OrderPayment.CANCELLED


def test_a_deleted_order_stays_deleted_whatever_comes_late(shop):
    with unit_of_work():
        assert commands.record_deletion(shop, "1001") is None
    order_id = hear(shop, order(at=9))
    assert queries.standing(order_id).is_cancelled


def test_r72_a_dispute_holds_then_takes_then_gives_back(shop):
    order_id = hear(shop, order(), dispute("open", at=20))
    assert queries.standing(order_id).has_open_dispute
    assert queries.standing(order_id).is_whole
    hear(shop, dispute("lost", at=30))
    assert queries.standing(order_id).is_charged_back
    assert queries.standing(order_id).remaining == Money.zero("USD")
    assert only_order().payment is OrderPayment.CHARGED_BACK
    hear(shop, dispute("won", at=40), dispute("open", at=20))
    assert queries.standing(order_id).is_whole
    assert only_order().payment is OrderPayment.PAID


def test_a_charge_is_refunded_cumulatively_in_its_own_ratio(shop):
    """93.00 was charged for 80.00 of goods: half of the charge is half of the goods."""
    order_id = hear(shop, order(references=("ch_1",)))
    hear(shop, charge("46.50 USD", "93.00 USD", at=2))
    assert queries.standing(order_id).remaining == Money.of("40.00 USD")
    hear(shop, charge("93.00 USD", "93.00 USD", at=3), charge("46.50 USD", "93.00 USD", at=2))
    assert queries.standing(order_id).remaining == Money.zero("USD")


def test_one_refund_told_as_charge_refund_and_credit_note_counts_once(shop):
    order_id = hear(shop, order(references=("ch_1", "pi_1")))
    told = [
        charge("46.50 USD", "93.00 USD", at=2),
        refund("re_1", "46.50 USD", of=("pi_1",), at=2, family=RefundFamily.PAYMENT),
        refund("cn_1", "40.00 USD", of=("1001",), at=2, family=RefundFamily.CREDIT_NOTE),
    ]
    hear(shop, *told)
    assert queries.standing(order_id).remaining == Money.of("40.00 USD")


def test_a_refund_that_failed_gives_back_what_it_took(shop):
    order_id = hear(shop, order(references=("ch_1", "pi_1")))
    made = refund("re_1", "46.50 USD", of=("pi_1",), at=2, family=RefundFamily.PAYMENT)
    failed = refund(
        "re_1", "46.50 USD", of=("pi_1",), at=9, family=RefundFamily.PAYMENT, is_withdrawn=True
    )
    hear(shop, charge("46.50 USD", "93.00 USD", at=2), made, failed, made)
    assert queries.standing(order_id).is_whole


def test_two_messages_about_one_purchase_are_one_order(shop):
    """An old checkout session does not name its invoice: they meet in the subscription."""
    session = order("cs_1", references=("cs_1", "sub_1:first"), click_id="42")
    invoice = order("in_1", references=("in_1", "pi_1", "sub_1:first"), at=0, codes=())
    assert hear(shop, session) == hear(shop, invoice)
    assert only_order().click_id == "42"


def test_a_link_told_first_leads_a_refund_to_its_invoice(shop):
    with unit_of_work():
        commands.record_links(shop, ["in_1", "pi_1"])
    hear(shop, charge("46.50 USD", "93.00 USD", at=2, of=("ch_1", "pi_1")))
    order_id = hear(shop, order("in_1"))
    assert queries.standing(order_id).remaining == Money.of("40.00 USD")


def test_a_link_told_last_does_too(shop):
    hear(shop, charge("46.50 USD", "93.00 USD", at=2, of=("ch_1", "pi_1")))
    order_id = hear(shop, order("in_1"))
    assert queries.standing(order_id).is_whole
    with unit_of_work():
        assert commands.record_links(shop, ["in_1", "pi_1"]) == order_id
    assert queries.standing(order_id).remaining == Money.of("40.00 USD")


@pytest.mark.parametrize(("currency", "stated", "base", "left"), [
    ("JPY", "1000", "8000 JPY", "7000 JPY"),
    ("KWD", "1.234", "80.000 KWD", "78.766 KWD"),
    ("EUR", "9.00", "80.00 EUR", "71.00 EUR"),
])  # fmt: skip
def test_r1_a_refund_that_names_no_currency_takes_its_orders(shop, currency, stated, base, left):
    given = refund(amount=f"{stated} USD", stated=stated)
    zero = Money.zero(currency)
    hear(shop, given)
    order_id = hear(shop, order(base=base, total=Money.of(base), tax=zero, shipping=zero))
    assert queries.standing(order_id).remaining == Money.of(left)


def test_a_refund_in_another_currency_is_shown_not_counted(shop):
    order_id = hear(shop, order(), refund(amount="20.00 EUR"))
    assert queries.standing(order_id).is_whole
    assert "another currency" in db.session.scalars(select(Refund)).one().review


def test_an_order_does_not_change_its_currency(shop):
    hear(shop, order())
    with pytest.raises(InvalidInput, match="currency"):
        hear(shop, order(base="80.00 EUR", at=1))


def test_what_was_parked_while_the_order_arrived_is_found_by_the_sweep(shop):
    order_id = hear(shop, order())
    with unit_of_work():
        hidden = refund(of=("other",))
        commands.record_refund(shop, hidden, heard_at=clock.now())
        db.session.scalars(select(WaitingReference)).one().reference = "1001"
    assert queries.violations()
    with unit_of_work():
        assert commands.match_waiting() == 1
    assert queries.standing(order_id).remaining == Money.of("60.00 USD")
    assert queries.violations() == []


def test_the_purchase_is_dated_by_the_shop_and_paid_when_first_told_paid(shop):
    hear(shop, order(at=30), order(at=3), order(at=1, is_paid=False))
    assert only_order().paid_at == later(3)


def test_a_secret_in_rotation_and_after_it(world):
    brand_id = world.glow.id
    with unit_of_work():
        connection = commands.connect(brand_id, Source.SHOPIFY)
        old = connection.secret
        commands.rotate_secret(connection.id)
    assert connection.secrets == (connection.secret, old)
    with unit_of_work():
        commands.end_rotation(connection.id)
    assert connection.secrets == (connection.secret,)


def test_a_brand_has_one_csv_connection(world):
    glow_id, rival_id = world.glow.id, world.rival.id
    with unit_of_work():
        assert commands.csv_connection(glow_id) == commands.csv_connection(glow_id)
        assert commands.csv_connection(glow_id) != commands.csv_connection(rival_id)
