"""Many applications decided at once: each in its own right, with its undo time, and told apart."""

from datetime import timedelta

import pytest

from portal.applications import bulk_commands, bulk_queries, commands, queries
from portal.applications.models import ApplicationStatus, DeclineReason
from portal.jobs import worker
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import queries as tracking
from tests.support.people import an_application

QUEUE = "/brand/glow/applications"


@pytest.fixture
def three(program):
    return [an_application(program, name) for name in ("Ada", "Ben", "Cleo")]


def status_of(one):
    db.session.expire_all()
    return queries.one_of_brand(one.brand_id, one.public_id).status.value


def begin(world, some, outcome=ApplicationStatus.APPROVED, **more):
    me, brand_id = world.rosa.user_id, world.glow.id
    with unit_of_work():
        bulk = bulk_commands.begin(
            brand_id, [one.id for one in some], outcome, by=me, undo_seconds=300, **more
        )
    worker.drain()
    return bulk_queries.result_of(bulk_queries.one_of_brand(brand_id, bulk.public_id))


def test_each_is_decided_and_can_be_taken_back_for_its_time(world, three):
    found = begin(world, three)
    assert (len(found.done), found.left, found.undoable) == (3, [], 3)
    assert {status_of(one) for one in three} == {"approved"}
    with unit_of_work():
        assert bulk_commands.undo(found.bulk.id, by=world.rosa.user_id) == 3
    assert {status_of(one) for one in three} == {"submitted"}
    with pytest.raises(Conflict, match="have left"), unit_of_work():
        bulk_commands.undo(found.bulk.id, by=world.rosa.user_id)


def test_one_that_cannot_be_decided_stops_no_other(world, three):
    me = world.owen.user_id
    with unit_of_work():
        commands.decide(three[1].id, ApplicationStatus.APPROVED, by=me)
    found = begin(
        world, three, ApplicationStatus.DECLINED, reason=DeclineReason.COUNTRY, note="Soon."
    )
    ((left, why),) = found.left
    assert (left.id, "approved" in why) == (three[1].id, True)
    assert [status_of(one) for one in three] == ["declined", "approved", "declined"]
    assert queries.one_of_brand(world.glow.id, three[0].public_id).note == "Soon."


def test_a_second_run_of_the_job_decides_nobody_twice(world, three):
    found = begin(world, three)
    for _ in range(2):
        with unit_of_work():
            assert not bulk_commands.decide_next(found.bulk.id)
    assert len(bulk_queries.one_of_brand(world.glow.id, found.bulk.public_id).results) == 3


def test_what_somebody_decided_anew_stays(world, three):
    found, owen = begin(world, three), world.owen.user_id
    clock.pass_time(timedelta(minutes=1))
    with unit_of_work():
        commands.undo(three[0].id, by=owen)
        commands.decide(three[0].id, ApplicationStatus.APPROVED, by=owen, undo_seconds=300)
    assert bulk_queries.result_of(found.bulk).undoable == 2
    with unit_of_work():
        assert bulk_commands.undo(found.bulk.id, by=world.rosa.user_id) == 2
    assert [status_of(one) for one in three] == ["approved", "submitted", "submitted"]


def test_nobody_too_many_and_no_reason_are_refused(world, three):
    for ids, more in (([], {}), (range(501), {}), ([1], {"outcome": ApplicationStatus.DECLINED})):
        with pytest.raises(InvalidInput), unit_of_work():
            bulk_commands.begin(
                world.glow.id, list(ids), by=1, **{"outcome": ApplicationStatus.APPROVED, **more}
            )


def test_from_the_queue_to_the_result_without_javascript(world, three):
    rosa = world.rosa.opens(QUEUE).chooses("Select Ada Example")
    rosa.presses("Decide about the ticked").sees("1 application", "Ada Example")
    rosa.presses("Approve 1").sees("Approved together", "0 of 1 gone through")
    worker.drain()
    rosa.opens(rosa.url).sees("1 application was approved", "1 message waits for another 5 minutes")
    assert status_of(three[0]) == "approved"
    assert tracking.current_codes([queries.of_creator(three[0].creator_id)[0].ambassador_id])
    rosa.presses("Take 1 back").sees("back in the queue")
    assert status_of(three[0]) == "submitted"


def test_all_of_a_view_and_a_decline_with_one_reason(world, three):
    rosa = world.rosa.opens(f"{QUEUE}?view=new").presses("All 3 here").sees("3 applications")
    rosa.presses("Decline 3", status=422).sees("Choose the reason")
    rosa.fills("Reason for declining", "program_full").presses("Decline 3")
    worker.drain()
    rosa.opens(rosa.url).sees("3 applications were declined")
    assert {status_of(one) for one in three} == {"declined"}


def test_who_came_after_the_page_is_not_decided_about(world, three, program):
    rosa = world.rosa.opens(f"{QUEUE}?view=new").presses("All 3 here").sees("3 applications")
    late = an_application(program, "Dora")
    rosa.presses("Approve 3")
    worker.drain()
    assert [status_of(one) for one in (*three, late)] == ["approved"] * 3 + ["submitted"]


def test_those_decided_meanwhile_are_left_out_and_named(world, three):
    rosa, me = world.rosa.opens(QUEUE), world.owen.user_id
    with unit_of_work():
        commands.decide(three[0].id, ApplicationStatus.APPROVED, by=me)
    ids = "&".join(f"ids={one.public_id}" for one in three)
    rosa.opens(f"{QUEUE}/bulk?{ids}").sees("2 applications", "Left out", "Ada Example", "Approved")
    clock.pass_days(1)
    rosa.opens(f"{QUEUE}/bulk").sees("Tick at least one application.")


def test_strangers_and_wrong_hats(world, three):
    found = begin(world, three)
    page = f"{QUEUE}/bulk/{found.bulk.public_id}"
    world.rae.opens(page, status=404)
    viewer = world.member("Vic", "brand.viewer", brand=world.glow)
    viewer.opens(page).does_not_see("Take 3 back")
    viewer.browser.posts(f"{page}/undo", status=403)
    viewer.opens(QUEUE).does_not_see("Decide about the ticked")
