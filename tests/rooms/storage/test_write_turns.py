"""Whoever waits for SQLite comes next, however busily others write; a killed writer frees it."""

import subprocess
import sys
import threading
import time

import pytest

from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.storage.write_turns import Turns, turns_of
from tests.support.busy_writer import write

PROCESSES, ASKED, MOST_BEFORE, PATIENCE_SECONDS = 2, 15, 60, 60.0


@pytest.fixture
def row(tmp_path):
    """The row in front of a file, what was written in it, and who writes all the time."""
    file, wrote = str(tmp_path / "portal.sqlite"), tmp_path / "wrote"
    wrote.touch()
    command = [sys.executable, "-m", "tests.support.busy_writer", file, str(wrote)]
    busy = [subprocess.Popen(command) for _ in range(PROCESSES)]
    until = time.monotonic() + PATIENCE_SECONDS
    while wrote.stat().st_size < ASKED:
        assert time.monotonic() < until, "nobody writes"
        time.sleep(0.01)
    yield Turns(file), wrote, busy
    for one in busy:
        one.kill()
        one.wait()


def test_nobody_is_kept_out_by_processes_that_write_all_the_time(row):
    turns, wrote, busy = row
    for _ in range(ASKED):
        before = wrote.stat().st_size
        assert turns.take(PATIENCE_SECONDS)
        write(wrote)
        turns.give()
        assert wrote.stat().st_size - before <= MOST_BEFORE
    assert [one.poll() for one in busy] == [None] * PROCESSES  # no two wrote at once


def test_killed_writers_leave_the_turn_to_others(row):
    turns, _, busy = row
    for one in busy:
        one.kill()
        one.wait()
    assert turns.take(PATIENCE_SECONDS)


def test_threads_come_in_the_row_in_which_they_asked(tmp_path):
    turns, came = Turns(str(tmp_path / "portal.sqlite")), []

    def asks(number):
        assert turns.take(PATIENCE_SECONDS)
        came.append(number)
        turns.give()

    assert turns.take(0)
    threads = [threading.Thread(target=asks, args=(number,)) for number in range(5)]
    for number, thread in enumerate(threads):
        thread.start()
        while len(turns._line._waiting) <= number:
            time.sleep(0.001)
    turns.give()
    for thread in threads:
        thread.join()
    assert came == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("other", ["same process", "another one"])
def test_a_turn_that_does_not_come_in_time_is_not_had(tmp_path, other):
    file = str(tmp_path / "portal.sqlite")
    holder = Turns(file)
    late = holder if other == "same process" else Turns(file)
    assert holder.take(0)
    assert not late.take(0.05)
    holder.give()
    assert late.take(0)
    late.give()


def test_a_unit_of_work_writes_in_its_turn(app):
    file = db.engine.url.database
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has many writers")
    with unit_of_work():
        assert not Turns(file).take(0)
    with pytest.raises(ZeroDivisionError), unit_of_work():
        raise ZeroDivisionError
    assert turns_of(file).take(0)
    turns_of(file).give()
