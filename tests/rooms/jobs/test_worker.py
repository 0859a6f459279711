"""The outbox and the worker: with the caller's transaction, at least once, fenced, in order."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.jobs import commands, queries, worker
from portal.jobs.models import Job, JobState
from portal.jobs.registry import registry
from portal.kernel import clock
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work


@dataclass(frozen=True)
class Rang:
    bell: int


HEARD: list[int] = []


def on_rang(event: Rang) -> None:
    HEARD.append(event.bell)
    if event.bell < 0:
        raise ValueError("a cracked bell")


def ring_later(bell: int) -> None:
    with unit_of_work():
        commands.progress(1, 2)
    HEARD.append(bell)


@pytest.fixture(autouse=True)
def wiring(app):
    before = registry.subscribers, registry.reactions, registry.functions, registry.schedule
    registry.configure({Rang: [on_rang]}, {"ring_later": ring_later}, {"ring_later": 60})
    HEARD.clear()
    yield
    registry.subscribers, registry.reactions, registry.functions, registry.schedule = before


def announce(*bells):
    with unit_of_work():
        for bell in bells:
            commands.announce(Rang(bell))


def states():
    db.session.remove()
    return [job.state for job in db.session.scalars(select(Job).order_by(Job.id))]


def test_reactions_run_in_order(app):
    announce(1, 2, 3)
    assert worker.drain() == 3
    assert HEARD == [1, 2, 3]
    assert set(states()) == {JobState.DONE}


def announces_and_fails():
    with unit_of_work():
        commands.announce(Rang(1))
        raise RuntimeError("no")


def test_nothing_happens_for_a_transaction_that_rolled_back(app):
    with pytest.raises(RuntimeError, match="no"):
        announces_and_fails()
    assert worker.drain() == 0


def test_one_bad_reaction_does_not_sink_its_batch(app):
    announce(1, -1, 2)
    worker.drain()
    assert HEARD == [1, -1, 2]
    db.session.remove()
    bad = db.session.scalar(select(Job).where(Job.state == JobState.QUEUED))
    assert bad.attempt == 1
    assert "a cracked bell" in bad.last_error
    assert bad.run_at > clock.now()


def test_twelve_failures_and_a_person_must_look_then_replay(app):
    announce(-1)
    for _ in range(12):
        worker.drain()
        clock.pass_time(timedelta(hours=2))
    assert states() == [JobState.FAILED]
    assert any("cracked" in sentence for sentence in queries.violations())
    with unit_of_work():
        commands.replay(db.session.scalar(select(Job.id)))
    assert states() == [JobState.QUEUED]


def test_the_undo_time_delays_and_cancel_takes_back(app):
    with unit_of_work():
        commands.announce(Rang(1), delay=timedelta(minutes=5), dedupe="application:1")
        commands.announce(Rang(2), delay=timedelta(minutes=5), dedupe="application:12")
    assert worker.drain() == 0
    with unit_of_work():
        assert commands.cancel("application:1") == 1
    clock.pass_time(timedelta(minutes=5))
    worker.drain()
    assert HEARD == [2]


def test_send_now(app):
    with unit_of_work():
        commands.announce(Rang(1), delay=timedelta(minutes=5), dedupe="application:1")
    with unit_of_work():
        assert commands.hasten("application:1") == 1
    worker.drain()
    assert HEARD == [1]


def test_a_dedupe_key_waits_only_once(app):
    with unit_of_work():
        assert commands.enqueue("ring_later", {"bell": 1}, dedupe="one")
        assert commands.enqueue("ring_later", {"bell": 1}, dedupe="one") is None
    worker.drain()
    assert HEARD == [1]


def test_a_job_whose_worker_was_killed_is_taken_up_again_and_the_late_one_is_fenced(app):
    with unit_of_work():
        commands.enqueue("ring_later", {"bell": 5})
    first = worker._claim()
    assert worker._claim() is None
    with unit_of_work():
        db.session.execute(
            Job.__table__.update().values(lease_until=clock.wall() - timedelta(seconds=1))
        )
    assert worker.drain() == 1
    worker._finish(first[0], first[1], ValueError("too late"))
    assert states() == [JobState.DONE]
    assert HEARD == [5]


def test_what_another_thread_of_this_worker_still_does_is_not_taken_from_it(app):
    others = []

    def look(bell):
        with app.app_context():
            return worker.drain()

    def takes_long(bell):
        HEARD.append(bell)
        with unit_of_work():
            past = clock.wall() - timedelta(seconds=1)
            db.session.execute(Job.__table__.update().values(lease_until=past))
        with ThreadPoolExecutor(1) as threads:
            others.append(threads.submit(look, bell).result())

    registry.configure({}, {"takes_long": takes_long}, {})
    with unit_of_work():
        commands.enqueue("takes_long", {"bell": 7})
    assert worker.drain() == 1
    assert (HEARD, others, states()) == ([7], [0], [JobState.DONE])


@pytest.mark.parametrize(("has_hands", "heard"), [(True, [1]), (False, [1, 5])])
def test_a_worker_leaves_job_functions_to_the_hands_it_has(app, has_hands, heard):
    stop = threading.Event()

    def on_rang(event):
        HEARD.append(event.bell)
        if event.bell == 2:
            stop.set()

    registry.configure({Rang: [on_rang]}, {"ring_later": ring_later}, {})
    with unit_of_work():
        commands.enqueue("ring_later", {"bell": 5})
        commands.enqueue("rooms.on_rang", {"bell": 1})
        later = clock.now() + timedelta(seconds=1)
        commands.enqueue("rooms.on_rang", {"bell": 2}, run_at=later)
    threading.Timer(0.5, clock.pass_time, [timedelta(seconds=1)]).start()
    worker.work(stop, has_hands=has_hands)
    assert [*heard, 2] == HEARD


def test_time_travel_does_not_end_a_lease(app):
    with unit_of_work():
        commands.enqueue("ring_later", {"bell": 5})
    worker._claim()
    clock.pass_days(30)
    assert worker._claim() is None


def test_the_schedule_waits_for_the_next_slot_and_fills_once(app):
    for _ in range(3):
        with unit_of_work():
            commands.fill_schedule()
    assert states() == [JobState.QUEUED]
    assert db.session.scalar(select(Job.run_at)) == clock.now() + timedelta(seconds=60)


def test_p10_a_slot_that_a_wrong_clock_chose_holds_up_nobody(app):
    with clock.at(clock.now() + timedelta(days=300)), unit_of_work():
        commands.fill_schedule()
    with unit_of_work():
        commands.fill_schedule()
    assert db.session.scalars(select(Job.run_at)).all() == [clock.now() + timedelta(seconds=60)]


def test_what_the_schedule_tries_again_keeps_its_time(app):
    with unit_of_work():
        commands.fill_schedule()
        job, later = db.session.scalars(select(Job)).one(), clock.now() + timedelta(hours=1)
        job.attempt, job.run_at = 3, later
    with unit_of_work():
        commands.fill_schedule()
    assert db.session.scalars(select(Job.run_at)).all() == [later]


def test_a_reaction_may_ask_to_be_called_again_under_its_own_dedupe_key(app):
    def on_rang(event):
        HEARD.append(event.bell)
        later = clock.now() + timedelta(seconds=5)
        commands.enqueue("rooms.on_rang", {"bell": event.bell}, dedupe="bell", run_at=later)

    registry.configure({Rang: [on_rang]}, {}, {})
    with unit_of_work():
        commands.enqueue("rooms.on_rang", {"bell": 4}, dedupe="bell")
    for _ in range(3):
        worker.drain()
        clock.pass_time(timedelta(seconds=5))
    assert HEARD == [4, 4, 4]


def test_an_event_of_another_version_fails_alone_and_waits_for_a_person(app, in_sets):
    with unit_of_work():
        for args in ({"bell": 1}, {"gong": 2}, {"each": [{"bell": 3}, {"gong": 4}]}):
            commands.enqueue("rooms.on_rang", args)
    worker.drain()
    db.session.remove()
    waiting = select(Job).where(Job.state == JobState.QUEUED).order_by(Job.id)
    left = db.session.scalars(waiting).all()
    assert sorted(HEARD) == [1, 3]
    assert [(job.args, job.attempt, job.finished_at) for job in left] == [
        ({"gong": 2}, 1, None), ({"gong": 4}, 1, None),
    ]  # fmt: skip
    assert all("gong" in job.last_error for job in left)


# ---- many events at once
TOGETHER = []


def on_rang_each(events):
    if any(event.bell == 13 for event in events):
        raise RuntimeError("not this set")
    TOGETHER.append([event.bell for event in events])


@pytest.fixture
def in_sets(wiring):
    registry.configure({Rang: [on_rang]}, {}, {}, {on_rang: on_rang_each})
    TOGETHER.clear()


def test_events_of_one_kind_are_done_together(app, in_sets):
    announce(1, 2, 3)
    worker.drain()
    assert TOGETHER == [[1, 2, 3]]
    assert not HEARD
    assert states() == [JobState.DONE] * 3


def test_one_event_takes_the_road_of_one(app, in_sets):
    announce(1)
    worker.drain()
    assert HEARD == [1]
    assert not TOGETHER


def test_a_set_that_fails_is_done_one_by_one(app, in_sets):
    announce(1, 13, 2)
    worker.drain()
    assert HEARD == [1, 13, 2]
    assert not TOGETHER
    assert states() == [JobState.DONE] * 3


def test_many_events_announced_at_once_are_one_job(app, in_sets):
    with unit_of_work():
        commands.announce_each([Rang(bell) for bell in range(100, 230)])
    assert len(states()) == 2
    worker.drain()
    assert [len(some) for some in TOGETHER] == [100, 30]


def test_a_job_for_many_that_fails_becomes_one_for_each(app, in_sets):
    with unit_of_work():
        commands.announce_each([Rang(12), Rang(13), Rang(14)])
    worker.drain()
    assert HEARD == [12, 13, 14]
    assert not TOGETHER
    assert states() == [JobState.DONE] * 4


def test_the_set_is_undone_before_its_events_are_tried_alone(app, in_sets, monkeypatch):
    def half(events):
        commands.enqueue("ring_later", {"bell": 99})
        raise RuntimeError("after writing")

    registry.configure({Rang: [on_rang]}, {"ring_later": ring_later}, {}, {on_rang: half})
    announce(1, 2)
    worker.drain()
    assert HEARD == [1, 2]  # and no 99
