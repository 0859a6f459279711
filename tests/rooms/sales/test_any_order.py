"""P7, P8: whatever the order of arrival, and however often, the same rows."""

import random
from dataclasses import replace

import pytest
from sqlalchemy import select

from portal.kernel import clock
from portal.sales import commands, queries
from portal.sales.models import Order, Source
from portal.sales.rules import DisputeReport, OrderReport, Precision, RefundFamily
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support import schema
from tests.support.reports import charge, dispute, order, picture, refund

R1, R2 = refund("r1", "20.00 USD", at=10), refund("r2", "11.11 USD", at=12)
R2_INSIDE = replace(R2, amount=refund("r2", "11.10 USD").amount, precision=Precision.LINES_IN_ORDER)
SHOPIFY = [
    order(at=0, is_paid=False, click_id="42"),
    order(at=1),
    order(at=1, is_paid=False),
    order(at=5, codes=("ADA15", "SPRING"), refunds=(R1,)),
    R1,
    R2,
    order(at=13, refunds=(R1, R2_INSIDE), customer_email="sam@example.com"),
]
CANCELLED = [*SHOPIFY, order(at=20, is_cancelled=True, refunds=(R1, R2_INSIDE))]
STRIPE = [
    order("cs_1", at=0, references=("cs_1", "sub_1:first"), click_id="42", codes=()),
    order("in_1", at=0, references=("in_1", "pi_1", "ch_1", "sub_1:first")),
    charge("10.00 USD", "93.00 USD", at=4),
    charge("31.00 USD", "93.00 USD", at=6),
    refund("re_1", "10.00 USD", of=("pi_1",), at=4, family=RefundFamily.PAYMENT),
    refund("re_2", "21.00 USD", of=("pi_1",), at=6, family=RefundFamily.PAYMENT),
    refund("re_2", "21.00 USD", of=("pi_1",), at=9, family=RefundFamily.PAYMENT, is_withdrawn=True),
    refund("cn_1", "7.00 USD", of=("in_1",), at=8),
    dispute("open", of=("ch_1", "pi_1"), at=10),
    dispute("lost", of=("ch_1", "pi_1"), at=15),
    dispute("won", of=("ch_1", "pi_1"), at=30),
]
LINKED = [
    ("links", ("in_1", "pi_1")),
    order("in_1"),
    charge("31.00 USD", "93.00 USD", at=6, of=("ch_1", "pi_1")),
]


def record(shop, report):
    with unit_of_work():
        if isinstance(report, tuple):
            commands.record_links(shop, report[1])
        elif isinstance(report, OrderReport):
            commands.record_order(shop, report, heard_at=clock.now())
        elif isinstance(report, DisputeReport):
            commands.record_dispute(shop, report, heard_at=clock.now())
        else:
            commands.record_refund(shop, report, heard_at=clock.now())


@pytest.mark.parametrize(
    "story", [SHOPIFY, CANCELLED, STRIPE, LINKED], ids=["shopify", "cancelled", "stripe", "linked"]
)
def test_every_order_of_arrival_ends_in_the_same_rows(world, story):
    seed = 20260302
    chance = random.Random(seed)
    pictures = []
    for _ in range(12):
        brand = world.brand("Shuffle")
        with unit_of_work():
            shop = commands.connect(brand.id, Source.STRIPE).id
        arrivals = story + chance.sample(story, k=len(story) // 2)  # half of them come twice
        chance.shuffle(arrivals)
        for report in arrivals:
            record(shop, report)
        pictures.append(picture())
        schema.empty()
    different = [number for number, one in enumerate(pictures) if one != pictures[0]]
    assert not different, (
        f"seed {seed}, rounds {different}: {pictures[0]} / {pictures[different[0]]}"
    )


def test_the_stories_end_where_they_should(world):
    for story, left in (
        (SHOPIFY, 4890),
        (CANCELLED, 0),
        (STRIPE, 8000 - 860 - 700),
        (LINKED, 5333),
    ):
        brand = world.brand("Shuffle")
        with unit_of_work():
            shop = commands.connect(brand.id, Source.STRIPE).id
        for report in story:
            record(shop, report)
        db.session.remove()
        one = db.session.scalars(select(Order)).one()
        assert queries.standing(one.id).remaining.minor == left
        schema.empty()
