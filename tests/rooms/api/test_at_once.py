"""Two requests at the same moment: one effect, one answer."""

from portal.sales.models import Order
from portal.storage.model import db
from tests.support.at_once import at_once
from tests.support.callers import a_caller, told

REQUESTS = 4


def asked_at_once(world, shop, **headers):
    """(status, body) of the same request sent by several threads together."""

    def send():
        answer = shop.answer("POST", "/conversions", json=told(), headers=headers)
        return answer.status_code, answer.get_json()

    return at_once(world.app, [send] * REQUESTS)


def test_under_one_idempotency_key_all_get_the_first_answer(world):
    shop = a_caller(world, world.glow)
    shop.gets("/me")
    found = asked_at_once(world, shop, **{"Idempotency-Key": "k1"})
    assert {status for status, _ in found} == {201}
    assert len({body["id"] for _, body in found}) == 1
    assert db.session.query(Order).count() == 1


def test_without_one_the_order_is_still_stored_once(world):
    shop = a_caller(world, world.glow)
    shop.gets("/me")
    found = asked_at_once(world, shop)
    assert {status for status, _ in found} <= {200, 201, 409}
    assert db.session.query(Order).count() == 1
