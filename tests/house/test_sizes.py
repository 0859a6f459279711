"""Small enough to read: files, functions, routes, templates (HOUSE §14); failing, it names the worst five."""

import ast
from pathlib import Path

import pytest

CODE = [*Path("portal").rglob("*.py")]
TESTS = [*Path("tests").rglob("*.py")]
TEMPLATES = [*Path("templates").rglob("*.html")]


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def functions(path: Path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, (node.end_lineno or 0) - node.lineno + 1


def worst(sizes: list[tuple[int, str]]) -> str:
    return "\n".join(f"{size:5} {name}" for size, name in sorted(sizes, reverse=True)[:5])


@pytest.mark.parametrize(
    ("paths", "most"),
    [(CODE, 500), (TESTS, 500), (TEMPLATES, 200)],
    ids=["code", "tests", "templates"],
)
def test_files(paths, most):
    sizes = [(lines(path), str(path)) for path in paths]
    assert max(sizes)[0] <= most, worst(sizes)


def test_functions():
    sizes = [(size, f"{path}:{node.name}") for path in CODE for node, size in functions(path)]
    assert max(sizes)[0] <= 60, worst(sizes)


def test_routes_are_short():
    sizes = []
    for path in CODE:
        if path.name.endswith("_routes.py"):
            for node, _ in functions(path):
                if any(
                    "route" in ast.unparse(d)
                    or ".get(" in ast.unparse(d)
                    or ".post(" in ast.unparse(d)
                    for d in node.decorator_list
                ):
                    body = (node.end_lineno or 0) - node.body[0].lineno + 1
                    sizes.append((body, f"{path}:{node.name}"))
    assert max(sizes)[0] <= 25, worst(sizes)


def test_banned_names():
    banned = {"utils.py", "helpers.py", "misc.py", "common.py", "manager.py", "base.py"}
    assert [str(path) for path in CODE if path.name in banned] == []
