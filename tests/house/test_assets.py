"""The browser files: what is built, what it may weigh, and what no template may contain."""

import gzip
import json
import re
from pathlib import Path

import pytest

from portal import assets

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(
    path  # a mail is no page: it carries its own styles
    for path in (ROOT / "templates").rglob("*.html")
    if "email" not in path.parts
)


def squeezed(text: str) -> int:
    return len(gzip.compress(text.encode(), 9))


def test_a_creators_first_view_keeps_its_budget():
    """UX 4.7: 14 KB of styles; the outside, which loads no htmx, and the staff may add 4."""
    assert squeezed(assets.stylesheet(ROOT)) <= 14 * 1024
    assert squeezed(assets.stylesheet(ROOT, "public.css")) <= 4 * 1024
    assert squeezed(assets.stylesheet(ROOT, "staff.css")) <= 4 * 1024


def test_the_script_keeps_its_budget():
    assert squeezed((ROOT / "static" / "app.js").read_text()) <= 5 * 1024


def test_the_stylesheet_is_whole():
    for name in assets.SHEETS:
        css = assets.stylesheet(ROOT, name)
        assert css.count("{") == css.count("}")
        assert "/*" not in css
    assert assets.stylesheet(ROOT).startswith("@layer tokens,base,layout,components,print;")


def test_the_lock_file_names_no_host():
    lock = (ROOT / "package-lock.json").read_text()
    assert "://" not in lock
    assert all("resolved" not in entry for entry in json.loads(lock)["packages"].values())


def test_a_fresh_build_is_left_alone(tmp_path, monkeypatch):
    out = tmp_path / "vendor"
    out.mkdir()
    for name in assets.BUILT:
        (out / name).write_text("there already")
    (out / "stamp.txt").write_text(assets._fingerprint(ROOT))
    monkeypatch.setattr(assets, "_install", lambda *_: pytest.fail("npm was started"))
    assets.build(ROOT, out)
    assert assets.missing(out) == []
    assert (out / "app.css").read_text() == assets.stylesheet(ROOT)
    assert (out / "htmx.min.js").read_text() == "there already"


def test_without_npm_there_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(assets, "npm_on_path", lambda: None)
    monkeypatch.setattr(assets.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(assets.AssetsError, match="Install Node"):
        assets.build(ROOT, tmp_path / "vendor")


def markup(path: Path) -> str:
    """The template without its Jinja parts, where `style="primary"` is an ordinary argument."""
    return re.sub(r"\{[{%#].*?[}%#]\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def icon_names() -> set[str]:
    marks = re.findall(r'id="([\w-]+)"', (ROOT / "static" / "img" / "marks.svg").read_text())
    return set(assets.ICONS.split()) | set(marks)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_keep_the_content_security_policy(path):
    text = markup(path)
    assert not re.search(r"\sstyle=[\"']", text), "no style attributes: the CSP refuses them"
    assert not re.search(r"\son[a-z]+=[\"']", text), "no inline handlers: use app.js"
    assert not re.search(r"<style|<script(?![^>]*\bsrc=)", text), "no inline styles or scripts"
    assert "hx-on" not in text


def test_every_icon_of_the_menus_is_in_the_sprite():
    text = (ROOT / "portal" / "shell.py").read_text(encoding="utf-8")
    asked = set(re.findall(r'\("[^"]+", "([a-z][\w-]*)", "[\w.]+"\)', text))
    assert asked
    assert asked <= icon_names()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_icon_is_in_the_sprite(path):
    text = path.read_text(encoding="utf-8")
    asked = set(re.findall(r"""(?:icon\(|icon_name=|"icon": )["']([a-z][\w-]*)["']""", text))
    assert asked - {"glyph-"} <= icon_names()
