"""Several workers at the same purchase: one order, nothing lost. Bites on PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.sales import commands, queries
from portal.sales.models import Order, Refund, Source
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.reports import order, refund

ROUNDS = 6
TRIES = 20


def persistently(act):
    """As the worker does: a Conflict is tried again."""
    for _ in range(TRIES):
        try:
            with unit_of_work():
                return act()
        except Conflict:
            continue
    raise AssertionError("never got through")


def test_one_purchase_told_in_many_ways_at_once_is_one_order(world):
    brand_id, heard_at = world.glow.id, clock.now()
    with unit_of_work():
        shop = commands.connect(brand_id, Source.STRIPE).id
    for number in range(ROUNDS):
        first = f"sub_{number}:first"
        told = [
            order(f"cs_{number}", references=(f"cs_{number}", first), click_id="42"),
            order(f"in_{number}", references=(f"in_{number}", f"pi_{number}", first)),
        ] * 2  # fmt: skip
        back = refund(f"re_{number}", of=(f"pi_{number}",))

        def tell(report, back=back):
            with world.app.app_context():
                if report is back:
                    return persistently(
                        lambda: commands.record_refund(shop, back, heard_at=heard_at)
                    )
                return persistently(lambda: commands.record_order(shop, report, heard_at=heard_at))

        with ThreadPoolExecutor(5) as threads:
            list(threads.map(tell, [*told, back]))
    with unit_of_work():
        commands.match_waiting()
    db.session.remove()
    found = db.session.scalars(select(Order)).all()
    assert len(found) == ROUNDS
    assert [str(queries.standing(one.id).remaining) for one in found] == ["60.00 USD"] * ROUNDS
    assert {one.click_id for one in found} == {"42"}
    assert all(one.order_id for one in db.session.scalars(select(Refund)))
    assert queries.violations() == []
