"""Long and scheduled work."""

from datetime import datetime, timedelta

from portal.identity import queries as identity
from portal.jobs.commands import progress
from portal.programs import queries as programs
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.terms import click_trying, commands, trying
from portal.terms.capping import Limits, first_counted
from portal.terms.models import DryRun

ORDERS_AT_ONCE = 500
DAYS_OF_A_MONTH = 30


def try_on_orders(run_id: int) -> None:
    """Replay a dry run's orders, some at a time, then its clicks, a month at a time; a restart
    begins again, since nothing is kept before the end."""
    sums, last, done = trying.Sums(), 0, 0
    with unit_of_work():
        run = db.session.get(DryRun, run_id)
        if run is None or run.is_done:
            return
        of, since = (run.brand_id, run.program_id), since_of(run)
        proposed, zone = trying.terms_from(run.proposal), identity.brand(of[0]).zone
        versions = [programs.facts_of(one) for one in programs.versions_of(of[1])]
        begins = first_counted(since, [proposed, *versions], zone)
        limits, total = Limits(since, zone, of[1]), trying.count_of(of[0], begins)
    while True:
        with unit_of_work():
            chunk = trying.chunk_of(of[0], begins, last, ORDERS_AT_ONCE)
            trying.try_on(chunk, of[1], proposed, sums, limits)
            done += len(chunk.rows)
            commands.note_progress(run_id, done, total)
            progress(done, max(done, total))
            if len(chunk.rows) < ORDERS_AT_ONCE:
                break
            last = chunk.rows[-1][0].id
    for days in click_trying.months_since(since, zone):
        with unit_of_work():
            click_trying.try_on_clicks(of[1], days, proposed, sums)
    with unit_of_work():
        commands.finish(run_id, sums)


def since_of(run: DryRun) -> datetime:
    """The first instant whose orders a run tries."""
    return run.asked_at - timedelta(days=run.months * DAYS_OF_A_MONTH)


def forget_old() -> None:
    """Delete dry runs of more than a week ago."""
    with unit_of_work():
        commands.forget_old()
