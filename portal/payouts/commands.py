"""What people do with runs: submit, return, approve, pause, stop, retry, close.

Preparing stands in `preparing`, the money moves in `sending`; both are part of these commands.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from portal.identity import queries as identity
from portal.jobs.commands import announce, enqueue
from portal.kernel import clock
from portal.kernel.errors import Conflict, NotAllowed
from portal.kernel.money import Money
from portal.ledger.commands import Overdrawn
from portal.paying import queries as paying
from portal.payouts import (
    control,
    fee_queries,
    line_sets,
    outside_rules,
    queries,
    rules,
    sending,
    setting_aside,
    starting,
    steps,
)
from portal.payouts.arriving import assume_arrived as assume_arrived
from portal.payouts.arriving import doubt as doubt
from portal.payouts.claiming import claim_each as claim_each
from portal.payouts.events import (
    PayoutRunApproved,
    PayoutRunDiffers,
    PayoutRunFinished,
    PayoutRunPaused,
    PayoutRunReturned,
    PayoutRunSubmitted,
)
from portal.payouts.models import Payout, PayoutRun, PayoutRunEditor, PayoutStatus, RunStatus
from portal.payouts.preparing import calculate as calculate
from portal.payouts.preparing import draft_run as draft_run
from portal.payouts.preparing import fail_calculation as fail_calculation
from portal.payouts.preparing import finish_calculation as finish_calculation
from portal.payouts.preparing import hold as hold
from portal.payouts.preparing import include as include
from portal.payouts.preparing import put_lines as put_lines
from portal.payouts.preparing import roll_over as roll_over
from portal.payouts.preparing import start_calculation as start_calculation
from portal.payouts.rules import PayoutAct, RunAct, next_payout_status, next_run_status
from portal.payouts.sending import arrive as arrive
from portal.payouts.sending import hand_over as hand_over
from portal.payouts.sending import lose as lose
from portal.payouts.sending import postpone as postpone
from portal.payouts.sending import put_back_each as put_back_each
from portal.payouts.sending import record_found as record_found
from portal.payouts.sending import record_return as record_return
from portal.payouts.sending import release as release
from portal.payouts.sending import reserve as reserve
from portal.payouts.sending import send_soon as send_soon
from portal.payouts.settling import settle as settle
from portal.payouts.settling import settle_each as settle_each
from portal.payouts.starting import begin_execution as begin_execution
from portal.payouts.starting import pause_short as pause_short
from portal.payouts.starting import send_now as send_now
from portal.payouts.steps import check_reason as check_reason
from portal.payouts.stopping import release_sending as release_sending
from portal.sending_stops import queries as stops
from portal.storage.locks import lock
from portal.storage.model import db
from portal.storage.unit_of_work import savepoint


# ---- deciding
def submit_run(
    run_id: int,
    note: str,
    *,
    by: int,
    shown: tuple[int, int] | None = None,
    pay_on: date | None = None,
) -> PayoutRun:
    """Lock the lines and set their money aside, creator by creator, for an approver to decide.

    `shown` is what the preparer read, (payouts, net in minor units); None where nobody read it.
    `pay_on` is another pay date than the run's; one that has passed becomes today. Raises
    InvalidInput for a pay date that cannot be, and Conflict when the run is another one by now,
    or refunds, account changes or a pay date of another tax year have overtaken the calculation.
    """
    run = steps.step(run_id, RunAct.SUBMIT)
    run.pay_on = starting.checked_day(run, pay_on)
    steps.note_editor(run, by, "submitted")
    steps.count(run)
    if shown is not None and shown != (run.payout_count, run.net_minor):
        raise Conflict(
            f"This run changed since you opened it: it is {run.net} for {run.payout_count} of its "
            "creators now. Look at it again, then submit."
        )
    if not run.payout_count:
        raise Conflict("No payout of this run is ready, so there is nothing to submit.")
    stale = line_sets.stale(run, clock.now())
    if stale:
        raise Conflict(
            f"Refunds, account changes or another pay date overtook {stale} of the payouts since "
            "this run was calculated. Recalculate it, then submit."
        )
    _reserve_all(run)
    run.note, run.return_note, run.returned_by = note.strip(), "", None
    run.submitted_by, run.submitted_at = by, clock.now()
    run.control_hash = control.recomputed_hash(run)
    steps.note(run, by, "submitted", net_minor=run.net_minor, count=run.payout_count,
          control_hash=run.control_hash, pay_on=run.pay_on.isoformat())  # fmt: skip
    announce(PayoutRunSubmitted(run.id))
    return run


def recall(run_id: int, *, by: int) -> PayoutRun:
    """The preparer takes a submitted run back into review; the money is payable again."""
    run = steps.step(run_id, RunAct.RECALL)
    _reopen(run)
    steps.note_editor(run, by, "recalled")
    steps.note(run, by, "recalled")
    return run


def return_run(run_id: int, comment: str, *, by: int) -> PayoutRun:
    """The approver sends a run back with a comment; the money is payable again."""
    run = steps.step(run_id, RunAct.RETURN)
    steps.check_reason("comment", comment)
    steps.refuse_own(run, by)
    _reopen(run)
    run.return_note, run.returned_by = comment.strip(), by
    steps.note(run, by, "returned", comment=run.return_note)
    announce(PayoutRunReturned(run.id))
    return run


def approve_run(
    run_id: int, control_hash: str, *, by: int, funds: Money | None = None
) -> PayoutRun:
    """Release the money: bound to the very lines that the page showed (R86, R87).

    `funds` is what the rail held when it was asked, just before; None when no payout of the run
    goes by a rail with a balance. Raises NotAllowed for whoever prepared or changed the run, and
    Conflict when the lines, their sums or the money set aside are not those of the page. Above the
    brand's limit the first approval is noted, and somebody else has to give the second (R87).
    """
    run = steps.step(run_id, RunAct.APPROVE)
    steps.refuse_own(run, by)
    stops.refuse("approve this run")
    _check_unchanged(run, control_hash)
    starting.check_year(run)
    starting.check_funds(run, funds, "approve")
    if _waits_for_second(run, by):
        return run
    steps.set_all(run, (PayoutStatus.READY,), PayoutAct.QUEUE)
    run.approved_by, run.approved_at = by, clock.now()
    starting.begin_later(run)
    steps.note(run, by, "approved", net_minor=run.net_minor, count=run.payout_count,
          control_hash=control_hash)  # fmt: skip
    announce(PayoutRunApproved(run.id))
    return run


def cancel(run_id: int, *, by: int) -> PayoutRun:
    """Give a run up; whatever it had set aside is payable again."""
    run = steps.step(run_id, RunAct.CANCEL)
    setting_aside.give_back(run)
    steps.set_all(
        run, (PayoutStatus.READY, PayoutStatus.BLOCKED, PayoutStatus.HELD), PayoutAct.CANCEL
    )
    steps.note(run, by, "cancelled")
    return run


# ---- while it is sent
def pause(run_id: int, *, by: int) -> PayoutRun:
    """Send nothing new; what is with the provider is still brought to its end."""
    run = steps.step(run_id, RunAct.PAUSE)
    steps.note(run, by, "paused")
    announce(PayoutRunPaused(run.id, by, int(clock.now().timestamp())))
    return run


def resume(run_id: int, *, by: int, funds: Money | None = None) -> PayoutRun:
    """Go on sending a paused run. `funds` is what the rail holds, where the run waited for it;
    raises Conflict while that is too little. A run of which nothing was sent and whose approval
    has lapsed meanwhile waits for another one instead (UX 6.11)."""
    if starting.lapse_short(run_id):
        return queries.run(run_id)
    run = steps.step(run_id, RunAct.RESUME)
    stops.refuse("resume this run")
    starting.check_funds(run, funds, "resume")
    run.failure, run.started_at = "", run.started_at or clock.now()
    starting.go_on(run)
    steps.note(run, by, "resumed")
    return run


def stop(run_id: int, *, by: int) -> PayoutRun:
    """Send nothing more, for good: what was not sent is payable again in the next run."""
    run = steps.step(run_id, RunAct.STOP)
    run.finished_at = clock.now()
    enqueue(sending.FREE_JOB, {"run_id": run.id}, dedupe=f"run:{run.id}:free")
    steps.note(run, by, "stopped")
    return run


def free_unsent(run_id: int, payout_ids: Sequence[int]) -> None:
    """Give back what a stopped run never sent; it rolls over into the next run."""
    unsent = queries.queued_of(run_id, payout_ids)
    setting_aside.give_back(queries.run(run_id), unsent)
    _set_some(unsent, PayoutStatus.QUEUED, PayoutAct.ROLL_OVER)


def finish_if_done(run_id: int) -> bool:
    """End an executing run when each of its payouts has an end. True if it did."""
    if queries.has_waiting(run_id):
        return False
    run = lock(PayoutRun, run_id)
    if run.status is not RunStatus.EXECUTING or queries.has_waiting(run_id):
        return False
    has_failures = queries.has_status(run_id, PayoutStatus.FAILED)
    act = RunAct.FINISH_WITH_FAILURES if has_failures else RunAct.FINISH
    run.status, run.finished_at = next_run_status(run.status, act), clock.now()
    run.fees_minor = fee_queries.taken(run).minor
    steps.note(run, None, "finished", with_failures=has_failures)
    announce(PayoutRunFinished(run.id))
    return True


# ---- afterwards
def retry_failed(run_id: int, *, by: int) -> tuple[int, int]:
    """Send again what may be sent again under the same approval, as the next attempt under a new
    key. Returns (sent again, left as they are). Raises Conflict when there is nothing to send."""
    run = lock(PayoutRun, run_id)
    other = queries.open_run(run.brand_id, run.currency)
    if other is not None and other.id != run.id:
        raise Conflict(
            f"The run {other.label} is open, and it can pay these too. Finish or cancel it first, "
            "or leave the failed payouts to it."
        )
    stops.refuse("retry them")
    failed = queries.batch_of(run.id, PayoutStatus.FAILED, 0, 10_000)
    again = [payout_id for payout_id in failed if _retry(run, payout_id)]
    if not again:
        raise Conflict("None of the failed payouts can be sent again as it is.")
    if run.status is not RunStatus.EXECUTING:
        _reopen_for_retry(run)
    sending.send_soon(again)
    steps.note(run, by, "failed-retried", count=len(again))
    return len(again), len(failed) - len(again)


def roll_over_failed(run_id: int, *, by: int) -> int:
    """Decide that what failed is left to the next run, where the money is payable already."""
    run = lock(PayoutRun, run_id)
    count = steps.set_all(run, (PayoutStatus.FAILED,), PayoutAct.ROLL_OVER)
    if count:
        steps.note(run, by, "failed-rolled-over", count=count)
    return count


def mark_outside(
    run_id: int, payout_id: int, reference: str, *, by: int, on: date | None = None, note: str = ""
) -> Payout:
    """A second person confirms that this payout was paid another way, under a reference, on a day
    (today when not said), which is the day that counts for tax.

    For payouts of the manual rail and for failed ones; and for a ready one of a run in review, of
    which it then is no part any more: that changes the run, so she cannot approve it (R87). Raises
    NotAllowed for whoever prepared or changed the run, InvalidInput for a reference or day that
    cannot be, Conflict when less is owed by now.
    """
    run = lock(PayoutRun, run_id)
    steps.refuse_preparer(run, by)
    if run.status not in outside_rules.TIMES:
        raise Conflict(f"This run is {rules.words(run.status)}: nothing can be marked as paid now.")
    payout = steps.line_of(run, payout_id)
    if payout.status is PayoutStatus.QUEUED and payout.rail != "manual":
        raise Conflict("This payout is being sent by its rail, so it cannot be paid another way.")
    steps.check_reason("reference", reference)
    today = clock.today(identity.brand(run.brand_id).zone)
    outside_rules.check_day(on or today, today)
    if run.is_editable:
        steps.note_editor(run, by, PayoutRunEditor.MARKED)
    payout.outside_on, payout.outside_note = on or today, note.strip()
    _pay_outside(run, payout, reference.strip())
    steps.note(
        run, by, "payout-marked-outside", payout=payout.public_id, reference=reference.strip()
    )
    finish_if_done(run.id)
    return payout


def record_fee(payout_id: int, fee_minor: int, currency: str) -> bool:
    """What a rail took, as it reports it, when the brand's terms named no fee (R93): the brand
    bears it. False when a fee was recorded before, or it is in another currency."""
    return sending.record_fee(payout_id, Money(abs(fee_minor), currency))


def check_second(run_id: int, by: int) -> None:
    """Raises NotAllowed for whoever prepared or changed a run: what became of its money is a
    second person's word (R87)."""
    steps.refuse_own(lock(PayoutRun, run_id), by)


