"""One commit, one place that catches everything, one clock (HOUSE §6, §7, §10)."""

import ast
import re
from pathlib import Path

import pytest
from flask import Flask

from portal.audit.commands import note
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import opens_to

PORTAL = sorted(Path("portal").rglob("*.py"))


def lines_with(pattern: str, but: tuple[str, ...] = ()) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()}"
        for path in PORTAL
        if str(path) not in but
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(pattern, line)
    ]


def test_only_the_unit_of_work_commits():
    found = lines_with(r"\.commit\(", but=("portal/storage/unit_of_work.py",))
    assert [line for line in found if "bench/" not in line] == []


def test_only_the_worker_and_shared_turns_catch_everything():
    # The worker's loop notes the error and goes on; a shared unit that failed is done one by one,
    # and whose error it was gets it.
    broad = []
    for path in PORTAL:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ExceptHandler):
                names = ast.unparse(node.type) if node.type else "everything"
                if re.search(r"\b(Exception|everything)\b", names):
                    broad.append(str(path))
    shared = {"portal/kernel/turns.py", "portal/storage/shared_unit.py"}
    assert set(broad) <= {"portal/jobs/worker.py", *shared}


def test_only_the_clock_reads_the_time():
    found = lines_with(
        r"\bdatetime\.(now|utcnow|today)\(|\bdate\.today\(|\btime\.time\(",
        but=("portal/kernel/clock.py",),
    )
    assert [line for line in found if "bench/" not in line] == []


def test_a_get_never_writes(app: Flask):
    @opens_to("public")
    def careless() -> str:
        note(None, "thing.seen", 1)
        from portal.storage.model import db

        db.session.flush()
        return "seen"

    with app.test_request_context("/"), pytest.raises(RuntimeError, match="a GET never writes"):
        careless()


def test_units_of_work_do_not_nest(app: Flask):
    with unit_of_work(), pytest.raises(RuntimeError, match="already open"), unit_of_work():
        pass
