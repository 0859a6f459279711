"""Rooms import downward only, and thinking never knows the web (HOUSE §2)."""

import ast
import subprocess
import sys
from pathlib import Path

from portal.rooms import MODELS

# wording, answers: a room’s rules put into words. A large room splits its commands, queries,
# rules and wording by subject.
ALLOWED = {"models", "commands", "queries", "events", "rules", "accounts", "wording", "answers"}
SPLIT = ("_commands", "_queries", "_rules", "_wording")
ROOMS = {*MODELS, "reports"}


def test_import_linter_is_content():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_other_rooms_offer_only_five_files():
    found = []
    for room in ROOMS:
        for path in Path("portal", room).rglob("*.py"):
            for other, module in _imports(path):
                is_open = (
                    module in ALLOWED or module.endswith(SPLIT) or _is_wiring(path, other, module)
                )
                if other in ROOMS and other != room and not is_open:
                    found.append(f"{path}: portal.{other}.{module}")
    assert found == []


def _imports(path: Path) -> list[tuple[str, str]]:
    """(room, module) of every import from a room."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("portal."):
            continue
        parts = (node.module or "").split(".")
        if len(parts) > 2:
            found.append((parts[1], parts[2]))
        else:
            found += [(parts[1], alias.name) for alias in node.names]
    return found


def _is_wiring(path: Path, other: str, module: str) -> bool:
    # Doors may use identity's sign-in (who is here) and what a lower room prepared for pages;
    # adapters implement a room's Protocol.
    is_door = path.name.endswith("_routes.py") or path == Path("portal/factors/proving.py")
    if is_door and module.endswith("_pages"):
        return True
    return (is_door and other == "identity" and module == "sign_in") or (
        module == "provider" and "integrations" in path.parts
    )
