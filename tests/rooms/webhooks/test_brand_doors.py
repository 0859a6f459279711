"""The settings of outgoing webhooks, as a manager uses them and nobody else."""

import pytest

from portal.kernel import clock
from portal.kernel.pages import cursor_of
from portal.storage.unit_of_work import unit_of_work
from portal.webhooks import commands, queries
from tests.support.receiver import receiving

HOME = "/brand/glow/settings/webhooks"


@pytest.fixture
def receiver():
    with receiving() as found:
        yield found


@pytest.fixture
def endpoint(world, receiver):
    brand = world.glow
    with unit_of_work():
        return commands.add_endpoint(
            brand.id, receiver.url, "Warehouse", ["order.recorded"], by=None, allows_loopback=True
        )


def test_a_manager_adds_an_endpoint_and_sees_a_test_arrive(world, receiver):
    page = world.mona.opens(HOME).sees("No endpoint yet")
    page.fills("Address", receiver.url).fills("Name", "Warehouse").presses("Add endpoint")
    page.sees("Warehouse", "Active", "Nothing was sent yet").presses("Send a test")
    world.settle()
    page.opens(page.url).sees("webhook.test", "Delivered", "204")
    [endpoint] = queries.endpoints_of(world.glow.id)
    assert receiver.verified(endpoint.secret)[0]["type"] == "webhook.test"


def test_an_address_that_cannot_be_called_is_said_at_its_field(world):
    page = world.mona.opens(HOME).fills("Address", "http://shop.example/hooks")
    page.presses("Add endpoint", status=422).sees("The address has to begin with https://.")
    assert page.field("Address")["value"] == "http://shop.example/hooks"


def test_events_can_be_chosen_and_changed(world, endpoint):
    page = world.mona.opens(f"{HOME}/{endpoint.public_id}").sees("A shop told us of an order")
    page.follows("Edit").fills("Name", "Stock").presses("Save").sees("Saved.", "Stock")


def test_the_secret_is_shown_on_request_and_that_is_recorded(world, endpoint):
    from portal.audit import queries as audit

    page = world.mona.opens(f"{HOME}/{endpoint.public_id}")
    assert endpoint.secret not in str(page.page)
    page.presses("Show")
    assert endpoint.secret in str(page.page)
    assert [one.act for one in audit.history_of("webhook", endpoint.id)][-1] == (
        "webhook.secret-shown"
    )


def test_rotating_shows_the_new_secret(world, endpoint):
    page = world.mona.opens(f"{HOME}/{endpoint.public_id}").presses("Rotate")
    page.sees("The old secret signs too until")
    assert endpoint.secret not in str(page.page)


def test_rotating_twice_is_refused_while_the_old_secret_signs(world, endpoint):
    page = world.mona.opens(f"{HOME}/{endpoint.public_id}").presses("Rotate")
    world.mona.browser.posts(f"{HOME}/{endpoint.public_id}/rotate", status=409)
    assert queries.endpoint(endpoint.id).secrets_at(clock.now())[1] == endpoint.secret
    clock.pass_days(2)
    page.opens(f"{HOME}/{endpoint.public_id}").does_not_see("The old secret signs too until")
    page.presses("Rotate").sees("The old secret signs too until")


def test_a_failed_message_says_why_and_is_sent_again(world, endpoint, receiver):
    receiver.faults = [500]
    brand_id = world.glow.id
    with unit_of_work():
        commands.publish(brand_id, "order.recorded", "ord_1", lambda: {"id": "ord_1"})
    world.settle()
    page = world.mona.opens(f"{HOME}/{endpoint.public_id}").sees("Failing since", "500")
    page.follows("order.recorded").sees("That did not work.", "Next try", "ord_1")
    page.presses("Send again").sees("It is sent again, under the same webhook-id.")
    world.settle()
    page.opens(page.url).sees("Delivered")


def test_sending_again_what_failed_says_how_much_it_was(world, endpoint):
    page = world.mona.opens(f"{HOME}/{endpoint.public_id}").presses("Send again")
    page.sees("There is nothing to send again.")


def test_an_endpoint_is_disabled_enabled_and_removed(world, endpoint):
    page = world.mona.opens(f"{HOME}/{endpoint.public_id}").presses("Disable")
    page.sees("Disabled by hand.").presses("Enable").sees("Active")
    page.follows("Remove").sees("This cannot be undone").presses("Remove the endpoint")
    page.sees("Warehouse is removed.", "No endpoint yet")
    page.opens(f"{HOME}/{endpoint.public_id}", status=404)


def test_the_log_is_filtered_and_paged(world, endpoint):
    brand_id = world.glow.id
    with unit_of_work():
        for number in range(60):
            commands.publish(brand_id, "order.recorded", f"ord_{number}", dict)
    page = world.mona.opens(f"{HOME}/{endpoint.public_id}?status=waiting").sees("ord_59")
    page.does_not_see("ord_9 ").follows("Next").sees("ord_9")
    page.opens(f"{HOME}/{endpoint.public_id}?status=failed").sees("No message is failed")


@pytest.mark.parametrize("last", ["word", 1 << 80, -1])
def test_a_made_up_page_of_the_log_is_refused_in_words(world, endpoint, last):
    page = f"{HOME}/{endpoint.public_id}?cursor={cursor_of(last)}"
    world.mona.opens(page, status=422).sees("This page link is not complete.")


@pytest.mark.parametrize("who", ["rosa", "finn"])
def test_who_is_no_manager_is_told_403(world, endpoint, who):
    getattr(world, who).opens(HOME, status=403)
    getattr(world, who).opens(f"{HOME}/{endpoint.public_id}", status=403)


def test_another_brand_is_told_404(world, endpoint):
    world.rae.opens(HOME, status=404)
    for path in ("", "/edit", "/remove"):
        world.rae.opens(f"/brand/rival/settings/webhooks/{endpoint.public_id}{path}", status=404)
    for act in ("test", "secret", "rotate", "disable", "enable", "remove", "replay", "edit"):
        url = f"/brand/rival/settings/webhooks/{endpoint.public_id}/{act}"
        world.rae.browser.posts(url, status=404)
