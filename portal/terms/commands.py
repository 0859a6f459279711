"""Ask for a dry run, note how far it is, keep its sums for a week."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete

from portal.jobs.commands import enqueue
from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.programs import queries as programs
from portal.programs.rules import TermsFacts
from portal.storage.changes import change
from portal.storage.locks import lock
from portal.storage.model import db
from portal.terms import trying
from portal.terms.models import DryRun, DryRunStatus
from portal.terms.trying import Sums

MOST_MONTHS = 12
KEPT = timedelta(days=7)
JOB = "terms.try_on_orders"


def ask_dry_run(
    program_id: int, proposed: TermsFacts, months: int, *, by: int,
    typed: Sequence[tuple[str, str]] = (),
) -> DryRun:  # fmt: skip
    """Try these terms on the orders of the last months; the worker does it. Publishes nothing.

    `typed` is the form, to go on with it. Raises InvalidInput for a number of months that is none.
    """
    if not 1 <= months <= MOST_MONTHS:
        raise InvalidInput("months", f"Try between 1 and {MOST_MONTHS} months.")
    program = programs.program(program_id)
    run = DryRun(
        brand_id=program.brand_id, program_id=program.id, months=months,
        proposal=trying.plain_of(proposed), typed=[list(pair) for pair in typed],
        status=DryRunStatus.QUEUED, asked_at=clock.now(), asked_by=by,
    )  # fmt: skip
    db.session.add(run)
    db.session.flush()
    enqueue(JOB, {"run_id": run.id})
    return run


def note_progress(run_id: int, done: int, total: int) -> None:
    """How many orders a run has gone through."""
    run = lock(DryRun, run_id)
    run.status, run.orders_done, run.orders_total = DryRunStatus.RUNNING, done, max(done, total)


def finish(run_id: int, sums: Sums) -> DryRun:
    """Keep a run's sums. Repeating it changes nothing."""
    run = lock(DryRun, run_id)
    if run.is_done:
        return run
    run.status, run.finished_at = DryRunStatus.DONE, clock.now()
    run.orders_done = run.orders_total = max(run.orders_done, sums.orders)
    rows: list[list[Any]] = [[currency, who, *sums.of[currency, who]] for currency, who in sums.of]
    capped = [[currency, who, *sums.capped[currency, who]] for currency, who in sums.capped]
    run.result = {
        "orders": sums.orders, "changed": sums.changed, "rows": sorted(rows),
        "capped": sorted(capped),
    }  # fmt: skip
    return run


def forget_old() -> int:
    """Delete runs of more than a week ago; returns how many."""
    return change(delete(DryRun).where(DryRun.asked_at < clock.now() - KEPT))
