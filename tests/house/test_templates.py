"""Templates compile, are strict, own their ids, carry nothing inline, and are all reachable."""

import re
from pathlib import Path

import pytest
from flask import Flask

TEMPLATES = sorted(Path("templates").rglob("*.html"))
CODE = "\n".join(path.read_text() for path in Path("portal").rglob("*.py"))
MARKUP = "\n".join(path.read_text() for path in TEMPLATES)


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_compiles(app: Flask, path: Path):
    app.jinja_env.get_template(str(path.relative_to("templates")))


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_carries_nothing_inline(path: Path):
    if "email" in path.parts:
        return
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
    assert not re.findall(r"<[a-z][^>]*\s(?:style|on[a-z]+)\s*=", text)
    assert not re.findall(r"<script(?![^>]*\bsrc=)", text)
    assert "|safe" not in text.replace(" ", "")


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_is_reached_from_a_route_or_another_template(path: Path):
    name = str(path.relative_to("templates"))
    if path.parts[1] in ("layouts", "ui", "errors"):
        return
    if path.parts[1] == "email":
        assert path.parts[2] in CODE
        return
    assert name in CODE or name in MARKUP, f"nothing renders {name}"


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_imports_nothing_it_does_not_use(path: Path):
    text = path.read_text()
    for imported in re.findall(
        r"\{%-?\s*from\s+\"[^\"]+\"\s+import\s+([^%]+?)(?:\s+with(?:out)? context)?\s*-?%\}", text
    ):
        for name in (part.strip().split(" as ")[-1].strip() for part in imported.split(",")):
            assert len(re.findall(rf"\b{re.escape(name)}\b", text)) > 1, (
                f"{path} imports {name} and does not use it"
            )
