"""From something that happened to a program that was told: signed, retried, given up, replayed."""

from datetime import timedelta

import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.notifications.models import Message
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.webhooks import commands, jobs, queries, rules
from portal.webhooks.models import DeliveryStatus, EndpointStatus, WebhookDelivery
from tests.support.people import a_program, an_ambassador, an_application
from tests.support.receiver import receiving
from tests.support.shop import Shop


@pytest.fixture
def receiver():
    with receiving() as found:
        yield found


def listening(brand, url, *types):
    with unit_of_work():
        return commands.add_endpoint(
            brand.id, url, "Warehouse", types, by=None, allows_loopback=True
        )


def again(endpoint):
    db.session.expire_all()
    return queries.endpoint(endpoint.id)


def deliveries(endpoint):
    db.session.expire_all()
    return [row.delivery for row in queries.log_of(endpoint.id, queries.PageRequest(size=200)).rows]


def publish(world, kind="order.recorded", subject="ord_1"):
    brand_id = world.glow.id
    with unit_of_work():
        commands.publish(brand_id, kind, subject, lambda: {"id": subject})


def test_a_program_is_told_of_an_order_and_what_it_earned(world, receiver):
    program = a_program(world.glow)
    ada = an_ambassador(program, "Ada", code="ADA15")
    endpoint = listening(world.glow, receiver.url)
    Shop(world.glow).sells("80.00 USD", "ADA15")
    told = {one["type"]: one for one in receiver.verified(endpoint.secret)}
    assert told["order.recorded"]["data"]["subtotal"] == {"amount_minor": 8000, "currency": "USD"}
    earned = told["commission.created"]
    assert earned["version"] == 1
    assert earned["brand"] == "glow"
    assert earned["timestamp"] == "2026-03-02T09:00:00Z"
    assert earned["data"]["ambassador"] == ada.public_id
    assert earned["data"]["amount"] == {"amount_minor": 800, "currency": "USD"}
    assert again(endpoint).last_success_at == clock.now()


def test_the_whole_life_of_a_membership_and_an_order(world, receiver):
    endpoint = listening(world.glow, receiver.url)
    program = a_program(world.glow)
    an_ambassador(program, "Ada", code="ADA15")
    an_application(program, "Ben")
    shop = Shop(world.glow)
    shop.sells("80.00 USD", "ADA15", number="1")
    shop.refunds("1", "30.00 USD")
    clock.pass_days(1)
    world.settle()
    assert set(receiver.types) >= {
        "application.submitted", "application.decided", "ambassador.enrolled",
        "ambassador.activated", "code.issued", "order.recorded", "commission.created",
        "order.refunded", "commission.reversed",
    }  # fmt: skip
    assert receiver.types.count("order.recorded") == 1
    changed = next(one for one in receiver.received if one.told["type"] == "commission.reversed")
    effect = changed.told["data"]["change"]["effect"]
    assert effect == {"amount_minor": -300, "currency": "USD"}
    assert len({one.id for one in receiver.received}) == len(receiver.received)
    assert len(receiver.verified(endpoint.secret)) == len(receiver.received)


def test_only_what_was_asked_for_is_told(world, receiver):
    listening(world.glow, receiver.url, "payout.paid")
    publish(world)
    world.settle()
    assert receiver.received == []


def test_another_brand_hears_nothing(world, receiver):
    listening(world.rival, receiver.url)
    publish(world)
    world.settle()
    assert receiver.received == []


def test_nothing_is_kept_while_nobody_listens(world):
    brand_id = world.glow.id
    with unit_of_work():
        kept = commands.publish(brand_id, "order.recorded", "ord_1", dict, began_at=clock.now())
    assert kept is None


def test_what_began_before_messages_are_kept_is_not_told_as_new(world, receiver):
    a_program(world.glow)
    listening(world.glow, receiver.url)
    shop = Shop(world.glow)
    shop.sells("80.00 USD", number="1")
    clock.pass_days(31)
    jobs.forget_old()
    receiver.received.clear()
    shop.sells("70.00 USD", number="1")
    assert receiver.types == ["order.updated"]


