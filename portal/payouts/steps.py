"""What every act on a run has in common: lock and step, count, note. Callers commit."""

from portal.audit import commands as audit
from portal.kernel import clock
from portal.kernel.errors import InvalidInput, NotAllowed
from portal.payouts import control, queries, rules
from portal.payouts.models import Payout, PayoutRun, PayoutRunEditor
from portal.payouts.rules import RunAct, next_run_status
from portal.storage.locks import lock
from portal.storage.model import db

REASON_LEAST = 3


def step(run_id: int, act: RunAct) -> PayoutRun:
    """Lock a run and take it one step further. Raises Conflict when its state forbids it."""
    run = lock(PayoutRun, run_id)
    run.status = next_run_status(run.status, act)
    return run


def line_of(run: PayoutRun, payout_id: int) -> Payout:
    """One payout of this run, locked."""
    payout = lock(Payout, payout_id)
    assert payout.run_id == run.id, "the payout belongs to another run"
    return payout


def count(run: PayoutRun) -> None:
    """Bring the run's figures up to date with its lines."""
    db.session.flush()
    totals = control.totals(run)
    run.payout_count, run.gross_minor = totals.count, totals.gross.minor
    run.adjustments_minor, run.net_minor = totals.adjustments.minor, totals.net.minor


def note(run: PayoutRun, by: int | None, what: str, **facts: object) -> None:
    """Write the audit trail: "payout-run.<what>"."""
    audit.note(by, f"payout-run.{what}", run.id, brand_id=run.brand_id, **facts)


def note_editor(run: PayoutRun, by: int | None, act: str) -> None:
    """Whoever touched a run never approves it (R87)."""
    if by is None or by in queries.editors_of(run.id):
        return
    db.session.add(PayoutRunEditor(run_id=run.id, user_id=by, act=act, first_at=clock.now()))
    db.session.flush()


def refuse_own(run: PayoutRun, by: int) -> None:
    """Raises NotAllowed for whoever prepared, edited or submitted the run."""
    refusal = rules.approval_refusal(by, queries.editors_of(run.id))
    if refusal:
        raise NotAllowed(refusal)


def check_reason(field: str, text: str) -> None:
    """Raises InvalidInput for the field unless something readable was written."""
    if len(text.strip()) < REASON_LEAST:
        raise InvalidInput(field, f"Write a {field}, so that others can follow the decision.")
