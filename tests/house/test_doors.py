"""Every endpoint and who may open it, held against doors.txt, which is reviewed like a contract.

To renew after a reviewed change: PORTAL_RENEW_DOORS=1 pytest tests/house/test_doors.py
"""

import os
from pathlib import Path

from flask import Flask

DOORS = Path(__file__).parent / "doors.txt"


def census(app: Flask) -> list[str]:
    rows = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        view = app.view_functions[rule.endpoint]
        who = ",".join(getattr(view, "opens_to", ())) or "NOBODY"
        methods = ",".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        rows.append(f"{rule.rule}  {methods}  {who}")
    return sorted(rows)


def test_every_door_says_who_may_open_it(app: Flask):
    assert [row for row in census(app) if row.endswith("NOBODY")] == []


def test_the_doors_are_those_reviewed(app: Flask):
    now = census(app)
    if os.environ.get("PORTAL_RENEW_DOORS"):
        DOORS.write_text("\n".join(now) + "\n")
    assert now == DOORS.read_text().splitlines()


def test_a_view_without_a_declaration_opens_to_nobody(app: Flask):
    assert "opens_to" not in dir(census)
    view = app.view_functions["static"]
    assert not hasattr(view, "opens_to")
