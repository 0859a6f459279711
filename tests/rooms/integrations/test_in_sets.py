"""Events done together and events done one by one end in the same books (ADR 0014)."""

import random
from dataclasses import replace

import pytest
from sqlalchemy import select

from portal.jobs import worker
from portal.jobs.commands import EACH
from portal.jobs.models import Job
from portal.jobs.registry import registry
from portal.kernel import clock
from portal.sales import commands as sales
from portal.sales.models import Source
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.rooms.integrations.test_same_books import ada, books
from tests.support import schema
from tests.support.hooks import Poster

NOW = "2026-03-02T09:00:00+00:00"


def an_order(number, chance):
    paid = chance.random() < 0.9
    lines = [
        {"id": 10 * number + line, "quantity": chance.randint(1, 3), "title": "Thing",
         "price": f"{chance.randint(0, 90)}.{chance.randint(0, 99):02d}"}
        for line in range(chance.randint(1, 3))
    ]  # fmt: skip
    return {
        "id": number, "name": f"#{number}", "currency": "USD", "line_items": lines, "refunds": [],
        "financial_status": "paid" if paid else "pending", "test": chance.random() < 0.05,
        "created_at": "2026-03-01T09:00:00Z", "updated_at": "2026-03-01T09:00:00Z",
        "discount_codes": [{"code": chance.choice(("ADA15", "ada15", "NOBODY"))}],
        "cancelled_at": "2026-03-01T10:00:00Z" if chance.random() < 0.1 else None,
    }  # fmt: skip


def a_refund(order, chance):
    line = order["line_items"][0]
    return {
        "id": order["id"] + 5000, "order_id": order["id"], "created_at": "2026-03-01T12:00:00Z",
        "refund_line_items": [
            {"id": order["id"] + 9000, "quantity": 1, "line_item_id": line["id"],
             "subtotal": line["price"], "line_item": line}
        ],
        "transactions": [],
    }  # fmt: skip


def told(chance):
    """Orders, refunds (some before their orders), repetitions, and what cannot be read."""
    orders = [an_order(number, chance) for number in range(1001, 1031)]
    messages = [("orders/paid", one) for one in orders]
    messages += [("refunds/create", a_refund(one, chance)) for one in chance.sample(orders, 6)]
    messages += [("orders/updated", {**one, "financial_status": "paid",
                                     "updated_at": "2026-03-01T11:00:00Z"})
                 for one in chance.sample(orders, 5)]  # fmt: skip
    messages += [("orders/paid", {"id": 7, "line_items": "none"}), ("orders/paid", orders[0])]
    chance.shuffle(messages)
    return messages


@pytest.fixture
def one_by_one():
    before = registry.reactions
    yield lambda: setattr(
        registry, "reactions", {key: replace(one, together=None) for key, one in before.items()}
    )
    registry.reactions = before


@pytest.mark.parametrize("seed", [4, 55])
def test_sets_change_nothing_but_the_speed(world, one_by_one, seed):
    pictures = []
    for alone in (False, True):
        if alone:
            one_by_one()
        chance, brand_id = random.Random(seed), ada(world)
        with clock.at(NOW):
            with unit_of_work():
                connection = sales.connect(brand_id, Source.SHOPIFY)
            post = Poster(world.app, "shopify", connection.public_id, connection.secret)
            for number, (topic, body) in enumerate(told(chance)):
                assert post.posts(body, topic, event_id=f"evt-{number}").status_code == 200
            worker.drain()
            pictures.append(books())
            in_sets = [job for job in db.session.scalars(select(Job)) if EACH in job.args]
            assert bool(in_sets) is not alone
        schema.empty()
        for remembered in world.app.extensions["portal.brands"]:
            remembered.clear()
    assert pictures[0] == pictures[1]
    assert len(pictures[0]["orders"]) == 30
    assert pictures[0]["commissions"]
