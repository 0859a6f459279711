"""The worker: takes due jobs and runs them, any number of processes at once.

Two kinds of work. A *reaction* (a subscriber of an event) runs inside our unit of work, several
to a transaction, each in its own SAVEPOINT, and is completed in that same transaction; where its
room can take many events at once (PERFORMANCE §B), they share one SAVEPOINT, and are done one by
one when anything about them fails. A *job
function* opens its own units: it is leased first, so that a killed worker's job is taken up
again when the lease ends, and completed only by the attempt that holds it.
"""

import os
import socket
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import structlog
from sqlalchemy import ColumnElement, or_, select, update

from portal.jobs import commands, rules
from portal.jobs.models import Job, JobState
from portal.jobs.registry import registry
from portal.kernel import clock
from portal.storage.changes import change
from portal.storage.locks import lock
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, savepoint, unit_of_work

log = structlog.get_logger("worker")
BATCH = 100
TOGETHER = 25  # events done as one set; a set is not broken off, so it must not take long either
BATCH_SECONDS = 0.15  # a longer writing transaction would starve the webhooks on SQLite (STACK)
IDLE_SECONDS = 0.2
BEAT_SECONDS = 10.0
ERROR_CHARACTERS = 2000
# What threads of this process run now: it may take longer than its lease, and is not lost.
_in_hand: set[int] = set()


class Due(NamedTuple):
    """A job that is due, as little of it as running it needs."""

    id: int
    name: str
    args: dict[str, Any]

    @property
    def each(self) -> list[dict[str, Any]]:
        """The arguments of its events: one, or those of a job that is for many."""
        many: list[dict[str, Any]] = self.args.get(commands.EACH, [self.args])
        return many


def drain(limit: int = 100_000, until: Callable[[], bool] | None = None) -> int:
    """Run everything that is due now, in this thread; returns how many jobs ran."""
    ran = 0
    while ran < limit and not (until and until()):
        did = _react() or _run_one()
        if not did:
            break
        ran += did
    return ran


def lend_hand(stop: threading.Event) -> None:
    """Run job functions beside a worker, in a thread with a session of its own: while one waits
    for the network, another goes on. Reactions stay with the worker: they are writing alone, and
    two writers would only wait for each other. The job in hand is finished first."""
    while not stop.is_set():
        if not _run_one():
            stop.wait(IDLE_SECONDS)


def work(stop: threading.Event, *, schedule: bool = True, has_hands: bool = False) -> None:
    """Work until told to stop. A job in hand is finished first.

    With hands lent to it (`lend_hand`) it leaves every job function to them: a long one must keep
    neither events nor the beat waiting.
    """
    name = f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident() % 10_000}"
    started_at, last_beat = clock.wall(), 0.0
    while not stop.is_set():
        if time.monotonic() - last_beat > BEAT_SECONDS or not last_beat:
            with unit_of_work():
                commands.beat(name, started_at)
                if schedule:
                    commands.fill_schedule()
            last_beat = time.monotonic()
        if not (_react() if has_hands else drain(limit=BATCH * 5, until=stop.is_set)):
            stop.wait(IDLE_SECONDS)


def _react() -> int:
    """One transaction of due reactions; each may fail alone."""
    end_read()
    ran, started = 0, time.monotonic()
    if not _is_due(registry.reactions):
        return 0
    with unit_of_work():
        for group in _groups(_due(registry.reactions, BATCH)):
            _complete(group)  # first: what they enqueue under their own dedupe key is new work
            if not _react_together(group):
                for one in group:
                    _react_alone(one)
            ran += len(group)
            if time.monotonic() - started > BATCH_SECONDS:
                break
    return ran


