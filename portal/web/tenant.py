"""A brand's colour as a stylesheet of its own, since our policy refuses inline styles."""

from collections.abc import Iterable

from flask import Response

from portal.kernel import colours

KEPT_SECONDS = 300


def stylesheet(colour: str) -> Response:
    """The brand's colour, darkened until white text on it can be read (UX 4.3)."""
    fill = colours.readable(colour, colours.WHITE)
    hover = colours.mix(fill, "#000000", 3, 20)
    figure = colours.readable(colour, colours.PAPER, "7")
    dark = colours.readable(colour, colours.INK, "7")
    lines = (
        f":root{{--tenant:{fill};--tenant-hover:{hover};--on-tenant:#FFFFFF;--tenant-figure:{figure}}}",
        f"@media (prefers-color-scheme:dark){{:root{{--tenant-figure:{dark}}}}}",
        f":root[data-theme=dark]{{--tenant-figure:{dark}}}",
        f":root[data-theme=light]{{--tenant-figure:{figure}}}",
    )
    return _answer(lines)


def tiles(brands: Iterable[tuple[str, str]]) -> Response:
    """The tiles of several brands, (slug, colour) each, where a page shows more than one."""
    fills = ((slug, colours.readable(colour, colours.WHITE)) for slug, colour in brands)
    return _answer(
        f".tile--of-{slug}{{--tenant:{fill};--on-tenant:#FFFFFF}}" for slug, fill in fills
    )


def _answer(lines: Iterable[str]) -> Response:
    response = Response("\n".join(lines), mimetype="text/css")
    response.headers["Cache-Control"] = f"private, max-age={KEPT_SECONDS}"
    return response
