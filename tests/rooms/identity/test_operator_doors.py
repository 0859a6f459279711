"""The operator's jobs: looked at, run again, cancelled."""

import pytest

from portal.audit import queries as audit
from portal.jobs import commands as jobs
from portal.jobs import queries
from portal.jobs.models import Job, JobState
from portal.kernel import clock
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.browser import Browser
from tests.support.world import World


def job(
    state: JobState = JobState.QUEUED, name: str = "sales.read_event", error: str | None = None
) -> Job:
    with unit_of_work():
        public_id = jobs.enqueue(name, {"event_id": 7})
        made = queries.one(public_id)
        made.state, made.last_error = state, error
        if state in (JobState.FAILED, JobState.CANCELLED, JobState.DONE):
            made.attempt, made.finished_at = 12, clock.now()
    db.session.remove()
    return made


def state_of(made: Job) -> JobState:
    found = queries.one(made.public_id).state
    db.session.remove()
    return found


def test_jobs_are_listed_by_state_and_room(world: World):
    job(JobState.FAILED, error="Boom: the shop did not answer")
    job(name="payouts.send_payout")
    olga = world.olga.opens("/operator/jobs").sees(
        "sales.read_event", "payouts.send_payout", "Boom"
    )
    olga.opens("/operator/jobs?status=failed").sees("sales.read_event").does_not_see("payouts.send")
    olga.opens("/operator/jobs?room=payouts").sees("payouts.send").does_not_see("sales.read_event")
    olga.opens("/operator/jobs?status=running").sees("No jobs match", "Clear filters")
    olga.opens("/operator/jobs?status=nonsense", status=200)


def test_nothing_yet(world: World):
    world.olga.browser  # noqa: B018 — signing her in enqueues what registering announces
    with unit_of_work():
        db.session.execute(db.delete(Job))
    world.olga.opens("/operator/jobs").sees("No job has run yet")


def test_pages_lead_on(world: World):
    for _ in range(51):
        job()
    olga = world.olga.opens("/operator/jobs").follows("Next")
    olga.sees("First page")
    olga.opens("/operator/jobs?cursor=made-up", status=422)


def test_htmx_gets_the_list_alone(world: World):
    job()
    headers = {"HX-Request": "true", "HX-Target": "list"}
    olga = world.olga.opens("/operator/jobs", headers=headers)
    assert olga.page.find(id="list")
    assert olga.page.find("html") is None
    assert "HX-Target" in olga.response.headers["Vary"]


def test_a_failed_job_runs_again_once(world: World):
    made = job(JobState.FAILED, error="Boom")
    here = f"/operator/jobs/{made.public_id}"
    olga = (
        world.olga.opens(here)
        .sees("Boom", "12", "event_id")
        .presses("Run again")
        .sees("Queued again")
    )
    assert state_of(made) is JobState.QUEUED
    olga.posts(f"{here}/retry", status=409).sees("only failed or cancelled")
    [entry] = audit.history_of("job", made.id)
    assert (entry.act, entry.actor_id) == ("job.retried", world.olga.user_id)


def test_a_queued_job_is_cancelled_once(world: World):
    made = job()
    here = f"/operator/jobs/{made.public_id}"
    olga = world.olga.opens(here).presses("Cancel this job").sees("It does not run")
    assert state_of(made) is JobState.CANCELLED
    olga.posts(f"{here}/cancel", status=409).sees("only queued jobs")


def test_all_failed_jobs_run_again(world: World):
    made = [job(JobState.FAILED), job(JobState.FAILED), job(JobState.DONE)]
    olga = world.olga.opens("/operator/jobs").presses("Retry 2 failed jobs").sees("2 queued again")
    assert [state_of(one) for one in made] == [JobState.QUEUED, JobState.QUEUED, JobState.DONE]
    olga.posts("/operator/jobs/retry").sees("No job is in the state failed")


def test_a_running_job_can_only_be_watched(world: World):
    here = f"/operator/jobs/{job(JobState.RUNNING).public_id}"
    olga = world.olga.opens(here).does_not_see("Run again", "Cancel this job")
    olga.posts(f"{here}/retry", status=409)
    olga.posts(f"{here}/cancel", status=409)


def test_an_unknown_job_is_told_404(world: World):
    olga = world.olga.opens("/operator/jobs/job_nosuch", status=404)
    olga.posts("/operator/jobs/job_nosuch/retry", status=404)


def test_reading_changes_nothing(world: World):
    made = job(JobState.FAILED)
    for verb in ("retry", "cancel"):
        world.olga.opens(f"/operator/jobs/{made.public_id}/{verb}", status=405)
    assert state_of(made) is JobState.FAILED


@pytest.mark.parametrize("who", ["owen", "faye", "rae", "cy"])
def test_nobody_else_sees_the_machinery(world: World, who):
    made = job(JobState.FAILED)
    member = getattr(world, who)
    member.opens("/operator/jobs", status=403)
    member.opens(f"/operator/jobs/{made.public_id}", status=403)
    member.browser.posts(f"/operator/jobs/{made.public_id}/retry", status=403)
    assert state_of(made) is JobState.FAILED


def test_a_visitor_is_asked_to_sign_in(browser: Browser):
    browser.opens("/operator/jobs").sees("E-mail address")
