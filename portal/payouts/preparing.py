"""Prepare a run: draft it, calculate its lines, hold and include them. Callers commit."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from portal.jobs.commands import enqueue
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.paying.models import FeeBearer
from portal.payouts import candidate_queries as candidates
from portal.payouts import queries, rules, steps
from portal.payouts.candidate_queries import Found
from portal.payouts.models import Payout, PayoutRun, PayoutStatus, RunStatus
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
    found = candidates.of_run(run, clock.now())
    put_lines(run.id, found)
    return finish_calculation(run.id, [line.creator_id for line in found], by=by)


def put_lines(run_id: int, found: Sequence[Found]) -> None:
    """Write or renew these creators' lines; a line that finance holds stays held."""
    known = {
        payout.creator_id: payout
        for payout in db.session.scalars(
            select(Payout).where(
                Payout.run_id == run_id, Payout.creator_id.in_([f.creator_id for f in found])
            )
        )
    }
    run, new = queries.run(run_id), []
    shared = {"run_id": run_id, "brand_id": run.brand_id, "currency": run.currency}
    for line in found:
        payout = known.get(line.creator_id)
        if payout is None:
            new.append({**shared, "creator_id": line.creator_id, **_values_of(line)})
            continue
        values = _values_of(line)
        if payout.status is PayoutStatus.HELD:
            del values["status"]
        for name, value in values.items():
            setattr(payout, name, value)
    db.session.flush()
    if new:  # thousands of rows: as one statement, without the ORM (PERFORMANCE C)
        table: Any = Payout.__table__
        db.session.execute(insert(table), new)


def finish_calculation(run_id: int, considered: Collection[int], *, by: int | None) -> PayoutRun:
    """The lines of all these creators are written: count them and open the run for review."""
    run = steps.step(run_id, RunAct.CALCULATED)
    _drop_lines_except(run, frozenset(considered))
    run.calculated_at, run.considered_count = clock.now(), len(considered)
    steps.count(run)
    steps.note(run, by, "calculated", considered=len(considered), net_minor=run.net_minor)
    return run


def fail_calculation(run_id: int, message: str) -> None:
    """Say why a calculation stopped; nothing of it is shown."""
    run = steps.step(run_id, RunAct.CALCULATION_FAILED)
    run.failure = message
    steps.note(run, None, "calculation-failed", reason=message)


def hold(run_id: int, payout_id: int, reason: str, *, by: int) -> Payout:
    """Keep one payout out of this run, with a reason; the money stays payable."""
    run = _editable(run_id, by, "held a payout")
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
    run = _editable(run_id, by, "included a payout")
    payout = steps.line_of(run, payout_id)
    after = next_payout_status(payout.status, PayoutAct.INCLUDE)
    payout.status = PayoutStatus.BLOCKED if payout.blocked_reason else after
    payout.held_by, payout.held_reason, payout.changed_at = None, "", clock.now()
    steps.count(run)
    steps.note(run, by, "payout-included", payout=payout.public_id)
    return payout


def _editable(run_id: int, by: int, act: str) -> PayoutRun:
    run = lock(PayoutRun, run_id)
    if not run.is_editable:
        raise Conflict(f"This run is {rules.words(run.status)}: its payouts are locked.")
    steps.note_editor(run, by, act)
    return run


def _values_of(line: Found) -> dict[str, Any]:
    reason = line.blocked[0] if line.blocked else None
    to, left = line.destination, line.leaving
    return {
        "status": PayoutStatus.BLOCKED if reason else PayoutStatus.READY,
        "blocked_reason": reason,
        "creator_name": line.name,
        "cautions": "".join(f" {caution.value}" for caution in line.cautions) + " ",
        "amount_minor": (line.amount - line.withheld).minor,
        "withheld_minor": line.withheld.minor,
        "adjustments_minor": line.adjustments.minor,
        "gross_minor": (line.amount - line.adjustments).minor,
        "previous_minor": line.previous.minor if line.previous else None,
        "usual_minor": line.usual.minor if line.usual else None,
        "commission_count": line.commission_count,
        "up_to_entry_id": line.up_to_entry_id,
        "changed_at": clock.now(),
        "fee_minor": left.fee.minor if left else 0,
        "fee_bearer": left.bearer if left else FeeBearer.BRAND,
        "pays_minor": left.pays.minor if left else None,
        "pays_currency": left.pays.currency if left else None,
        "rate_millionths": left.rate_millionths if left else None,
        "rate_on": left.rate_on if left else None,
        "rail": to.rail.value if to else "",
        "account_ref": to.account_ref if to else "",
        "account_label": to.label if to else "",
        "account_changed_at": to.changed_at if to else None,
    }


def _drop_lines_except(run: PayoutRun, creator_ids: frozenset[int]) -> None:
    # Lines of an earlier calculation; never deleted, since their ids stand in ledger references.
    db.session.flush()
    rows = db.session.execute(select(Payout.id, Payout.creator_id).where(Payout.run_id == run.id))
    gone = [payout_id for payout_id, creator_id in rows if creator_id not in creator_ids]
    for payout_id in gone:
        lock(Payout, payout_id).status = PayoutStatus.CANCELLED


def _already_open(known: PayoutRun) -> str:
    return (
        f"The run {known.label} in {known.currency} is still {rules.words(known.status)}. "
        "Finish or cancel it before you start another."
    )
