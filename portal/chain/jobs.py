"""Scheduled work: sealing every minute, looking at everything every day."""

from pathlib import Path

from portal.chain import checkpoints, commands, queries
from portal.chain.row_queries import SOURCES
from portal.storage.unit_of_work import unit_of_work

BATCHES_AT_ONCE = 500  # new ones: a pass that comes to more goes on a minute later


def seal_new(data: Path) -> None:
    """Seal what was written since the last time, in batches, and keep the new hashes in a file."""
    for name in SOURCES:
        with unit_of_work():
            start, settled = commands.begin_pass(name)
        after: int | None = start
        made = 0
        while after is not None and made < BATCHES_AT_ONCE:
            with unit_of_work():
                step = commands.seal_next(name, after)
            if step.number:
                checkpoints.keep(data, name, step.number, step.hash)
                made += 1
            after = step.after
        if after is None:
            with unit_of_work():
                commands.end_pass(name, settled)


def verify(data: Path) -> None:
    """Hold all rows against their seals, and keep what was found."""
    for name in SOURCES:
        report = queries.verified(name, checkpoints.kept(data, name))
        with unit_of_work():
            commands.note_check(report)
