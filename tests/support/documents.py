"""Read the documents as data: signposts, tables, examples; and write docs/events.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SIGNPOST = re.compile(r"`((?:portal|tests|templates|docs|static|migrations)/[\w./@-]+)::(\w+)`")
PLACE = re.compile(
    r"`((?:portal|tests|templates|docs|static|migrations)/[\w./-]+|[\w.-]+\.(?:md|toml))`"
)
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[\w-]+)?\)")


def documents() -> list[Path]:
    """Every document of ours, the generated one included."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def text_of(path: Path) -> str:
    """A document without its fenced blocks, where paths are examples."""
    return re.sub(r"^```.*?^```$", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)


def names_defined_in(path: Path) -> set[str]:
    """Functions, classes, methods, fields and module-level names of a Python file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found.update(target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
    return found


def places_of_function(name: str) -> list[str]:
    """Files under portal/ with `def name(` at the left margin: what `git grep "^def name("` says."""
    pattern = re.compile(rf"^def {re.escape(name)}\(", re.MULTILINE)
    paths = sorted((ROOT / "portal").rglob("*.py"))
    return [str(path.relative_to(ROOT)) for path in paths if pattern.search(path.read_text())]


def examples(path: Path) -> Iterator[tuple[int, str]]:
    """(line number, line) of every fenced ```example block, comments and blank lines left out."""
    inside = False
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith("```"):
            inside = line.strip() == "```example"
        elif inside and line.split("#")[0].strip():
            yield number, line.split("#")[0].strip()


def table_after(path: Path, heading: str) -> list[list[str]]:
    """The cells of the first table under a heading, its own head left out, code marks removed."""
    _, _, rest = path.read_text().partition(f"{heading}\n")
    assert rest, f"{path.name} has no heading “{heading}”"
    rows: list[list[str]] = []
    for line in rest.splitlines():
        if line.startswith("|"):
            cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
            rows.append([cell.replace("`", "").replace("\\|", "|").strip() for cell in cells])
        elif rows:
            break
    return rows[2:]


# ---- docs/events.md
HEAD = """# Events

What each room announces, with what, and who reacts. This page is generated from the dataclasses in
`portal/*/events.py`, from the calls of `announce`, and from `portal/subscriptions.py`; do not edit it by hand.
Renew it with `PORTAL_RENEW_EVENTS=1 python -m pytest tests/house/test_events_documented.py`.

An event is announced in the transaction that made it true and delivered at least once, so every
reaction may be repeated. Reactions run in a unit of work of their own, some time after.
"""


def events_page() -> str:
    """The whole text of docs/events.md, from the code as it is."""
    from portal.subscriptions import SUBSCRIPTIONS

    announced = _announcements()
    parts = [HEAD]
    for path in sorted((ROOT / "portal").glob("*/events.py")):
        room = path.parent.name
        module = import_module(f"portal.{room}.events")
        events = [value for value in vars(module).values() if isinstance(value, type)
                  and is_dataclass(value) and value.__module__ == module.__name__]  # fmt: skip
        if not events:
            continue
        parts += [
            f"\n## {room}\n",
            "| event | carries | announced by | who reacts |",
            "|---|---|---|---|",
        ]
        parts += [_row(event, announced.get(event.__name__, []), SUBSCRIPTIONS) for event in events]
    return "\n".join(parts) + "\n"


def _row(event: type, announced: list[str], subscriptions: object) -> str:
    said = " ".join((event.__doc__ or "").split())
    carries = ", ".join(f"`{field.name}: {_word(field.type)}`" for field in fields(event))
    reactions = [
        f"`{function.__module__.replace('.', '/')}.py::{function.__name__}`"
        for function in subscriptions.get(event, ())  # type: ignore[attr-defined]
    ]
    by = ", ".join(f"`{place}`" for place in announced) or "nobody yet"
    return f"| **{event.__name__}**<br>{said} | {carries} | {by} | {'<br>'.join(reactions) or 'nobody yet'} |"


def _word(kind: object) -> str:
    return kind.__name__ if isinstance(kind, type) else str(kind)


def _announcements() -> dict[str, list[str]]:
    """Event name → the files that make one: events are made to be announced."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "portal").glob("*/*.py")):
        if path.name in ("subscribers.py", "events.py"):
            continue
        place = str(path.relative_to(ROOT))
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                if place not in found.setdefault(name, []):
                    found[name].append(place)
    return found
