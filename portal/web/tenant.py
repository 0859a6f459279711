"""A brand's colour as a stylesheet of its own, since our policy refuses inline styles."""

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
    response = Response("\n".join(lines), mimetype="text/css")
    response.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    return response
