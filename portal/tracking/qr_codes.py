"""QR codes of links: SVG for print and pages, PNG for posts."""

import io

import segno
from flask import Response

MIMETYPES = {"svg": "image/svg+xml", "png": "image/png"}
PNG_SCALE = 24  # about a thousand pixels wide
QUIET_ZONE = 4  # modules of white around it; scanners need them


def answer(address: str, kind: str, name: str, *, saves: bool) -> Response:
    """The code of an address, black on white in either theme, with a fourth to spare for wear.

    `kind` is svg or png; `saves` makes it a download called after the link.
    """
    made, picture = segno.make(address, error="q", micro=False), io.BytesIO()
    if kind == "svg":
        # The size is the page's or printer's to choose; the viewBox keeps it sharp.
        made.save(picture, kind="svg", border=QUIET_ZONE, omitsize=True, light="#fff", dark="#000",
                  title=address, nl=False)  # fmt: skip
    else:
        made.save(picture, kind="png", scale=PNG_SCALE, border=QUIET_ZONE)
    response = Response(picture.getvalue(), mimetype=MIMETYPES[kind])
    response.headers["Cache-Control"] = "private, max-age=3600"
    if saves:
        response.headers["Content-Disposition"] = f'attachment; filename="{name}-qr.{kind}"'
    return response
