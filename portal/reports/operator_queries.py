"""Is the installation healthy? One sentence, one figure and one tone for each part of it."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from portal.chain import queries as chain
from portal.config import Settings
from portal.jobs import queries as jobs
from portal.jobs.models import JobState
from portal.kernel import clock
from portal.ledger import queries as ledger
from portal.sending_stops import queries as stops
from portal.storage.model import db

GOOD, LOOK, ACT = "success", "waiting", "danger"
BEAT_LATE, BEAT_LOST = timedelta(seconds=30), timedelta(minutes=5)
BOOKS_LATE = timedelta(hours=3)
TRAIL_LATE = timedelta(days=2)
QUEUE_LATE, QUEUE_LOST = timedelta(minutes=1), timedelta(minutes=10)
DISK_LOW_PERCENT, DISK_FULL_PERCENT = 15, 5
STEPS = ((86_400, "d"), (3_600, "h"), (60, "min"))


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the operator's page. `page` is an endpoint that shows more."""

    name: str
    tone: str
    sentence: str
    figure: str = ""
    note: str = ""
    page: str | None = None
    page_values: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Schema:
    """The migration the code wants and the one the database has; None: none recorded."""

    head: str | None
    current: str | None

    @property
    def is_current(self) -> bool:
        return self.head == self.current


def schema(migrations: Path) -> Schema:
    """Compare the migrations folder with the database."""
    head = ScriptDirectory(str(migrations)).get_current_head() if migrations.is_dir() else None
    return Schema(head, MigrationContext.configure(db.session.connection()).get_current_revision())


def version() -> str:
    """The version of this installation."""
    try:
        return metadata.version("vouch-portal")
    except metadata.PackageNotFoundError:
        return "from source"


def checks(
    settings: Settings,
    migrations: Path,
    inbound: Mapping[str, Any] | None = None,
    mail: Mapping[str, int] | None = None,
) -> list[Check]:
    """Every part of the installation; `inbound` and `mail` are figures of the rooms above."""
    counts = jobs.counts()
    return [
        _worker(jobs.last_beat()),
        _queue(counts),
        _failures(counts),
        *_inbound(inbound),
        *_mail(mail, settings),
        _books(),
        _trail(),
        _provider(settings),
        _sending(),
        _schema(schema(migrations)),
        _database(),
        _disk(settings.data),
        *_clock(),
    ]


def short_age(age: timedelta) -> str:
    """ "4 s", "12 min", "3 h", "2 d"."""
    seconds = max(int(age.total_seconds()), 0)
    for size, word in STEPS:
        if seconds >= size:
            return f"{seconds // size} {word}"
    return f"{seconds} s"


def size_words(size_bytes: int) -> str:
    """ "812 kB", "12.4 MB", "3.1 GB"."""
    for power, word in ((3, "GB"), (2, "MB"), (1, "kB")):
        unit = 1000**power
        if size_bytes >= unit:
            tenths = size_bytes * 10 // unit
            return (
                f"{tenths // 10}.{tenths % 10} {word}"
                if tenths < 1000
                else f"{tenths // 10} {word}"
            )
    return f"{size_bytes} B"


def _books() -> Check:
    """What the last look at all of them found: looking takes longer as the books grow."""
    last = ledger.last_check()
    if last is None:
        return Check("Books", LOOK, "Nobody has looked at them yet. A worker does once an hour.")
    age = clock.wall() - last.at
    note = f"checked {short_age(age)} ago"
    if last.wrong_count:
        sentence = f"{last.first_wrong} Pay nobody until this is understood."
        return Check("Books", ACT, sentence, f"{last.wrong_count} wrong", note)
    if age > BOOKS_LATE:
        return Check("Books", LOOK, "They were in order, but that is long ago.", "0.00", note)
    return Check("Books", GOOD, "Every journal sums to zero, every balance is right.", "0.00", note)


def _trail() -> Check:
    """Whether audit trail and books are still what was sealed."""
    heads, page = chain.heads(), "reports_audit.entries"
    rows = f"{sum(head.row_count for head in heads):,}"
    looks = [head.verified_at for head in heads if head.verified_at is not None]
    wrong = [head for head in heads if head.wrong_count]
    if wrong:
        sentence = f"Rows are not what was sealed: {wrong[0].first_wrong}."
        return Check("Audit trail", ACT, sentence, rows, "rows sealed", page)
    if not looks:
        sentence = "Nobody has held it against its seals yet. A worker does once a day."
        return Check("Audit trail", LOOK, sentence, rows, "rows sealed", page)
    age = clock.wall() - min(looks)
    note = f"verified {short_age(age)} ago"
    if age > TRAIL_LATE:
        sentence = "It was in order, but that is long ago."
        return Check("Audit trail", LOOK, sentence, rows, note, page)
    sentence = "Every row is what was sealed."
    return Check("Audit trail", GOOD, sentence, rows, note, page)


def _schema(found: Schema) -> Check:
    figure, note = (found.current or "none").partition("_")[0], f"Vouch {version()}"
    if found.is_current:
        return Check("Schema", GOOD, "The database has the schema of this version.", figure, note)
    sentence = f"This version wants the schema {found.head}. Run: portal db upgrade"
    return Check("Schema", ACT, sentence, figure, note)


