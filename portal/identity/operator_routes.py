"""Doors for the operator: the jobs, one by one, to look at, run again or cancel."""

import json

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.audit.commands import note
from portal.jobs import commands as jobs_commands
from portal.jobs import queries
from portal.jobs.models import JobState
from portal.kernel.pages import PageRequest
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import OPERATOR, opens_to, person
from portal.web.reply import reply, wants_list

blueprint = Blueprint("identity_operator", __name__, url_prefix="/operator")

ORDER = (JobState.FAILED, JobState.RUNNING, JobState.QUEUED, JobState.DONE, JobState.CANCELLED)


@blueprint.get("/jobs")
@opens_to(OPERATOR)
def jobs() -> ResponseReturnValue:
    """Every job, newest first, by state and by room."""
    state, room = request.args.get("status", ""), request.args.get("room", "")
    page = queries.listing(
        PageRequest(request.args.get("cursor")),
        JobState(state) if state in set(JobState) else None,
        room or None,
    )
    whole, part = "identity/operator/jobs.html", "identity/operator/_jobs.html"
    return reply(
        whole,
        part if wants_list() else None,
        listing=page,
        state=state,
        room=room,
        rooms=queries.rooms(),
        counts=queries.counts(),
        order=ORDER,
    )


@blueprint.get("/jobs/<job>")
@opens_to(OPERATOR)
def job(job: str) -> ResponseReturnValue:
    """One job: what it was asked, how often it ran, what it said."""
    found = queries.one(job)
    args = json.dumps(found.args, indent=2, ensure_ascii=False, sort_keys=True)
    return reply("identity/operator/job.html", job=found, args=args)


@blueprint.post("/jobs/retry")
@opens_to(OPERATOR)
def retry_failed() -> ResponseReturnValue:
    """Run every failed job again."""
    with unit_of_work():
        count = jobs_commands.replay_failed()
        note(person().id, "job.all-failed-retried", 0, count=count)
    said = f"{count} queued again." if count else "No job is in the state failed."
    return reply(then=url_for(".jobs"), said=said)


@blueprint.post("/books/check")
@opens_to(OPERATOR)
def check_books() -> ResponseReturnValue:
    """Let a worker look at all the books now, instead of within the hour."""
    with unit_of_work():
        jobs_commands.enqueue("ledger.check_books", dedupe="ledger.check_books:now")
        note(person().id, "books.check-asked", 0)
    said = "A worker looks at all the books now. Open this page again in a moment."
    return reply(then=url_for("reports_operator.home"), said=said)


@blueprint.post("/jobs/<job>/retry")
@opens_to(OPERATOR)
def retry(job: str) -> ResponseReturnValue:
    """Run a failed or cancelled job again."""
    found = queries.one(job)
    with unit_of_work():
        jobs_commands.replay(found.id)
        note(person().id, "job.retried", found.id, name=found.name)
    return reply(then=url_for(".job", job=job), said="Queued again. A worker takes it at once.")


@blueprint.post("/jobs/<job>/cancel")
@opens_to(OPERATOR)
def cancel(job: str) -> ResponseReturnValue:
    """Take back a queued job."""
    found = queries.one(job)
    with unit_of_work():
        jobs_commands.withdraw(found.id)
        note(person().id, "job.cancelled", found.id, name=found.name)
    return reply(then=url_for(".job", job=job), said="Cancelled. It does not run.")
