"""docs/operations.md lists exactly the settings there are, and the code reads no others."""

import re
from pathlib import Path

import pytest

from portal.config import SETTINGS
from portal.identity import queries as identity
from portal.programs import queries as programs
from tests.support.documents import ROOT, documents, table_after

OPERATIONS = ROOT / "docs" / "operations.md"
# Not for an operator: the suite's and the benchmarks' own switches, and how a demo's parts learn where they are.
INTERNAL = {
    "PORTAL_DEMO_DATA",
    "PORTAL_TEST_DATABASE",
    "PORTAL_TEST_PGDATA",
    "PORTAL_RENEW_DOORS",
    "PORTAL_RENEW_EVENTS",
    "PORTAL_REAL_PAYLOADS",
    "PORTAL_REAL_ORDERS",
    "PORTAL_BENCH_ORDERS",
}
NAME = re.compile(r"\bPORTAL_[A-Z][A-Z_]+[A-Z]\b")


def test_the_table_is_the_settings():
    table = table_after(OPERATIONS, "### The settings")
    assert [row[0] for row in table] == [setting.name for setting in SETTINGS]
    for row, setting in zip(table, SETTINGS, strict=True):
        assert row[1] == (setting.default or "none"), setting.name
        assert row[2] == ("yes" if setting.is_secret else ""), setting.name
        assert len(row[3]) > 10, f"{setting.name} is not explained"


def test_the_code_reads_no_undocumented_variable():
    known = {setting.name for setting in SETTINGS} | INTERNAL
    found = {
        name: str(path)
        for path in Path("portal").rglob("*.py")
        for name in NAME.findall(path.read_text())
    }
    assert {name: path for name, path in found.items() if name not in known} == {}


def test_the_documents_name_no_unknown_variable():
    known = {setting.name for setting in SETTINGS} | INTERNAL
    found = {name: path.name for path in documents() for name in NAME.findall(path.read_text())}
    assert {name: path for name, path in found.items() if name not in known} == {}


@pytest.mark.usefixtures("app")
def test_the_first_brand_is_made_as_written(capsys: pytest.CaptureFixture[str]):
    written = re.search(r"^```python\n(.*?)^```", OPERATIONS.read_text(), re.DOTALL | re.MULTILINE)
    assert written
    exec(compile(written[1], str(OPERATIONS), "exec"), {})
    assert capsys.readouterr().out.startswith("/hooks/shopify/con_")
    made = programs.programs_of(identity.brand_by_slug("northwind").id)
    assert [program.slug for program in made] == ["northwind-friends"]
