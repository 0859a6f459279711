"""Doors for the operator: one page that says whether everything runs."""

from pathlib import Path
from typing import Any

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue

from portal.jobs import queries as jobs
from portal.jobs.models import JobState
from portal.kernel import clock
from portal.kernel.pages import PageRequest
from portal.reports import operator_queries as queries
from portal.web.guards import OPERATOR, opens_to
from portal.web.reply import reply

blueprint = Blueprint("reports_operator", __name__, url_prefix="/operator")

LATEST = 5


@blueprint.get("")
@opens_to(OPERATOR)
def home() -> ResponseReturnValue:
    """Traffic lights, each with a sentence, a figure and where to look.

    `health.inbound` and `health.mail` are lent by the rooms above: figures, or nothing."""
    settings = current_app.config["PORTAL"]
    found = queries.checks(settings, migrations(), _lent("health.inbound"), _lent("health.mail"))
    return reply(
        "reports/operator/home.html",
        checks=found,
        wrong=sum(check.tone == queries.ACT for check in found),
        doubtful=sum(check.tone == queries.LOOK for check in found),
        failed=jobs.listing(PageRequest(size=LATEST), JobState.FAILED).rows,
        checked_at=clock.wall(),
    )


def migrations() -> Path:
    """Where this installation's migrations are."""
    return Path(current_app.extensions["migrate"].directory)


def _lent(name: str) -> Any:
    figures = current_app.extensions.get(name)
    return None if figures is None else figures()
