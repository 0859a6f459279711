"""CSV text: no spreadsheet runs it."""

import csv
import io

import pytest

from portal.kernel.sheets import neutral, sheet


@pytest.mark.parametrize(
    "text", ["=1+1", "+1+cmd", "-1+cmd", "@SUM(A1)", "\t=1", "\r=1", "  @x", "=HYPERLINK(1)"]
)
def test_R149_formulas_are_neutralised(text):
    assert neutral(text) == f"'{text}"


def test_R149_words_and_figures_stay_as_they_are():
    row = ["Ada", "-12.50", 7, None, 'a, "b"', "-"]
    read = list(csv.reader(io.StringIO(sheet(["a"] * 6, [row]))))
    assert read[1] == ["Ada", "-12.50", "7", "", 'a, "b"', "'-"]
