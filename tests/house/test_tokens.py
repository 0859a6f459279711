"""Contrast, computed from the CSS itself: text at least 4.5 to 1, marks and control edges at least 3."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CSS = ROOT / "static" / "css"
TONES = ("neutral", "info", "progress", "waiting", "success", "danger", "hold")
GROUNDS = ("bg", "surface", "sunken")
TEXTS = ("text", "muted", "faint", "accent")
EDGES = ("border-strong", "accent", "focus", "c1", "c2", "c3", "c4", "c5", "c6")
THEMES = {"light": 0, "dark": 1}


def tokens(theme: str) -> dict[str, str]:
    """Every `--name: light-dark(#…, #…)` of tokens.css in one theme."""
    pairs = re.findall(
        r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", (CSS / "tokens.css").read_text()
    )
    return {name: colours[THEMES[theme]] for name, *colours in pairs}


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_arithmetic_knows_black_on_white():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", GROUNDS)
def test_text_is_readable_on_every_ground(theme, ground):
    colours = tokens(theme)
    poor = {
        name: round(contrast(colours[name], colours[ground]), 2)
        for name in TEXTS
        if contrast(colours[name], colours[ground]) < 4.5
    }
    assert not poor, f"{theme}, on --{ground}: {poor}"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", GROUNDS)
def test_marks_and_control_edges_can_be_seen(theme, ground):
    colours = tokens(theme)
    poor = {
        name: round(contrast(colours[name], colours[ground]), 2)
        for name in EDGES
        if contrast(colours[name], colours[ground]) < 3
    }
    assert not poor, f"{theme}, on --{ground}: {poor}"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("tone", TONES)
def test_every_badge_reads_well(theme, tone):
    colours = tokens(theme)
    assert contrast(colours[f"{tone}-fg"], colours[f"{tone}-bg"]) >= 6.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("tone", [tone for tone in TONES if tone != "neutral"])
def test_notes_hold_ordinary_text_and_links(theme, tone):
    colours = tokens(theme)
    assert contrast(colours["text"], colours[f"{tone}-bg"]) >= 4.5
    assert contrast(colours["accent"], colours[f"{tone}-bg"]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("on-accent", "accent"),
        ("on-accent", "accent-hover"),
        ("accent", "accent-tint"),
        ("undo-text", "undo-bg"),
        ("undo-muted", "undo-bg"),
    ],
)
def test_fills_carry_their_words(theme, text, ground):
    colours = tokens(theme)
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_white_is_readable_on_the_failure_bar(theme):
    assert contrast("#FFFFFF", tokens(theme)["danger-fill"]) >= 4.5


def test_components_take_their_colours_from_tokens():
    """A literal colour outside tokens.css would be missing from the checks above."""
    allowed = {"#fff", "#000"}
    for path in [path for path in CSS.rglob("*.css") if path.name != "tokens.css"]:
        text = re.sub(r"light-dark\([^)]*\)", "", path.read_text())
        found = set(re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)", text)) - allowed
        assert not found, f"{path.name}: use a token instead of {sorted(found)}."