def note_trouble(run_id: int, wrong: Sequence[str]) -> PayoutRun:
    """Say on the run's page why it does not start: something in the books is wrong."""
    run = lock(PayoutRun, run_id)
    if run.failure != wrong[0]:
        run.failure = wrong[0]
        steps.note(run, None, "books-wrong", reason=wrong[0], count=len(wrong))
    return run


def note_asked(run_id: int, instance: str) -> None:
    """This installation knows what the rails sent for the run; it need not ask again (P15)."""
    lock(PayoutRun, run_id).instance = instance


def note_reconciled(
    run_id: int, matched: int, difference: Money, wrong: Sequence[str] = ()
) -> PayoutRun:
    """Keep what comparing the ledger with the provider gave, and what is wrong in the books."""
    run = lock(PayoutRun, run_id)
    run.failure = wrong[0] if wrong else ""
    run.reconciled_at, run.reconciled_count = clock.now(), matched
    if difference.minor and difference.minor != run.difference_minor:
        announce(PayoutRunDiffers(run.id, difference.minor))
    run.difference_minor, run.fees_minor = difference.minor, fee_queries.taken(run).minor
    steps.note(run, None, "reconciled", matched=matched, difference_minor=difference.minor)
    return run


def explain_difference(run_id: int, why: str, *, by: int) -> PayoutRun:
    """Write why ledger and rails differ by exactly this; another difference needs a new reason."""
    run = lock(PayoutRun, run_id)
    if run.reconciled_at is None or not run.difference_minor:
        raise Conflict("There is no difference to explain.")
    steps.check_reason("explanation", why)
    run.explained_minor, run.explained_by = run.difference_minor, by
    run.explanation = why.strip()
    steps.note(run, by, "difference-explained", reason=run.explanation,
               difference_minor=run.difference_minor)  # fmt: skip
    return run


