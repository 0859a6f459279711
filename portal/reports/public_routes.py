"""Doors for machines that watch: alive, and ready to serve."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from portal.jobs import queries as jobs
from portal.kernel import clock
from portal.reports import operator_queries as queries
from portal.reports.operator_routes import migrations
from portal.web.guards import PUBLIC, opens_to

blueprint = Blueprint("reports_public", __name__)


@blueprint.get("/healthz")
@opens_to(PUBLIC)
def alive() -> ResponseReturnValue:
    """This process answers. Asks nobody else."""
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


@blueprint.get("/readyz")
@opens_to(PUBLIC)
def ready() -> ResponseReturnValue:
    """503 unless the database answers and has this version's schema. A silent worker is told,
    but takes no web server out of service."""
    try:
        schema, beat_at = queries.schema(migrations()), jobs.last_beat()
    except SQLAlchemyError:
        return {"ok": False, "database": "does not answer"}, 503
    silent_seconds = None if beat_at is None else int((clock.wall() - beat_at).total_seconds())
    return {
        "ok": schema.is_current,
        "database": "answers",
        "schema": {"wanted": schema.head, "found": schema.current},
        "worker": {"silent_seconds": silent_seconds},
    }, 200 if schema.is_current else 503
