"""Doors for everybody: the OpenAPI document and its reference page."""

from flask import Blueprint, Response, current_app, json
from flask.typing import ResponseReturnValue

from portal.api import openapi, reference, rules
from portal.web.guards import PUBLIC, opens_to
from portal.web.problems import KINDS
from portal.web.reply import reply
from portal.webhooks import rules as webhooks

blueprint = Blueprint("api_public", __name__, url_prefix="/api")


@blueprint.get("/openapi.json")
@opens_to(PUBLIC)
def document() -> ResponseReturnValue:
    """The interface as OpenAPI 3.1."""
    made = openapi.document(current_app._get_current_object(), _base_url())  # type: ignore[attr-defined]
    return Response(json.dumps(made), mimetype="application/json")


@blueprint.get("/docs")
@opens_to(PUBLIC)
def docs() -> ResponseReturnValue:
    """The same for people to read."""
    made = openapi.document(current_app._get_current_object(), _base_url())  # type: ignore[attr-defined]
    return reply(
        "api/public/docs.html",
        sections=reference.sections(made),
        base_url=_base_url(),
        scopes=rules.SCOPES,
        problems=KINDS,
        events=webhooks.TYPES,
        per_minute=current_app.config["PORTAL"].api_per_minute,
    )


def _base_url() -> str:
    return str(current_app.config["PORTAL"].base_url)
