"""A refund in the very moment its order earns is taken off all the same. Bites on PostgreSQL."""

import time
from concurrent.futures import ThreadPoolExecutor

from portal.attribution import commands as attribution
from portal.commissions import commands, queries
from portal.kernel import clock
from portal.sales import commands as sales
from portal.sales.models import Source
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.people import a_program, an_ambassador
from tests.support.reports import order, refund

HEAD_START_SECONDS = 0.5


def test_a_refund_told_while_its_order_earns_is_taken_back(world):
    an_ambassador(a_program(world.glow, terms={"rate_bp": 1000}), "Ada")
    now = clock.now()
    with unit_of_work():
        shop = sales.connect(world.glow.id, Source.SHOPIFY).id
        told = order("1", base="80.00 USD", codes=("ADA15",), placed_at=now, updated_at=now)
        order_id = sales.record_order(shop, told, heard_at=now)
        decision = attribution.attribute_order(order_id).id

    def earn():
        with world.app.app_context(), unit_of_work():
            commands.earn(decision)

    with ThreadPoolExecutor(1) as threads:
        with unit_of_work():
            sales.record_refund(shop, refund("r1", "20.00 USD", of=("1",)), heard_at=now)
            other = threads.submit(earn)
            time.sleep(HEAD_START_SECONDS)  # it comes as far as it can before the refund is there
        other.result()
    db.session.remove()
    # Whoever heard of the refund before may have found nothing to take back yet.
    assert str(queries.of_order(order_id).net) == "6.00 USD"
