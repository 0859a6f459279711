"""Several requests, one commit; what fails for one fails for that one alone."""

import threading
import time

import pytest
from sqlalchemy import func, select

from portal.audit.commands import note
from portal.audit.models import AuditEntry
from portal.storage.model import db
from portal.storage.shared_unit import SharedUnit
from portal.storage.unit_of_work import unit_of_work

UNITS = []


def write(asked):
    UNITS.append(list(asked))
    time.sleep(0.05)  # a disk takes its time, and the others queue up
    for number in asked:
        note(None, "bell.rung", number)
        db.session.flush()
        if number == 13:
            raise ValueError("thirteen")
    return [number * 2 for number in asked]


def ask_all(app, unit, numbers):
    """Each number from a thread of its own; answers and troubles by number."""
    found = {}

    def ask(number):
        with app.app_context():
            try:
                found[number] = unit.ask(number)
            except ValueError as trouble:
                found[number] = str(trouble)

    threads = [threading.Thread(target=ask, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def rung():
    db.session.remove()
    wanted = select(func.count(AuditEntry.id)).where(AuditEntry.act == "bell.rung")
    return db.session.scalar(wanted)


@pytest.fixture(autouse=True)
def units():
    UNITS.clear()


def test_everybody_gets_an_own_answer_from_few_commits(app):
    found = ask_all(app, SharedUnit(write), range(100, 112))
    assert found == {number: number * 2 for number in range(100, 112)}
    assert rung() == 12
    assert len(UNITS) < 12
    assert sorted(number for one in UNITS for number in one) == list(range(100, 112))


def test_one_that_fails_leaves_the_others_whole(app):
    found = ask_all(app, SharedUnit(write), [1, 2, 13, 3, 4])
    assert found == {1: 2, 2: 4, 3: 6, 4: 8, 13: "thirteen"}
    assert rung() == 4


def test_alone_it_is_a_unit_of_work_like_any_other(app):
    unit = SharedUnit(write)
    assert unit.ask(5) == 10
    with pytest.raises(ValueError, match="thirteen"):
        unit.ask(13)
    assert unit.ask(6) == 12
    assert rung() == 2


def test_who_shared_a_unit_that_was_broken_off_is_told(app):
    def broken(asked):
        time.sleep(0.1)
        if len(asked) > 1:
            raise KeyboardInterrupt
        return list(asked)

    unit, found = SharedUnit(broken), []

    def ask(number):
        with app.app_context():
            try:
                found.append(unit.ask(number))
            except BaseException as trouble:
                found.append(type(trouble))

    threads = [threading.Thread(target=ask, args=(number,)) for number in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert KeyboardInterrupt in found
    assert RuntimeError in found


def test_threads_of_a_process_write_in_turn(app):
    order = []

    def hold(name, seconds):
        with app.app_context(), unit_of_work():
            order.append(f"{name} in")
            note(None, "bell.rung", 1)
            time.sleep(seconds)
            order.append(f"{name} out")

    threads = [threading.Thread(target=hold, args=(name, 0.05)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rung() == 3
    if db.engine.dialect.name == "sqlite":
        assert [step.split()[1] for step in order] == ["in", "out"] * 3
