"""A brand's colour can be read on its ground."""

from decimal import Decimal

import pytest

from portal.kernel import colours


def test_the_contrasts_of_the_design_pages():
    """LOOK 2 measured white on the sample colour: 7.52; UX 4.3 the accent on white: 7.5."""
    assert round(colours.contrast("#8F3A1D", "#FFFFFF"), 2) == Decimal("7.52")
    assert round(colours.contrast("#FFFFFF", "#000000"), 2) == Decimal("21.00")
    assert colours.contrast("#123456", "#123456") == 1


@pytest.mark.parametrize(
    "colour", ["#8F3A1D", "#FFE000", "#FFFFFF", "#000000", "#7FD1FF", "#888888"]
)
def test_any_colour_becomes_readable(colour):
    white, paper, ink = colours.WHITE, colours.PAPER, colours.INK
    assert colours.contrast(colours.readable(colour, white), white) >= Decimal("4.5")
    assert colours.contrast(colours.readable(colour, paper, "7"), paper) >= 7
    assert colours.contrast(colours.readable(colour, ink, "7"), ink) >= 7


def test_a_readable_colour_stays_as_it_is():
    assert colours.readable("#8F3A1D", colours.WHITE) == "#8F3A1D"


@pytest.mark.parametrize("text", ["8F3A1D", "#8F3A1", "#8F3A1DFF", "red", "#GGGGGG", "#8F3A1D;}"])
def test_what_is_no_colour(text):
    assert not colours.is_colour(text)
    assert colours.is_colour("#8F3A1D")
