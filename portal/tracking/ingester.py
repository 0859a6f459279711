"""The ingester: takes the spool's lines into the database, whole batches, each exactly once.

It stands beside every web server (`portal serve` starts it). Clicks, roll-ups and the segment's
offset move in one transaction; so whatever is killed, no line is lost and none counts twice.
"""

import threading
import time
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError

from portal.jobs.commands import announce
from portal.kernel import clock
from portal.storage import engine
from portal.storage.changes import change
from portal.storage.insert_once import insert_once
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work
from portal.tracking import flood, redirect, spool
from portal.tracking.batch import Batch, Visits
from portal.tracking.click_commands import REPEAT_SECONDS, store
from portal.tracking.click_models import ClickSegment, ClickSpool
from portal.tracking.events import ClicksCameLate
from portal.tracking.models import Click

BATCH_BYTES = 600_000  # about 3,000 clicks: their transaction stays well under 0.2 s
BATCH_LINES = 1000  # when fewer came, more are waited for: a transaction has its price, too
PACE_SECONDS, TROUBLE_SECONDS = 0.3, 1.0
MARK_SECONDS, BEAT_SECONDS, CHECKPOINT_SECONDS = 1.0, 10.0, 1.0
MARGIN = timedelta(seconds=2)  # between the moment of a click and its line
LATE = timedelta(minutes=1)
log = structlog.get_logger("ingester")


class Moved(Exception):
    """The database knows another offset than this ingester: ask it again."""


