"""Door for the operator: let a worker hold every row against its seal now."""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from portal.audit.commands import note
from portal.jobs import commands as jobs
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import OPERATOR, opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("chain_operator", __name__, url_prefix="/operator/audit")


@blueprint.post("/verify")
@opens_to(OPERATOR)
def verify() -> ResponseReturnValue:
    """Seal what is new, then look at everything, as a job: it may take a minute."""
    with unit_of_work():
        jobs.enqueue("chain.seal", dedupe="chain.seal:now")
        jobs.enqueue("chain.verify", dedupe="chain.verify:now")
        note(person().id, "audit-trail.verify-asked", 0)
    said = "A worker holds every row against its seal now. Open this page again in a moment."
    return reply(then=url_for("reports_audit.entries"), said=said)
