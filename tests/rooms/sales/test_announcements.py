"""What the rooms above are told, and what they are not bothered with."""

import pytest

from portal.jobs import worker
from portal.jobs.registry import registry
from portal.kernel import clock
from portal.sales import commands
from portal.sales.events import OrderCancelled, OrderDisputed, OrderRecorded, OrderRefunded
from portal.sales.models import Source
from portal.storage.unit_of_work import unit_of_work
from tests.support.reports import dispute, order, refund

HEARD: list[object] = []


def on_event(event):
    HEARD.append(event)


def on_refunded(event):
    HEARD.append(event)


def on_cancelled(event):
    HEARD.append(event)


def on_disputed(event):
    HEARD.append(event)


@pytest.fixture(autouse=True)
def ears(app):
    before = registry.subscribers, registry.reactions, registry.functions, registry.schedule
    wiring = {
        OrderRecorded: [on_event], OrderRefunded: [on_refunded],
        OrderCancelled: [on_cancelled], OrderDisputed: [on_disputed],
    }  # fmt: skip
    registry.configure(wiring, {}, {})
    yield
    registry.subscribers, registry.reactions, registry.functions, registry.schedule = before


@pytest.fixture
def shop(world):
    brand_id = world.glow.id
    with unit_of_work():
        return commands.connect(brand_id, Source.SHOPIFY).id


def told(act, *arguments):
    """The events one command announces, by name."""
    HEARD.clear()
    with unit_of_work():
        act(*arguments, heard_at=clock.now())
    worker.drain()
    return [type(event).__name__ for event in HEARD]


def test_each_change_is_told_once_and_a_repetition_not_at_all(shop):
    assert told(commands.record_order, shop, order()) == ["OrderRecorded"]
    assert told(commands.record_order, shop, order()) == []
    assert told(commands.record_order, shop, order(at=1)) == []
    assert told(commands.record_order, shop, order(at=2, click_id="42")) == ["OrderRecorded"]
    assert told(commands.record_refund, shop, refund()) == ["OrderRefunded"]
    assert told(commands.record_refund, shop, refund()) == []
    cancelled = order(at=3, is_cancelled=True, click_id="42")
    assert told(commands.record_order, shop, cancelled) == ["OrderCancelled"]
    assert told(commands.record_order, shop, order(at=4, click_id="42")) == ["OrderRecorded"]


def test_a_dispute_is_told_with_its_state(shop):
    told(commands.record_order, shop, order())
    assert told(commands.record_dispute, shop, dispute("open", at=20)) == ["OrderDisputed"]
    assert HEARD[0].state == "open"
    assert told(commands.record_dispute, shop, dispute("open", at=20)) == []
    lost = told(commands.record_dispute, shop, dispute("lost", at=30))
    assert lost == ["OrderRefunded", "OrderDisputed"]


def test_what_waited_is_told_when_the_order_comes(shop):
    assert told(commands.record_refund, shop, refund()) == []
    assert told(commands.record_dispute, shop, dispute("open")) == []
    heard = told(commands.record_order, shop, order())
    assert heard == ["OrderRecorded", "OrderRefunded", "OrderDisputed"]