def note_exported(run_id: int, *, by: int) -> PayoutRun:
    """The journal of the run was taken over into the books outside."""
    run = lock(PayoutRun, run_id)
    run.exported_at = clock.now()
    steps.note(run, by, "journal-exported")
    return run


def close(run_id: int, *, by: int) -> PayoutRun:
    """Close a finished run for good. Raises Conflict naming what its checklist still lacks."""
    run = lock(PayoutRun, run_id)
    after = next_run_status(run.status, RunAct.CLOSE)
    left = [item.title for item in control.checklist(run) if not item.is_done]
    if left:
        raise Conflict(f"Before closing: {', '.join(left).lower()}.")
    run.status, run.closed_by, run.closed_at = after, by, clock.now()
    steps.note(run, by, "closed")
    return run


# ---- inside
def _pay_outside(run: PayoutRun, payout: Payout, reference: str) -> None:
    payout.is_apart = run.is_editable
    try:
        sending.pay_outside(payout.id, reference)
    except Overdrawn:
        raise Conflict(
            "A refund has lowered what is owed to her since, so this amount cannot be marked as "
            "paid. The next run, or this one calculated again, says what is owed now."
        ) from None
    if payout.is_apart:
        steps.count(run)


def _waits_for_second(run: PayoutRun, by: int) -> bool:
    if run.first_approved_by == by:  # also when she raised the limit since
        raise NotAllowed(
            "This run was above the brand’s limit when you approved it, so a second person has to "
            "approve it as well. You gave the first approval."
        )
    most = paying.second_above(run.brand_id, run.currency)
    if most is None or run.net <= most or run.first_approved_by is not None:
        return False
    run.status = RunStatus.AWAITING_APPROVAL
    run.first_approved_by, run.first_approved_at = by, clock.now()
    steps.note(run, by, "approved-first", net_minor=run.net_minor, limit=str(most))
    return True


