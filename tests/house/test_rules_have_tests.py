"""Every rule of the portal has a test that names it (RULES: "a test that proves it names the id")."""

import ast
import re
from pathlib import Path

LAST_RULE = 108  # behind it: disclosure, metrics and roles, which other pages promise
NUMBER = re.compile(r"(?:^|_)[rR](\d+)(?=_|$)")
# Rules without a test, each with the reason. A rule that gets its test leaves this list.
MISSING: dict[int, str] = {}


def named_tests() -> dict[int, list[str]]:
    """Rule number → the tests whose names carry it."""
    found: dict[int, list[str]] = {}
    for path in sorted(Path("tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for number in NUMBER.findall(node.name):
                    found.setdefault(int(number), []).append(f"{path}::{node.name}")
    return found


def test_every_rule_has_a_test_that_names_it():
    named = named_tests()
    without = {n for n in range(1, LAST_RULE + 1) if n not in named}
    assert without == MISSING.keys(), "a rule without a test, or one that has one by now"