def _groups(due: Sequence[Due]) -> Iterable[Sequence[Due]]:
    """What can be done together, in the order in which it became due; the rest singly."""
    groups: dict[object, list[Due]] = {}
    sizes: Counter[str] = Counter()
    for one in due:
        alone = registry.reactions[one.name].together is None
        sizes[one.name] += len(one.each)
        part = (one.name, (sizes[one.name] - 1) // TOGETHER)
        groups.setdefault(one.id if alone else part, []).append(one)
    return groups.values()


def _is_due(names: Collection[str]) -> bool:
    # Asked without the write lock, so that an idle worker never blocks a web request on SQLite.
    return db.session.scalar(select(Job.id).where(*_due_now(names)).limit(1)) is not None


def _due_now(names: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    return Job.state == JobState.QUEUED, Job.run_at <= clock.now(), Job.name.in_(names)


def _due(names: Collection[str], limit: int) -> Sequence[Due]:
    wanted = select(Job.id, Job.name, Job.args).where(*_due_now(names))
    wanted = wanted.order_by(Job.run_at, Job.id).limit(limit).with_for_update(skip_locked=True)
    return [Due(*row) for row in db.session.execute(wanted)]


def _react_together(group: Sequence[Due]) -> bool:
    """Whether all of a group was done at once; False when each has to be tried by itself."""
    reaction, told = registry.reactions[group[0].name], [args for one in group for args in one.each]
    if reaction.together is None or len(told) == 1:
        return False
    try:
        with savepoint():
            reaction.together([reaction.event_type(**args) for args in told])
    except Exception as error:
        log.info("jobs tried one by one", name=group[0].name, count=len(told), error=str(error))
        return False
    return True


def _react_alone(due: Due) -> None:
    """Do one job, or put it back to be tried again; one for many events is split instead."""
    if commands.EACH in due.args:
        commands.split(due.id)
        return
    reaction = registry.reactions[due.name]
    try:
        with savepoint():
            reaction.function(reaction.event_type(**due.args))
    except Exception as error:
        _note_failure(lock(Job, due.id), error)


def _complete(done: Sequence[Due]) -> None:
    mine = update(Job).where(Job.id.in_([one.id for one in done]))
    values = {"state": JobState.DONE, "finished_at": clock.now(), "last_error": None}
    change(mine.values(attempt=Job.attempt + 1, **values))


def _run_one() -> int:
    """Lease one due job function, run it, complete it."""
    claimed = _claim()
    if claimed is None:
        return 0
    job_id, attempt, name, args = claimed
    token = commands.running.set((job_id, attempt))
    _in_hand.add(job_id)
    try:
        registry.functions[name](**args)
    except Exception as error:
        db.session.rollback()
        _finish(job_id, attempt, error)
    else:
        _finish(job_id, attempt, None)
    finally:
        _in_hand.discard(job_id)
        commands.running.reset(token)
    return 1


def _claim() -> tuple[int, int, str, dict[str, object]] | None:
    end_read()
    if not _is_due(registry.functions) and not _has_lost_lease():
        return None
    with unit_of_work():
        ready = (Job.state == JobState.QUEUED) & (Job.run_at <= clock.now())
        job = db.session.scalar(
            select(Job)
            .where(or_(ready, _is_lost()), Job.name.in_(registry.functions))
            .order_by(Job.run_at, Job.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if job is None:
            return None
        job.state, job.attempt = JobState.RUNNING, job.attempt + 1
        job.lease_until = clock.wall() + commands.LEASE
        return job.id, job.attempt, job.name, dict(job.args)


def _has_lost_lease() -> bool:
    return bool(db.session.scalar(select(Job.id).where(_is_lost()).limit(1)))


def _is_lost() -> ColumnElement[bool]:
    is_expired = (Job.state == JobState.RUNNING) & (Job.lease_until < clock.wall())
    return is_expired & Job.id.not_in(list(_in_hand))


def _finish(job_id: int, attempt: int, error: Exception | None) -> None:
    with unit_of_work():
        mine = (Job.id == job_id) & (Job.attempt == attempt) & (Job.state == JobState.RUNNING)
        if error is None:
            done = {"state": JobState.DONE, "finished_at": clock.now(), "last_error": None}
            db.session.execute(update(Job).where(mine).values(**done))
            return
        job = db.session.scalar(select(Job).where(mine).with_for_update())
        if job is not None:
            _note_failure(job, error)


def _note_failure(job: Job, error: Exception) -> None:
    lines = traceback.format_exception_only(type(error), error)
    job.last_error = "".join(lines)[-ERROR_CHARACTERS:]
    place = traceback.extract_tb(error.__traceback__)[-1]
    log.warning(
        "job failed",
        job=job.public_id,
        name=job.name,
        attempt=job.attempt,
        error=job.last_error.strip()[:300],
        place=f"{place.filename}:{place.lineno}",
    )
    again = rules.next_try(clock.now(), job.attempt)
    if again is None:
        job.state, job.finished_at = JobState.FAILED, clock.now()
    else:
        job.dedupe = None if _has_queued_twin(job) else job.dedupe
        job.state, job.run_at = JobState.QUEUED, again + timedelta(milliseconds=job.id % 997)
        job.finished_at = None
    job.lease_until = None


def _has_queued_twin(job: Job) -> bool:
    twin = select(Job.id).where(
        Job.dedupe == job.dedupe, Job.state == JobState.QUEUED, Job.id != job.id
    )
    return job.dedupe is not None and bool(db.session.scalar(twin))