def test_a_failure_is_tried_again_under_the_same_id(world, receiver):
    endpoint = listening(world.glow, receiver.url)
    receiver.faults = [500, "drop"]
    publish(world)
    world.settle()
    assert len(receiver.received) == 1
    clock.pass_time(timedelta(seconds=6))
    world.settle()
    assert again(endpoint).failures == 2
    clock.pass_time(timedelta(minutes=6))
    world.settle()
    assert len({one.id for one in receiver.received}) == 1
    assert len({one.headers["webhook-signature"] for one in receiver.received}) >= 1
    [delivery] = deliveries(endpoint)
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.DELIVERED, 3)
    assert [one.status for one in queries.attempts_of(delivery.id)] == [204, None, 500]
    assert again(endpoint).failing_since is None


def test_a_killed_worker_sends_again_under_the_same_id(world, receiver):
    endpoint = listening(world.glow, receiver.url)
    publish(world)
    [delivery] = deliveries(endpoint)
    with unit_of_work():
        parcel = commands.prepare(delivery.id)
    jobs._sent(parcel, allows_loopback=True)  # the message is out, and then the worker dies
    world.settle()
    assert [one.id for one in receiver.received] == [parcel.headers["webhook-id"]] * 2


def test_what_was_received_is_not_sent_again_by_a_repeated_job(world, receiver):
    endpoint = listening(world.glow, receiver.url)
    publish(world)
    world.settle()
    jobs.deliver(deliveries(endpoint)[0].id, allows_loopback=True)
    assert len(receiver.received) == 1


def test_two_secrets_sign_during_a_rotation(world, receiver):
    endpoint = listening(world.glow, receiver.url)
    old = endpoint.secret
    with unit_of_work():
        commands.rotate_secret(endpoint.id, by=None)
    publish(world)
    world.settle()
    assert receiver.verified(old)
    assert receiver.verified(again(endpoint).secret)
    receiver.received.clear()
    clock.pass_days(2)
    publish(world, subject="ord_2")
    world.settle()
    assert receiver.verified(again(endpoint).secret)
    with pytest.raises(WebhookVerificationError):
        receiver.verified(old)


def test_an_endpoint_that_keeps_failing_rests_and_is_not_asked_for_each_message(world, receiver):
    endpoint = listening(world.glow, receiver.url)
    receiver.faults = [500] * 100
    for number in range(20):
        publish(world, subject=f"ord_{number}")
    world.settle()
    assert len(receiver.received) == 3
    assert again(endpoint).resting_until == clock.now() + timedelta(minutes=1)


def test_after_five_days_it_is_switched_off_and_the_owners_get_a_mail(world, receiver):
    _ = world.owen
    endpoint = listening(world.glow, receiver.url)
    receiver.faults = [500] * 1000
    publish(world)
    for day in range(7):
        clock.pass_days(1)
        publish(world, subject=f"ord_day_{day}")
        world.settle()
    found = again(endpoint)
    assert (found.status, found.disabled_reason) == (
        EndpointStatus.DISABLED, "It failed for five days.",
    )  # fmt: skip
    mails = db.session.query(Message).filter_by(letter="webhook_disabled").all()
    assert [mail.recipient for mail in mails] == ["owen@example.com"]
    sent = len(receiver.received)
    publish(world, subject="ord_meanwhile")
    world.settle()
    assert len(receiver.received) == sent
    receiver.faults, receiver.received = [], []
    with unit_of_work():
        commands.enable(endpoint.id, by=None)
    since = clock.now() - timedelta(days=30)
    with unit_of_work():
        commands.replay_since(endpoint.id, since, only_failed=False, by=None)
    world.settle()
    told = {one.told["data"]["id"] for one in receiver.received}
    assert told == {"ord_1", "ord_meanwhile", *(f"ord_day_{day}" for day in range(7))}


def test_an_answer_410_switches_it_off_at_once(world, receiver):
    endpoint = listening(world.glow, receiver.url)
    receiver.faults = [410]
    publish(world)
    world.settle()
    assert again(endpoint).disabled_reason == "It answered 410 Gone."


def test_a_redirect_is_not_followed(world, receiver):
    endpoint = listening(world.glow, receiver.url)
    receiver.faults = [302]
    publish(world)
    world.settle()
    assert len(receiver.received) == 1
    [delivery] = deliveries(endpoint)
    assert "redirect" in queries.attempts_of(delivery.id)[0].trouble