def _worker(beat_at: datetime | None) -> Check:
    if beat_at is None:
        return Check("Worker", ACT, "No worker has ever been seen. Run: portal work", "none")
    age = clock.wall() - beat_at
    figure, note = short_age(age), "since its last beat"
    if age <= BEAT_LATE:
        return Check("Worker", GOOD, "The worker is alive.", figure, note)
    sentence = "The worker is silent: nothing is mailed, counted or paid. Run: portal work"
    return Check("Worker", LOOK if age <= BEAT_LOST else ACT, sentence, figure, note)


def _queue(counts: Mapping[JobState, int]) -> Check:
    count, oldest = str(counts.get(JobState.QUEUED, 0)), jobs.oldest_due()
    where: dict[str, Any] = {"page": "identity_operator.jobs", "page_values": {"status": "queued"}}
    if oldest is None:
        return Check("Queue", GOOD, "No due job is waiting.", count, "queued", **where)
    age = clock.now() - oldest
    tone = GOOD if age <= QUEUE_LATE else LOOK if age <= QUEUE_LOST else ACT
    sentence = f"The oldest due job has waited {short_age(age)}."
    return Check("Queue", tone, sentence, count, "queued", **where)


def _failures(counts: Mapping[JobState, int]) -> Check:
    day = str(jobs.failed_since(clock.now() - timedelta(hours=24)))
    left = counts.get(JobState.FAILED, 0)
    where: dict[str, Any] = {"page": "identity_operator.jobs", "page_values": {"status": "failed"}}
    if not left:
        return Check("Failures", GOOD, "No job was given up.", day, "in 24 h", **where)
    sentence = "1 job was given up and waits for you."
    if left > 1:
        sentence = f"{left} jobs were given up and wait for you."
    return Check("Failures", ACT, sentence, day, "in 24 h", **where)


def _inbound(found: Mapping[str, Any] | None) -> list[Check]:
    if found is None:
        return []
    tone, sentence = _inbound_words(found)
    return [
        Check(
            "Webhooks",
            tone,
            sentence,
            str(found["day"]),
            "in 24 h",
            "integrations_operator.webhooks",
        )
    ]


def _inbound_words(found: Mapping[str, Any]) -> tuple[str, str]:
    if found["last_at"] is None:
        return GOOD, "No shop has sent anything yet."
    if found["failed"]:
        return ACT, f"{found['failed']} could not be used. Read why, then replay."
    oldest = found["oldest_at"]
    if oldest is not None and clock.wall() - oldest > QUEUE_LATE:
        lag = short_age(clock.wall() - oldest)
        return LOOK, f"{found['waiting']} wait to be read, the oldest for {lag}."
    return GOOD, f"All were read. The last came {short_age(clock.wall() - found['last_at'])} ago."


def _mail(found: Mapping[str, int] | None, settings: Settings) -> list[Check]:
    if found is None:
        return []
    sent, queued, kept = (found.get(word, 0) for word in ("sent", "queued", "kept"))
    stuck = jobs.counts_of_room("notifications").get(JobState.FAILED, 0)
    if stuck:
        where = {"status": "failed", "room": "notifications"}
        sentence = f"{stuck} could not be sent."
        return [Check("Mail", ACT, sentence, str(sent), "sent", "identity_operator.jobs", where)]
    if settings.mail_url:
        return [Check("Mail", GOOD, f"Mail goes out. {queued} in the queue.", str(sent), "sent")]
    sentence = "No mail server is set (PORTAL_MAIL_URL): mail stays in the outbox."
    tone = GOOD if settings.demo else LOOK
    return [Check("Mail", tone, sentence, str(kept + queued), "in the outbox")]


def _provider(settings: Settings) -> Check:
    if not settings.stripe_secret_key:
        sentence = "No Stripe key is set (PORTAL_STRIPE_SECRET_KEY): payouts are marked by hand."
        return Check("Payouts", LOOK, sentence, "Manual")
    if settings.has_live_keys:
        return Check("Payouts", GOOD, "Stripe runs with a live key. Real money moves.", "Live")
    note = "the simulator" if settings.demo else "a test key"
    return Check("Payouts", GOOD, "Stripe runs in test mode. No money moves.", "Test", note)


def _sending() -> Check:
    """The kill switch, also where it is not on: this is where an operator looks for it."""
    stop, page = stops.standing(), "payouts_operator.sending"
    if stop is None:
        return Check(
            "Sending", GOOD, "Payouts are sent. You can stop all of them.", "On", page=page
        )
    age = f"since {short_age(clock.now() - stop.stopped_at)}"
    return Check("Sending", ACT, stops.words(), "Stopped", age, page)


def _disk(data: Path) -> Check:
    usage = shutil.disk_usage(data)
    percent = usage.free * 100 // usage.total
    tone = GOOD if percent >= DISK_LOW_PERCENT else LOOK if percent >= DISK_FULL_PERCENT else ACT
    sentence = "There is room on the disk." if tone == GOOD else "The disk is filling up."
    return Check("Disk", tone, sentence, size_words(usage.free), f"free, {percent}%")


def _database() -> Check:
    is_sqlite = db.engine.dialect.name == "sqlite"
    size = text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
    if not is_sqlite:
        size = text("SELECT pg_database_size(current_database())")
    size_bytes = int(db.session.scalar(size) or 0)
    name = "SQLite" if is_sqlite else "PostgreSQL"
    return Check("Database", GOOD, "The database answers.", size_words(size_bytes), name)


def _clock() -> list[Check]:
    offset = clock.demo_offset()
    if not offset:
        return []
    sentence = "Time travel moved the portal’s clock ahead."
    return [Check("Clock", GOOD, sentence, short_age(offset), "ahead")]