class Ingester:
    """Of one spool folder. Only one works on a folder at a time; others wait for its lock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.spool_id = 0
        self.visits, self.flood = Visits(), flood.Flood()
        self._taken: dict[str, int] = {}
        self._marked = self._checkpoint = 0.0
        self._is_unmarked = True

    def run(self, stop: threading.Event) -> None:
        """Ingest until told to stop; then once more, so that nothing written is left behind."""
        for is_mine in spool.only_one(self.folder):
            if not is_mine and stop.wait(TROUBLE_SECONDS):
                return
        while not stop.is_set():
            try:
                taken = self.catch_up()
                self._tend()
            except (DBAPIError, Moved) as trouble:
                # The lines wait in their files; nothing is lost while the database is away.
                end_read()
                self.spool_id = 0
                log.warning("clicks wait in the spool", cause=str(trouble)[:300])
                stop.wait(TROUBLE_SECONDS)
            else:
                stop.wait(PACE_SECONDS if taken < BATCH_LINES else 0)
        before = clock.now() - MARGIN  # not after: what comes while it catches up may be missed
        self.catch_up()
        self._mark(before)

    def catch_up(self) -> int:
        """Take in everything that was written before this call; returns how many lines.

        Raises DBAPIError while the database is away.
        """
        if not self.spool_id:
            self._join()
        before, taken = clock.now() - MARGIN, 0
        for found in spool.segments(self.folder):
            while lines := self._take(found):
                taken += lines
            self._remove_if_final(found)
        self._is_unmarked = self._is_unmarked or taken > 0
        if time.monotonic() - self._marked > (MARK_SECONDS if self._is_unmarked else BEAT_SECONDS):
            self._mark(before)
        return taken

    def _mark(self, through: datetime) -> None:
        """Say how far this spool is taken in, for orders that wait for their click."""
        with unit_of_work():
            mine = update(ClickSpool).where(ClickSpool.id == self.spool_id)
            change(mine.values(through=through, beat_at=clock.wall()))
        self._marked, self._is_unmarked = time.monotonic(), False

    def _join(self) -> None:
        """Make this folder known, and give its machine the number that goes into click ids."""
        kept = self.folder / "name"
        if not kept.exists():
            kept.write_text(token_hex(16))
        name = kept.read_text().strip()
        with unit_of_work():
            now = clock.wall()
            insert_once(ClickSpool, name=name, through=redirect.EPOCH, beat_at=now)
            found = db.session.scalar(select(ClickSpool.id).where(ClickSpool.name == name))
            offsets = select(ClickSegment.name, ClickSegment.taken_bytes)
            self._taken = dict(db.session.execute(offsets).all())
            self.visits.restore(self._recent_visits())
            self.flood.restore(self._kept_lately())
        self.spool_id = int(found or 0)
        (self.folder / spool.NUMBER_FILE).write_text(str(self.spool_id % spool.MACHINES))

    def _recent_visits(self) -> list[tuple[int, str, int]]:
        """Who clicked in the last half minute before this ingester started."""
        since = redirect.click_id_of(clock.now() - timedelta(seconds=REPEAT_SECONDS), 0)
        recent = select(Click.link_id, Click.visitor, Click.id).where(
            Click.id >= since, Click.visitor != ""
        )
        return [(link, who, at) for link, who, at in db.session.execute(recent.order_by(Click.id))]

    def _kept_lately(self) -> list[tuple[flood.Place, int]]:
        """Rows of this hour of visitors who left many of one link."""
        hour = clock.now().replace(minute=0, second=0, microsecond=0)
        rows = db.session.execute(
            select(Click.link_id, Click.visitor, func.count())
            .where(Click.id >= redirect.click_id_of(hour, 0))
            .group_by(Click.link_id, Click.visitor)
            .having(func.count() >= flood.KEPT_AN_HOUR // 2)
        )
        number = int(hour.timestamp()) * 1000 // flood.HOUR_MS
        return [((link_id, who, number), int(count)) for link_id, who, count in rows]

    def _take(self, found: spool.Found) -> int:
        """One batch of a segment in one transaction; returns how many lines it had."""
        offset = self._taken.get(found.name, 0)
        if offset >= found.size:
            return 0
        lines, after = spool.lines_from(found.path, offset, BATCH_BYTES)
        if not lines:
            return 0
        batch = Batch(lines, self.visits, self.flood)
        with unit_of_work():
            self._move(found.name, offset, after, batch.read(has_company=self._has_company()))
            store(batch.rows)
            batch.days.store()
            self._announce_late(batch)
        self.visits.learn(batch.visits)
        self.flood.learn(batch.kept)
        self._taken[found.name] = after
        return len(lines)

    def _has_company(self) -> bool:
        """Whether another machine writes to this database: SQLite never has one."""
        if db.engine.dialect.name == "sqlite":
            return False
        return (db.session.scalar(select(func.count(ClickSpool.id))) or 0) > 1

    def _move(self, name: str, offset: int, after: int, unreadable: int) -> None:
        """Note the new offset. Raises Moved when somebody else moved it."""
        at_offset = update(ClickSegment).where(
            ClickSegment.name == name, ClickSegment.taken_bytes == offset
        )
        moved = at_offset.values(taken_bytes=after, unreadable=ClickSegment.unreadable + unreadable)
        if change(moved):
            return
        first = {"name": name, "spool_id": self.spool_id, "unreadable": unreadable}
        if offset or insert_once(ClickSegment, taken_bytes=after, **first) is None:
            raise Moved(f"Segment {name} is not at {offset} any more.")

    def _announce_late(self, batch: Batch) -> None:
        """Tell of clicks that came so late that their order may have been decided without them."""
        late = clock.now() - LATE
        ids = [row.id for row in batch.rows if row.at < late]
        if ids:
            announce(ClicksCameLate(min(ids), max(ids)))

    def _remove_if_final(self, found: spool.Found) -> None:
        """Delete a segment nobody writes to any more, once all of it is in the database."""
        if not spool.is_final(found.path):
            return
        taken = self._taken.get(found.name, 0)
        lines, _ = spool.lines_from(found.path, taken, BATCH_BYTES)
        if lines:
            return
        torn = found.path.stat().st_size - taken
        if torn:
            log.warning("a torn last line was left out", segment=found.name, bytes=torn)
        found.path.unlink()
        if self._taken.pop(found.name, None) is not None:
            with unit_of_work():
                change(delete(ClickSegment).where(ClickSegment.name == found.name))

    def _tend(self) -> None:
        """Keep SQLite's log short here, so that no request ever pays for a checkpoint."""
        if time.monotonic() - self._checkpoint > CHECKPOINT_SECONDS:
            self._checkpoint = time.monotonic()
            with suppress(DBAPIError):
                engine.checkpoint(db.engine)
