"""Two requests at the same moment: one effect, one answer."""

import threading
from contextvars import Context

from portal.sales.models import Order
from portal.storage.model import db
from tests.support.callers import a_caller, told

REQUESTS = 4


def at_once(world, shop, **headers):
    """(status, body) of the same request sent by several threads together."""
    start, found = threading.Barrier(REQUESTS), []

    def send():
        with world.app.app_context():
            start.wait()
            answer = shop.answer("POST", "/conversions", json=told(), headers=headers)
            found.append((answer.status_code, answer.get_json()))
            db.session.remove()

    threads = [threading.Thread(target=Context().run, args=(send,)) for _ in range(REQUESTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_under_one_idempotency_key_all_get_the_first_answer(world):
    shop = a_caller(world, world.glow)
    shop.gets("/me")
    found = at_once(world, shop, **{"Idempotency-Key": "k1"})
    assert {status for status, _ in found} == {201}
    assert len({body["id"] for _, body in found}) == 1
    assert db.session.query(Order).count() == 1


def test_without_one_the_order_is_still_stored_once(world):
    shop = a_caller(world, world.glow)
    shop.gets("/me")
    found = at_once(world, shop)
    assert {status for status, _ in found} <= {200, 201, 409}
    assert db.session.query(Order).count() == 1
