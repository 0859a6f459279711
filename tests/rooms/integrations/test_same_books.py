"""Every real payload, delivered five times in random order with refunds first: the same books.

Through the signed hooks and the whole wiring, down to commissions and the ledger. The payloads
belong to others: see `test_real_payloads`.
"""

import json
import random

import pytest
from sqlalchemy import select

from portal.commissions.models import Commission
from portal.jobs import worker
from portal.kernel import clock
from portal.ledger.models import LedgerAccount, LedgerEntry
from portal.sales import commands as sales
from portal.sales.models import Order, Source
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.rooms.integrations.test_real_payloads import EXPECTED, FOLDER
from tests.support import schema
from tests.support.hooks import Poster
from tests.support.people import a_program, an_ambassador
from tests.support.reports import picture

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not EXPECTED.is_file(), reason="no real payloads beside the checkout"),
]
LONG_AGO, NOW = "2010-01-01T00:00:00+00:00", "2026-03-02T09:00:00+00:00"
SEEDS = (1, 22, 333)
TIMES, CODE = 5, "ADA15"
REFUNDS = ("refund", "credit_note", "dispute", "reversal")


def messages(source):
    """(topic, body) of every file that is a message of its own; a list is one message an entry."""
    topics = {case["file"]: case["topic"] or "" for case in json.loads(EXPECTED.read_text())}
    found = []
    for file in sorted((FOLDER / source).glob("*.json")):
        name = f"{source}/{file.name}"
        body = json.loads(file.read_bytes())
        for place, one in enumerate(body if isinstance(body, list) else [body]):
            named = f"evt_{file.stem}"  # Stripe's samples share one made-up id
            told = {**one, "id": named} if one.get("object") == "event" else one
            if source != "stripe" or told.get("id"):  # its hook refuses what has none
                found.append((topics.get(name, ""), told, f"{file.stem}-{place}"))
    return found


def refunds_first(arrivals, chance):
    chance.shuffle(arrivals)
    return sorted(arrivals, key=lambda one: not any(word in one[2] for word in REFUNDS))


def with_code(source, body):
    """The message with Ada's code in its order, so that each is earned on and taken back."""
    if source == "shopify" and "line_items" in body:
        return {**body, "discount_codes": [*(body.get("discount_codes") or []), {"code": CODE}]}
    if source == "woocommerce" and "line_items" in body and "status" in body:
        return {**body, "coupon_lines": [*(body.get("coupon_lines") or []), {"code": CODE}]}
    if source == "stripe" and body.get("object") == "event":
        inner = body["data"]["object"]
        if inner.get("object") in ("checkout.session", "invoice"):
            named = [{"promotion_code": {"code": CODE}}]
            return {**body, "data": {**body["data"], "object": {**inner, "discounts": named}}}
    return body


def ada(world):
    """She owns the code since before any of the orders; returns her brand."""
    with clock.at(LONG_AGO):
        brand = world.brand(
            "Shuffle", allowed_hosts=["shuffle.example"], website="https://shuffle.example"
        )
        an_ambassador(a_program(brand), "Ada", code=CODE)
        worker.drain()
        return brand.id


def books():
    """Orders as told, what was earned and taken back, and every balance of the ledger."""
    shown = picture()
    shown["commissions"] = sorted(
        (order.external_id, one.amount_minor, one.reversed_minor, one.currency, one.status.value)
        for one, order in db.session.execute(
            select(Commission, Order).join(Order, Order.id == Commission.order_id)
        )
    )
    totals: dict[tuple[str, str], int] = {}
    rows = select(LedgerAccount.name, LedgerEntry.currency, LedgerEntry.amount_minor).join(
        LedgerEntry, LedgerEntry.account_id == LedgerAccount.id
    )
    for name, currency, minor in db.session.execute(rows):
        kind = name.rpartition(":")[2], currency
        totals[kind] = totals.get(kind, 0) + minor
    shown["ledger"] = sorted(totals.items())
    return shown


@pytest.mark.parametrize("source", ["shopify", "woocommerce", "stripe"])
def test_five_times_in_any_order_with_refunds_first(world, source):
    told, pictures = messages(source), []
    for seed in SEEDS:
        chance, brand_id = random.Random(seed), ada(world)
        with clock.at(NOW):
            with unit_of_work():
                connection = sales.connect(brand_id, Source(source))
            post = Poster(world.app, source, connection.public_id, connection.secret)
            for lap in range(TIMES):
                for topic, body, name in refunds_first(list(told), chance):
                    answer = post.posts(with_code(source, body), topic, event_id=f"{name}-{lap}")
                    assert answer.status_code == 200, (name, answer.get_json())
                    if chance.random() < 0.2:
                        worker.drain()
            worker.drain()
            pictures.append(books())
        schema.empty()
        for remembered in world.app.extensions["portal.brands"]:
            remembered.clear()
    for seed, one in zip(SEEDS[1:], pictures[1:], strict=True):
        for table, rows in one.items():
            assert rows == pictures[0][table], f"seed {seed}: {table}"
    assert pictures[0]["orders"]
    assert pictures[0]["commissions"]
