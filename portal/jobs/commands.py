"""Ask for work, in the caller's transaction."""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from portal.jobs import rules
from portal.jobs.models import Job, JobState, WorkerBeat
from portal.jobs.registry import registry
from portal.kernel import clock, codes
from portal.kernel.errors import Conflict
from portal.storage.changes import change
from portal.storage.locks import lock
from portal.storage.model import db

LEASE = timedelta(seconds=90)
TOGETHER = 100  # events in one job
EACH = "each"  # the argument that holds them
JOBS: Any = Job.__table__
running: ContextVar[tuple[int, int] | None] = ContextVar("running", default=None)


def announce(event: Any, *, delay: timedelta = timedelta(0), dedupe: str | None = None) -> None:
    """Enqueue one job per subscriber of this event, in the caller's transaction (the outbox).

    `delay` is the undo time of UX §2.2; with a `dedupe` prefix the jobs can be cancelled.
    """
    for name in registry.subscribers.get(type(event), ()):
        key = f"{dedupe}:{name}" if dedupe else None
        enqueue(name, _told(event), dedupe=key, run_at=clock.now() + delay)


def _told(event: Any) -> dict[str, Any]:
    # Ids and words only, as events are: `asdict` looks for more in each, at ten times the price.
    return {name: getattr(event, name) for name in event.__dataclass_fields__}


def announce_each(events: Sequence[Any]) -> None:
    """`announce` for many events of one type, in one statement.

    A subscriber that takes many at once gets one job for up to `TOGETHER` of them.
    """
    if not events:
        return
    now, told = clock.now(), [_told(event) for event in events]
    rows = []
    for name in registry.subscribers.get(type(events[0]), ()):
        size = TOGETHER if registry.reactions[name].together else 1
        for start in range(0, len(told), size):
            some = told[start : start + size]
            rows.append(_row(name, {EACH: some} if len(some) > 1 else some[0], now))
    if rows:
        db.session.execute(insert(JOBS), rows)


def split(job_id: int) -> None:
    """Make a job for each event of a job that is for many, which failed together."""
    job = lock(Job, job_id)
    now = clock.now()
    rows = [_row(job.name, args, now) for args in job.args[EACH]]
    db.session.execute(insert(JOBS), rows)


def _row(name: str, args: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "public_id": codes.public_id("job"), "name": name, "args": args, "dedupe": None,
        "total": 0, "done": 0, "state": JobState.QUEUED, "run_at": now, "created_at": now,
        "attempt": 0,
    }  # fmt: skip


def enqueue(
    name: str,
    args: Mapping[str, Any] | None = None,
    *,
    dedupe: str | None = None,
    run_at: datetime | None = None,
    total: int = 0,
) -> str | None:
    """Enqueue one job; returns its public id, or None when a queued one has this dedupe key.

    `args` are JSON values: ids and words, never a secret.
    """
    if dedupe and db.session.scalar(
        select(Job.id).where(Job.dedupe == dedupe, Job.state == JobState.QUEUED)
    ):
        return None
    public_id = codes.public_id("job")
    now = clock.now()
    told = {"public_id": public_id, "dedupe": dedupe, "total": total, "run_at": run_at or now}
    db.session.flush()
    db.session.execute(insert(JOBS), {**_row(name, dict(args or {}), now), **told})
    return public_id


def cancel(dedupe: str) -> int:
    """Take back queued jobs whose dedupe key is this or starts with "this:". Returns how many."""
    matches = (Job.dedupe == dedupe) | Job.dedupe.startswith(f"{dedupe}:", autoescape=True)
    return change(
        update(Job)
        .where(matches, Job.state == JobState.QUEUED)
        .values(state=JobState.CANCELLED, finished_at=clock.now())
    )


def hasten(dedupe: str) -> int:
    """Run queued jobs with this dedupe key (or prefix) now: "Send now". Returns how many."""
    matches = (Job.dedupe == dedupe) | Job.dedupe.startswith(f"{dedupe}:", autoescape=True)
    return change(
        update(Job).where(matches, Job.state == JobState.QUEUED).values(run_at=clock.now())
    )


def progress(done: int, total: int) -> None:
    """Note how far the running job is, and renew its lease. Needs an open unit of work."""
    current = running.get()
    if current is None:
        return
    job_id, attempt = current
    mine = update(Job).where(Job.id == job_id, Job.attempt == attempt)
    change(mine.values(done=done, total=total, lease_until=clock.wall() + LEASE))


def replay(job_id: int) -> Job:
    """Run a failed or cancelled job again, from its first attempt. Raises Conflict otherwise."""
    job = lock(Job, job_id)
    if job.state not in (JobState.FAILED, JobState.CANCELLED):
        raise Conflict(f"This job is {job.state}; only failed or cancelled jobs can be run again.")
    job.state, job.attempt, job.run_at, job.finished_at = JobState.QUEUED, 0, clock.now(), None
    return job


def replay_failed(limit: int = 1000) -> int:
    """Run failed jobs again, oldest first; returns how many were queued."""
    failed = select(Job.id).where(Job.state == JobState.FAILED).order_by(Job.id).limit(limit)
    found = db.session.scalars(failed).all()
    for job_id in found:
        replay(job_id)
    return len(found)


def withdraw(job_id: int) -> Job:
    """Take back one queued job. Raises Conflict when it already runs or ended."""
    job = lock(Job, job_id)
    if job.state is not JobState.QUEUED:
        raise Conflict(f"This job is {job.state}; only queued jobs can be cancelled.")
    job.state, job.finished_at = JobState.CANCELLED, clock.now()
    return job


def fill_schedule() -> None:
    """Make sure each scheduled job waits for its next slot.

    One that waits for a later slot was put there by a machine whose clock was wrong: it must not
    stand still until the others' clocks are there (P10). What is tried again keeps its time.
    """
    keys = [f"schedule:{name}" for name in registry.schedule]
    found = select(Job.dedupe, Job.attempt, Job.run_at).where(
        Job.dedupe.in_(keys), Job.state == JobState.QUEUED
    )
    waiting = {key: (attempt, run_at) for key, attempt, run_at in db.session.execute(found)}
    for name, every_seconds in registry.schedule.items():
        key, slot = f"schedule:{name}", rules.next_slot(clock.now(), every_seconds)
        attempt, run_at = waiting.get(key, (0, slot))
        if key not in waiting:
            enqueue(name, dedupe=key, run_at=slot)
        elif attempt == 0 and run_at > slot:
            mine = update(Job).where(Job.dedupe == key, Job.state == JobState.QUEUED)
            change(mine.values(run_at=slot))


def beat(worker: str, started_at: datetime) -> None:
    """Show that a worker lives."""
    mine = update(WorkerBeat).where(WorkerBeat.worker == worker)
    if not change(mine.values(beat_at=clock.wall())):
        db.session.add(WorkerBeat(worker=worker, started_at=started_at, beat_at=clock.wall()))
