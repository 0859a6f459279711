"""Every path, symbol and link in the documents leads somewhere (HOUSE §13, §16)."""

import re
from pathlib import Path

import pytest

from tests.support.documents import (
    LINK,
    PLACE,
    ROOT,
    SIGNPOST,
    documents,
    names_defined_in,
    places_of_function,
    text_of,
)

DOCUMENTS = documents()
ARCHITECTURE = ROOT / "ARCHITECTURE.md"


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_signpost_resolves(document: Path):
    lost = []
    for place, symbol in SIGNPOST.findall(document.read_text()):
        path = ROOT / place
        if not path.is_file() or (path.suffix == ".py" and symbol not in names_defined_in(path)):
            lost.append(f"{place}::{symbol}")
    assert lost == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_path_and_link_exists(document: Path):
    text = text_of(document)
    lost = [place for place in PLACE.findall(text) if not (ROOT / place).exists()]
    prose = re.sub(r"`[^`\n]*`", "", text)
    lost += [link for link in LINK.findall(prose) if not (document.parent / link).exists()]
    assert lost == []


def test_functions_in_the_table_are_found_by_one_grep():
    several = {}
    _, _, table = ARCHITECTURE.read_text().partition("## Where is …?")
    for place, symbol in SIGNPOST.findall(table):
        path = ROOT / place
        is_function = (
            place.startswith("portal/")
            and path.is_file()
            and f"\ndef {symbol}(" in path.read_text()
        )
        if is_function and (found := places_of_function(symbol)) != [place]:
            several[symbol] = found
    assert several == {}, "a function named in ARCHITECTURE.md has one definition in portal/"


def test_the_map_is_short_and_answers_enough():
    text = ARCHITECTURE.read_text()
    assert len(text.splitlines()) <= 200
    assert len(SIGNPOST.findall(text)) >= 23


def test_documents_name_no_machine():
    # Paths and hosts of one machine mean nothing on the next one.
    strays = {
        name_of(document): found
        for document in DOCUMENTS
        if (found := re.findall(r"/(?:work|root|tmp|home/\w+)/\S*", document.read_text()))
    }
    assert strays == {}


def test_decisions_have_one_form():
    for path in sorted((ROOT / "docs" / "adr").glob("*.md")):
        text = path.read_text()
        assert re.match(rf"# {path.name[:4]}\. \S", text), path.name
        headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert headings == ["Context", "Decision", "Status", "Consequences"], path.name
        assert len(text.splitlines()) <= 60, f"{path.name} is longer than a page"
