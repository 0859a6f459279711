"""Messages from outside as the operator sees them: without people, and to be read again."""

import json

import pytest

from portal.audit import queries as audit
from portal.integrations import operator_queries, queries
from portal.integrations.models import InboundEvent, InboundState
from portal.jobs.models import Job
from portal.kernel import clock
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.browser import Browser
from tests.support.world import World

BODY = {"id": 9001, "email": "buyer@example.com", "total_price": "93.00"}


def event(world: World, state: InboundState = InboundState.FAILED, number: int = 1) -> InboundEvent:
    brand_id, error = world.glow.id, "The currency XYZ is unknown."
    with unit_of_work():
        made = InboundEvent(
            provider="shopify", door="c", brand_id=brand_id, provider_event_id=str(number),
            topic="orders/paid", headers={"X-Shopify-Topic": "orders/paid"}, body=json.dumps(BODY).encode(),
            content_sha256=str(number), received_at=clock.wall(), heard_at=clock.now(), attempts=1,
            state=state, last_error=error if state is InboundState.FAILED else None,
            processed_at=None if state is InboundState.RECEIVED else clock.now(),
        )  # fmt: skip
        db.session.add(made)
    db.session.remove()
    return made


def state_of(made: InboundEvent) -> InboundState:
    found = queries.one(made.public_id).state
    db.session.remove()
    return found


def test_messages_are_listed_by_state(world: World):
    event(world), event(world, InboundState.PROCESSED, 2)
    olga = world.olga.opens("/operator/webhooks").sees("orders/paid", "Failed", "Processed", "XYZ")
    olga.opens("/operator/webhooks?status=processed").does_not_see("XYZ")
    olga.opens("/operator/webhooks?status=ignored").sees("No webhook is ignored", "Show all")
    olga.opens("/operator/webhooks?status=nonsense")


def test_nothing_yet(world: World):
    world.olga.opens("/operator/webhooks").sees("No webhook has come in yet")


def test_pages_lead_on(world: World):
    for number in range(51):
        event(world, InboundState.PROCESSED, number)
    world.olga.opens("/operator/webhooks").follows("Next").sees("First page")


def test_htmx_gets_the_list_alone(world: World):
    event(world)
    headers = {"HX-Request": "true", "HX-Target": "list"}
    olga = world.olga.opens("/operator/webhooks", headers=headers)
    assert olga.page.find(id="list")
    assert olga.page.find("html") is None


def test_one_message_is_shown_without_its_buyer(world: World):
    olga = world.olga.opens(f"/operator/webhooks/{event(world).public_id}")
    olga.sees("The currency XYZ is unknown", "93.00", "Glow", "X-Shopify-Topic")
    olga.does_not_see("buyer@example.com")


def test_a_message_is_read_again(world: World):
    made = event(world)
    here = f"/operator/webhooks/{made.public_id}"
    olga = world.olga.opens(here).presses("Replay").sees("read again at once", "Received")
    assert state_of(made) is InboundState.RECEIVED
    assert db.session.scalar(db.select(Job).where(Job.name == "integrations.on_inbound_received"))
    [entry] = audit.history_of("inbound-event", made.id)
    assert entry.actor_id == world.olga.user_id
    olga.posts(f"{here}/replay", status=409).sees("already waits for the worker")


def test_a_message_is_set_aside_with_a_reason_once(world: World):
    made = event(world)
    here = f"/operator/webhooks/{made.public_id}"
    olga = (
        world.olga.opens(here).presses("Ignore this message", status=422).sees("Write one sentence")
    )
    olga.fills("Why is it set aside?", "A test of the shop").presses("Ignore this message")
    olga.sees("It stays stored", "A test of the shop", "Ignored")
    olga.posts(f"{here}/ignore", {"reason": "again"}, status=409)


@pytest.mark.parametrize("verb", ["replay", "ignore"])
def test_reading_changes_nothing(world: World, verb):
    made = event(world)
    world.olga.opens(f"/operator/webhooks/{made.public_id}/{verb}", status=405)
    assert state_of(made) is InboundState.FAILED


def test_an_unknown_message_is_told_404(world: World):
    olga = world.olga.opens("/operator/webhooks/evt_nosuch", status=404)
    olga.posts("/operator/webhooks/evt_nosuch/replay", status=404)


@pytest.mark.parametrize("who", ["owen", "faye", "rae", "cy"])
def test_nobody_else_sees_them(world: World, who):
    made, member = event(world), getattr(world, who)
    member.opens("/operator/webhooks", status=403)
    member.opens(f"/operator/webhooks/{made.public_id}", status=403)
    member.browser.posts(f"/operator/webhooks/{made.public_id}/replay", status=403)
    assert state_of(made) is InboundState.FAILED


def test_a_visitor_is_asked_to_sign_in(browser: Browser):
    browser.opens("/operator/webhooks").sees("E-mail address")


def test_the_operators_home_gets_its_figures(world: World):
    event(world), event(world, InboundState.RECEIVED, 2)
    found = operator_queries.health()
    assert (found["day"], found["waiting"], found["failed"]) == (2, 1, 1)
    assert found["oldest_at"] <= found["last_at"]
    db.session.remove()
    world.olga.opens("/operator").sees("1 could not be used")
