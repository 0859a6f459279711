"""Look at the jobs."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select

from portal.jobs.models import Job, JobState, WorkerBeat
from portal.jobs.registry import registry
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.storage.model import db


def listing(
    request: PageRequest, state: JobState | None = None, room: str | None = None
) -> Page[Job]:
    """Jobs, newest first; of one state, of one room."""
    wanted = select(Job)
    if state:
        wanted = wanted.where(Job.state == state)
    if room:
        wanted = wanted.where(Job.name.startswith(f"{room}.", autoescape=True))
    total = db.session.scalar(
        select(func.count()).select_from(wanted.limit(COUNT_CAP + 1).subquery())
    )
    position = request.position()
    if position:
        wanted = wanted.where(Job.id < int(position[0]))
    rows = db.session.scalars(wanted.order_by(Job.id.desc()).limit(request.size + 1)).all()
    cursor = cursor_of(rows[request.size - 1].id) if len(rows) > request.size else None
    return Page(rows[: request.size], cursor, int(total or 0), is_first=position is None)


def one(public_id: str) -> Job:
    """A job by its public id. Raises NotFound."""
    found = db.session.scalar(select(Job).where(Job.public_id == public_id))
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def waiting(dedupe_prefix: str) -> Sequence[Job]:
    """Queued jobs under a dedupe prefix, soonest first."""
    rows = db.session.scalars(
        select(Job)
        .where(Job.dedupe.startswith(dedupe_prefix, autoescape=True), Job.state == JobState.QUEUED)
        .order_by(Job.run_at, Job.id)
    )
    return rows.all()  # type: ignore[no-any-return]


def is_waiting(dedupe_prefix: str) -> bool:
    """Whether any queued job is under a dedupe prefix."""
    mine = Job.dedupe.startswith(dedupe_prefix, autoescape=True)
    found = select(Job.id).where(mine, Job.state == JobState.QUEUED).limit(1)
    return db.session.scalar(found) is not None


def waiting_among(dedupes: Sequence[str]) -> set[str]:
    """Which of these dedupe keys have a queued job."""
    wanted = select(Job.dedupe).where(Job.dedupe.in_(dedupes), Job.state == JobState.QUEUED)
    return {key for key in db.session.scalars(wanted) if key is not None}


def progress_of(dedupe: str) -> tuple[int, int]:
    """(done, total) of the newest job of this dedupe; (0, 0) before it tells anything."""
    row = db.session.execute(
        select(Job.done, Job.total).where(Job.dedupe == dedupe).order_by(Job.id.desc()).limit(1)
    ).first()
    return (row.done, row.total) if row else (0, 0)


def rooms() -> list[str]:
    """The rooms that have jobs or reactions."""
    names = {*registry.reactions, *registry.functions}
    return sorted({name.partition(".")[0] for name in names})


def failed_since(instant: datetime) -> int:
    """How many jobs were given up since then (portal time)."""
    found = db.session.scalar(
        select(func.count()).where(Job.state == JobState.FAILED, Job.finished_at >= instant)
    )
    return int(found or 0)


def counts_of_room(room: str) -> dict[JobState, int]:
    """How many jobs of one room are in each state."""
    rows = db.session.execute(
        select(Job.state, func.count())
        .where(Job.name.startswith(f"{room}.", autoescape=True))
        .group_by(Job.state)
    )
    return dict(rows.all())


def counts() -> dict[JobState, int]:
    """How many jobs are in each state."""
    rows = db.session.execute(select(Job.state, func.count()).group_by(Job.state))
    return dict(rows.all())


def oldest_due() -> datetime | None:
    """Since when the longest-waiting due job waits; None when nothing is due."""
    found: datetime | None = db.session.scalar(
        select(func.min(Job.run_at)).where(Job.state == JobState.QUEUED, Job.run_at <= clock.now())
    )
    return found


def last_beat() -> datetime | None:
    """When a worker was last seen, in wall time."""
    found: datetime | None = db.session.scalar(select(func.max(WorkerBeat.beat_at)))
    return found


def violations() -> list[str]:
    """Jobs that are stuck: failed for good, or running long past their lease."""
    failed = db.session.scalars(select(Job).where(Job.state == JobState.FAILED).limit(20))
    late = clock.wall() - timedelta(minutes=15)
    lost = db.session.scalars(
        select(Job).where(Job.state == JobState.RUNNING, Job.lease_until < late).limit(20)
    )
    return [
        *(
            f"Job {job.public_id} ({job.name}) failed: {job.last_error or 'no reason kept'}"
            for job in failed
        ),
        *(f"Job {job.public_id} ({job.name}) lost its worker." for job in lost),
    ]
