"""docs/events.md is what the code announces and who reacts.

To renew: PORTAL_RENEW_EVENTS=1 python -m pytest tests/house/test_events_documented.py
"""

import ast
import os
from pathlib import Path

from tests.support.documents import ROOT, events_page

PAGE = ROOT / "docs" / "events.md"


def test_the_page_is_what_the_code_says():
    now = events_page()
    if os.environ.get("PORTAL_RENEW_EVENTS"):
        PAGE.write_text(now)
    assert PAGE.read_text() == now, (
        "renew it: PORTAL_RENEW_EVENTS=1 pytest tests/house/test_events_documented.py"
    )


def test_events_carry_only_ids_and_primitives():
    odd = []
    for path in sorted(Path("portal").glob("*/events.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.AnnAssign):
                kind = ast.unparse(node.annotation)
                if kind.removesuffix(" | None") not in ("int", "str", "bool"):
                    odd.append(f"{path}:{node.lineno}: {kind}")
    assert odd == []
