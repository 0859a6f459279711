"""Rooms import downward only, and thinking never knows the web (HOUSE §2)."""

import re
import subprocess
import sys
from pathlib import Path

ALLOWED = {"models", "commands", "queries", "events", "rules", "accounts"}
ROOMS = (
    "audit ledger jobs identity programs creators ambassadors tracking sales applications briefs attribution "
    "commissions payouts notifications reports integrations"
).split()


def test_import_linter_is_content():
    done = subprocess.run([Path(sys.executable).parent / "lint-imports"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_other_rooms_offer_only_five_files():
    found = []
    for room in ROOMS:
        for path in Path("portal", room).rglob("*.py"):
            for other, module in re.findall(r"^\s*from portal\.(\w+)(?:\.(\w+))? import", path.read_text(), re.MULTILINE):
                if other in ROOMS and other != room and module and module not in ALLOWED and not _is_wiring(path, other, module):
                    found.append(f"{path}: portal.{other}.{module}")
    assert found == []


def _is_wiring(path: Path, other: str, module: str) -> bool:
    # Doors may use identity's sign-in (who is here), and adapters implement a room's Protocol.
    is_door = path.name.endswith("_routes.py")
    return (is_door and other == "identity" and module == "sign_in") or (module == "provider" and "integrations" in path.parts)