def _set_some(payout_ids: Sequence[int], status: PayoutStatus, act: PayoutAct) -> None:
    db.session.execute(
        update(Payout)
        .where(Payout.id.in_(payout_ids))
        .values(status=next_payout_status(status, act), changed_at=clock.now())
        .execution_options(synchronize_session="fetch")
    )


def _check_unchanged(run: PayoutRun, control_hash: str) -> None:
    totals, off = control.totals(run), control.reserve_difference(run)
    if totals.net != run.net or off:
        raise Conflict(
            f"The lines sum to {totals.net}, the run says {run.net}, and what is set aside "
            f"differs by {off}. Return the run, so that it is calculated again."
        )
    if control_hash != run.control_hash or control_hash != control.recomputed_hash(run):
        raise Conflict(
            f"This run changed since you opened it: it is {run.net} now. Review it again."
        )


def _reserve_all(run: PayoutRun) -> None:
    try:
        setting_aside.set_aside(run)
    except Overdrawn:
        raise Conflict(
            "A refund has just lowered a balance of this run. Recalculate it, then submit."
        ) from None


def _reopen(run: PayoutRun) -> None:
    setting_aside.give_back(run)
    run.round += 1
    run.control_hash, run.submitted_at, run.submitted_by = "", None, None
    run.first_approved_by = run.first_approved_at = None


def _reopen_for_retry(run: PayoutRun) -> None:
    try:
        with savepoint():
            run.status = next_run_status(run.status, RunAct.RETRY)
            run.finished_at = run.reconciled_at = None
            db.session.flush()
    except IntegrityError:  # somebody opened another run in this very moment
        raise Conflict("Another run was just opened. Leave the failed payouts to it.") from None


def _retry(run: PayoutRun, payout_id: int) -> bool:
    payout = lock(Payout, payout_id)
    tries = len(queries.attempts_of(payout.id))
    if rules.retry_refusal(tries, payout.is_retryable, run.sent_from, clock.now()):
        return False
    try:
        with savepoint():
            payout.attempt += 1
            payout.status = next_payout_status(payout.status, PayoutAct.RETRY)
            payout.refusal_code, payout.refusal = "", ""
            db.session.flush()
            reserve(payout.id)
    except Overdrawn:  # a refund, or another run, was faster
        db.session.refresh(payout)
        return False
    return True
