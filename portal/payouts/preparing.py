"""Prepare a run: draft it, calculate its lines, hold and include them. Callers commit."""

from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from portal.identity import queries as identity
from portal.jobs.commands import enqueue
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.paying import queries as paying
from portal.payouts import line_sets, queries, rules, steps
from portal.payouts.models import Payout, PayoutRun, PayoutStatus, RunStatus
from portal.payouts.owing_queries import Range
from portal.payouts.rules import PayoutAct, RunAct, next_payout_status
from portal.programs import queries as programs
from portal.storage.locks import lock
from portal.storage.model import db
from portal.storage.unit_of_work import savepoint

CALCULATE_JOB = "payouts.calculate_run"


def draft_run(
    brand_id: int, currency: str, label: str, cutoff_at: datetime, *, by: int | None, note: str = ""
) -> PayoutRun:
    """Open the one run of this brand and currency. Raises Conflict while another is open (P5)."""
    known = queries.open_run(brand_id, currency)
    if known is not None:
        raise Conflict(_already_open(known))
    now = clock.now()
    if cutoff_at > now:
        raise InvalidInput("cutoff", "The cut-off cannot be in the future.")
    if cutoff_at == now:  # "everything until now": what became payable at this instant is in
        cutoff_at += timedelta(microseconds=1)
    run = PayoutRun(
        brand_id=brand_id, currency=currency, label=label, cutoff_at=cutoff_at, note=note,
        status=RunStatus.DRAFT, prepared_by=by, created_at=now, round=1,
        minimum_minor=programs.minimum_payout(brand_id, currency).minor,
        pay_on=paying.pay_on_of(brand_id, identity.brand(brand_id).zone, cutoff_at),
    )  # fmt: skip
    try:
        with savepoint():
            db.session.add(run)
            db.session.flush()
    except IntegrityError:  # somebody opened one in this very moment
        known = queries.open_run(brand_id, currency)
        raise Conflict(_already_open(known) if known else "Another run was just opened.") from None
    steps.note_editor(run, by, "drafted")
    steps.note(run, by, "drafted", label=label)
    return run


def start_calculation(run_id: int, *, by: int | None) -> PayoutRun:
    """Calculate in the background: the run's page shows how far it is."""
    run = steps.step(run_id, RunAct.CALCULATE)
    steps.note_editor(run, by, "calculated")
    run.failure = ""
    enqueue(CALCULATE_JOB, {"run_id": run.id, "by": by}, dedupe=rules.calculation_of(run.id))
    return run


def calculate(run_id: int, *, by: int | None) -> PayoutRun:
    """Calculate a run here and now; for a run of thousands use `start_calculation`."""
    run = steps.step(run_id, RunAct.CALCULATE)
    steps.note_editor(run, by, "calculated")
    is_again = queries.has_lines(run.id)
    line_sets.write(run, clock.now())
    return finish_calculation(run.id, by=by, is_again=is_again)


def put_lines(run_id: int, among: Range) -> None:
    """Write or renew the lines of these creators; a line that finance holds stays held."""
    line_sets.write(queries.run(run_id), clock.now(), among)


def finish_calculation(run_id: int, *, by: int | None, is_again: bool) -> PayoutRun:
    """The lines of all creators are written: count them and open the run for review. `is_again`:
    there were lines before."""
    run = steps.step(run_id, RunAct.CALCULATED)
    run.calculated_at = clock.now()
    run.considered_count = line_sets.finish(run, is_again=is_again)
    steps.count(run)
    steps.note(run, by, "calculated", considered=run.considered_count, net_minor=run.net_minor)
    return run


def fail_calculation(run_id: int, message: str) -> None:
    """Say why a calculation stopped; nothing of it is shown."""
    run = steps.step(run_id, RunAct.CALCULATION_FAILED)
    run.failure = message
    steps.note(run, None, "calculation-failed", reason=message)


def hold(run_id: int, payout_id: int, reason: str, *, by: int) -> Payout:
    """Keep one payout out of this run, with a reason; the money stays payable."""
    run = editable(run_id, by, "held a payout")
    payout = steps.line_of(run, payout_id)
    steps.check_reason("reason", reason)
    payout.status = next_payout_status(payout.status, PayoutAct.HOLD)
    payout.held_by, payout.held_reason = by, reason.strip()
    payout.changed_at = clock.now()
    steps.count(run)
    steps.note(run, by, "payout-held", payout=payout.public_id, reason=payout.held_reason)
    return payout


def include(run_id: int, payout_id: int, *, by: int) -> Payout:
    """Take a held payout back into the run, as ready or blocked as it was calculated."""
    run = editable(run_id, by, "included a payout")
    payout = steps.line_of(run, payout_id)
    after = next_payout_status(payout.status, PayoutAct.INCLUDE)
    payout.status = PayoutStatus.BLOCKED if payout.blocked_reason else after
    payout.held_by, payout.held_reason, payout.changed_at = None, "", clock.now()
    steps.count(run)
    steps.note(run, by, "payout-included", payout=payout.public_id)
    return payout


def roll_over(run_id: int, payout_id: int, reason: str, *, by: int) -> Payout:
    """Leave one payout to the next run, for good, with a reason that the creator reads; the money
    stays payable."""
    run = editable(run_id, by, "left a payout to the next run")
    payout = steps.line_of(run, payout_id)
    steps.check_reason("rolled_reason", reason)
    payout.status = next_payout_status(payout.status, PayoutAct.ROLL_OVER)
    payout.held_by, payout.held_reason = None, ""
    payout.is_apart, payout.rolled_reason = True, reason.strip()
    payout.changed_at = clock.now()
    steps.count(run)
    steps.note(run, by, "payout-rolled-over", payout=payout.public_id, reason=payout.rolled_reason)
    return payout


def editable(run_id: int, by: int, act: str) -> PayoutRun:
    """A run in review, locked, of which this person is an editor now. Raises Conflict."""
    run = lock(PayoutRun, run_id)
    if not run.is_editable:
        raise Conflict(f"This run is {rules.words(run.status)}: its payouts are locked.")
    steps.note_editor(run, by, act)
    return run


def _already_open(known: PayoutRun) -> str:
    return (
        f"The run {known.label} in {known.currency} is still {rules.words(known.status)}. "
        "Finish or cancel it before you start another."
    )
