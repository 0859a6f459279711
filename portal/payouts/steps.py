"""What every act on a run has in common: lock and step, count, note. Callers commit."""

from collections.abc import Sequence

from sqlalchemy import select, update

from portal.audit import commands as audit
from portal.kernel import clock
from portal.kernel.errors import InvalidInput, NotAllowed
from portal.payouts import control, queries, rules
from portal.payouts.models import Payout, PayoutRun, PayoutRunEditor, PayoutStatus
from portal.payouts.rules import PayoutAct, RunAct, next_payout_status, next_run_status
from portal.storage.changes import change
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
    run.fees_minor = totals.fees.minor


def set_all(run: PayoutRun, statuses: Sequence[PayoutStatus], act: PayoutAct) -> int:
    """One act on every payout of the run in these states, in one statement each."""
    count = 0
    for status in statuses:
        count += change(
            update(Payout)
            .where(Payout.run_id == run.id, Payout.status == status)
            .values(status=next_payout_status(status, act), changed_at=clock.now())
        )
    db.session.flush()
    db.session.expire_all()  # whatever is loaded must show the new states
    return count


def note(run: PayoutRun, by: int | None, what: str, **facts: object) -> None:
    """Write the audit trail: "payout-run.<what>"."""
    audit.note(by, f"payout-run.{what}", run.id, brand_id=run.brand_id, **facts)


def note_editor(run: PayoutRun, by: int | None, act: str) -> None:
    """Whoever touched a run never approves it (R87)."""
    if by is None:
        return
    known = db.session.scalar(
        select(PayoutRunEditor).where(
            PayoutRunEditor.run_id == run.id, PayoutRunEditor.user_id == by
        )
    )
    if known is None:
        db.session.add(PayoutRunEditor(run_id=run.id, user_id=by, act=act, first_at=clock.now()))
    elif known.act == PayoutRunEditor.MARKED:  # from now on she is one of those who prepared it
        known.act = act
    db.session.flush()


def refuse_own(run: PayoutRun, by: int) -> None:
    """Raises NotAllowed for whoever prepared, edited or submitted the run."""
    acts = queries.acts_of(run.id)
    refusal = rules.approval_refusal(by, acts, queries.markers_in(acts))
    if refusal:
        raise NotAllowed(refusal)


def refuse_preparer(run: PayoutRun, by: int) -> None:
    """As `refuse_own`, but who has only marked payouts of it as paid may mark another one."""
    acts = queries.acts_of(run.id)
    refusal = rules.approval_refusal(by, acts.keys() - queries.markers_in(acts))
    if refusal:
        raise NotAllowed(refusal)


def check_reason(field: str, text: str) -> None:
    """Raises InvalidInput for the field unless something readable was written."""
    if len(text.strip()) < REASON_LEAST:
        word = field.rpartition("_")[2]  # "rolled_reason" is a reason as well
        raise InvalidInput(field, f"Write a {word}, so that others can follow the decision.")
