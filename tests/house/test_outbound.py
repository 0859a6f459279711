"""Addresses that people typed are called through one function (ADR 0010)."""

import re
from pathlib import Path

WAYS_OUT = re.compile(r"\brequests\.(get|post|put|patch|delete|head|request|Session)\b|\burlopen\(|"
                      r"\bhttp\.client\b|\bcreate_connection\(|\bhttpx?\.(get|post|Client)\b")  # fmt: skip
OWN_MACHINE = ("portal/outbound/", "portal/demo/", "portal/bench/")  # demo and bench call loopback


def test_there_is_one_way_out():
    found = [
        f"{path}:{number}: {line.strip()}"
        for path in sorted(Path("portal").rglob("*.py"))
        if not str(path).startswith(OWN_MACHINE)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if WAYS_OUT.search(line)
    ]
    assert found == [], "use portal.outbound.fetch"
