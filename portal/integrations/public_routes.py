"""The snippet for shops on their own domain: one address that never changes."""

from pathlib import Path

from flask import Blueprint, current_app, send_file
from flask.typing import ResponseReturnValue

from portal.web.guards import PUBLIC, opens_to

blueprint = Blueprint("integrations_public", __name__)
MAX_AGE_SECONDS = 3600


@blueprint.get("/vouch.js")
@opens_to(PUBLIC)
def snippet() -> ResponseReturnValue:
    """A plain script that any page may load; it asks nothing of us, so it needs no CORS."""
    file = Path(current_app.static_folder or "static") / "shop" / "vouch.js"
    answer = send_file(
        file, mimetype="text/javascript", conditional=True, max_age=MAX_AGE_SECONDS
    )  # fmt: skip
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.headers["Cache-Control"] = f"public, max-age={MAX_AGE_SECONDS}, must-revalidate"
    return answer