def test_after_the_last_try_a_message_has_failed_and_can_be_sent_again(world, receiver):
    endpoint = listening(world.glow, receiver.url)
    publish(world)
    [delivery] = deliveries(endpoint)
    nothing = commands.Outcome(None, "", "It did not answer.", 5000)
    for _ in range(len(rules.RETRIES) + 1):
        with unit_of_work():
            commands.note_attempt(delivery.id, nothing)
    assert deliveries(endpoint)[0].status is DeliveryStatus.FAILED
    with unit_of_work():
        commands.replay(delivery.id, by=None)
    world.settle()
    assert deliveries(endpoint)[0].status is DeliveryStatus.DELIVERED
    assert len(receiver.received) == 1


def test_more_than_go_at_once_are_all_sent_again(world, receiver, monkeypatch):
    endpoint = listening(world.glow, receiver.url)
    for number in range(5):
        publish(world, subject=f"ord_{number}")
    world.settle()
    first = list(receiver.received)
    receiver.received.clear()
    monkeypatch.setattr(commands, "REPLAY_MOST", 2)
    since = clock.now() - timedelta(days=1)
    with unit_of_work():
        assert commands.replay_since(endpoint.id, since, only_failed=False, by=None) == 2
    world.settle()
    assert {one.id for one in receiver.received} == {one.id for one in first}
    assert len(receiver.received) == 5


def test_more_than_enabling_sends_at_once_follow(world, receiver, monkeypatch):
    endpoint = listening(world.glow, receiver.url)
    for number in range(5):
        publish(world, subject=f"ord_{number}")
    with unit_of_work():
        commands.disable(endpoint.id, "Disabled by hand.", by=None)
    world.settle()
    monkeypatch.setattr(commands, "REPLAY_MOST", 2)
    clock.pass_time(timedelta(minutes=20))
    with unit_of_work():
        commands.enable(endpoint.id, by=None)
    world.settle()
    for _ in range(2):
        jobs.queue_overdue()
        world.settle()
    assert {one.status for one in deliveries(endpoint)} == {DeliveryStatus.DELIVERED}
    assert len(receiver.received) == 5


def test_what_rests_or_is_disabled_is_not_overdue(world, receiver):
    endpoint = listening(world.glow, receiver.url)
    receiver.faults = [500] * 100
    for number in range(6):
        publish(world, subject=f"ord_{number}")
    world.settle()
    clock.pass_time(timedelta(minutes=1))
    world.settle()
    assert again(endpoint).resting_until > clock.now()
    assert queries.overdue(clock.now(), 10) == []


def test_a_message_forgotten_before_its_next_try_is_left_alone(world, receiver):
    endpoint = listening(world.glow, receiver.url)
    receiver.faults = [500]
    publish(world)
    world.settle()
    [delivery] = deliveries(endpoint)
    clock.pass_days(31)
    jobs.forget_old()
    jobs.deliver(delivery.id, allows_loopback=True)
    assert len(receiver.received) == 1


def test_a_second_try_that_fails_does_not_undo_a_receipt(world, receiver):
    endpoint = listening(world.glow, receiver.url)
    publish(world)
    world.settle()
    [delivery] = deliveries(endpoint)
    with unit_of_work():
        commands.note_attempt(delivery.id, commands.Outcome(500, "", "", 10))
    assert deliveries(endpoint)[0].status is DeliveryStatus.DELIVERED
    assert again(endpoint).failures == 0


def test_messages_are_forgotten_after_thirty_days(world, receiver):
    endpoint = listening(world.glow, receiver.url)
    publish(world)
    world.settle()
    clock.pass_days(31)
    jobs.forget_old()
    assert deliveries(endpoint) == []
    assert db.session.query(WebhookDelivery).count() == 0


def test_an_address_inside_the_network_is_never_called(world, receiver):
    endpoint = listening(world.glow, receiver.url)
    publish(world)
    [delivery] = deliveries(endpoint)
    jobs.deliver(delivery.id)  # as in production: no loopback
    assert receiver.received == []
    assert queries.attempts_of(delivery.id)[0].trouble.endswith("is not a public address.")


def test_a_brand_has_at_most_ten(world):
    for number in range(10):
        listening(world.glow, f"https://shop.example/{number}")
    with pytest.raises(Conflict):
        listening(world.glow, "https://shop.example/11")
