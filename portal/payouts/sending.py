"""The money moves: reserve, claim, settle, release, and what comes back. Callers commit."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, text

from portal.audit import commands as audit
from portal.jobs.commands import announce, enqueue
from portal.kernel import clock
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import commands as ledger
from portal.paying.models import FeeBearer
from portal.payouts import outflow, rules, setting_aside, settling, wording
from portal.payouts.events import PayoutFailed, PayoutReturned
from portal.payouts.models import (
    TOLD_REFERENCE,
    AttemptState,
    Payout,
    PayoutAttempt,
    PayoutRun,
    PayoutStatus,
    RunStatus,
)
from portal.payouts.provider import FoundTransfer
from portal.payouts.rules import PayoutAct, next_payout_status
from portal.storage.locks import lock
from portal.storage.model import db
from portal.tax import entry_commands as tax

SEND_JOB, BATCH_JOB = "payouts.send_payout", "payouts.send_batch"
FREE_JOB = "payouts.free_stopped"
IDS_AT_ONCE = 500
# A batch is at most two seconds of the rail's time: a killed worker leaves no more unanswered.
BATCH, BATCH_SECONDS, AT_ONCE = 50, 2, 4


def reserve(payout_id: int) -> None:
    """Set the money aside: when the run is submitted, and before a retry. Nothing else can spend
    it now, and a later refund falls into the next run (R86). Raises Overdrawn."""
    payout = lock(Payout, payout_id)
    assert not payout.is_reserved, "a payout is reserved once per attempt"
    owed = accounts.payable(payout.brand_id, payout.creator_id)
    committed = accounts.committed(payout.brand_id, payout.creator_id)
    _post(payout, "reserved", [(owed, committed, payout.owed)], must_cover=(owed,))
    payout.is_reserved, payout.changed_at = True, clock.now()


def hand_over(payout_id: int, provider_ref: str) -> None:
    """The rail has the order and tells its end later; the money stays set aside until then."""
    payout = lock(Payout, payout_id)
    payout.status = next_payout_status(payout.status, PayoutAct.HAND_OVER)
    payout.provider_ref, payout.changed_at = provider_ref, clock.now()
    _end_attempt(payout, AttemptState.HANDED, provider_ref=provider_ref)


def arrive(payout_id: int) -> None:
    """The rail's word that it arrived, not an assumption."""
    payout = lock(Payout, payout_id)
    if payout.status is PayoutStatus.SENT:
        payout.status = next_payout_status(payout.status, PayoutAct.ARRIVE)
        payout.changed_at = clock.now()


def release(payout_id: int, message: str, *, code: str, is_retryable: bool) -> None:
    """The rail said no, for certain: the money is the creator's again. A retry is the next
    attempt, reserved again under a new key."""
    payout = lock(Payout, payout_id)
    payout.status = next_payout_status(payout.status, PayoutAct.RELEASE)
    _end_attempt(payout, AttemptState.REFUSED, error=f"{code}: {message}")
    fail(payout, code, message, is_retryable=is_retryable)


def fail(payout: Payout, code: str, message: str, *, is_retryable: bool) -> None:
    """Nothing was sent, for certain: the money of this locked payout is the creator's again."""
    committed = accounts.committed(payout.brand_id, payout.creator_id)
    owed = accounts.payable(payout.brand_id, payout.creator_id)
    _post(payout, "failed", [(committed, owed, payout.owed)], must_cover=(committed,))
    payout.is_reserved, payout.changed_at = False, clock.now()
    payout.refusal_code, payout.refusal, payout.is_retryable = code, message, is_retryable
    audit.note(None, "payout.failed", payout.id, brand_id=payout.brand_id, code=code,
               attempt=payout.attempt)  # fmt: skip
    setting_aside.look_for_disputes(payout.run_id)
    announce(PayoutFailed(payout.id, wording.refusal_of(code).is_creators_to_fix))


def lose(payout_id: int, message: str) -> None:
    """Nobody knows what the rail did: not a failure. The rail is asked before anything is sent
    again, for as long as it takes."""
    payout = lock(Payout, payout_id)
    payout.status = next_payout_status(payout.status, PayoutAct.LOSE)
    payout.refusal, payout.changed_at = message, clock.now()
    attempt = _attempt(payout)
    assert attempt is not None
    attempt.state, attempt.error = AttemptState.UNKNOWN, message
    _ask_again(payout, rules.ask_again_in(attempt.tries))


def postpone(payout_id: int, seconds: int) -> None:
    """The rail was too busy and did nothing: back into the queue, same attempt, same key."""
    run = _locked_run_of(payout_id)
    payout = _requeue(payout_id)
    spread = timedelta(milliseconds=payout.id * 37 % 1000)  # so that not all come back at once
    _ask_again(payout, timedelta(seconds=max(seconds, 1)) + spread)
    _free_if_stopped(run)


def put_back_each(payout_ids: Sequence[int]) -> None:
    """These new ones of one run were claimed, and never called: back into the queue."""
    if not payout_ids:
        return
    run = _locked_run_of(payout_ids[0])
    back = [_requeue(payout_id).id for payout_id in sorted(payout_ids)]
    if run.status is RunStatus.EXECUTING:  # a paused one queues them when it goes on
        send_soon(back)
    _free_if_stopped(run)


def record_found(payout_id: int, found: FoundTransfer) -> bool:
    """Settle a payout that the rail turns out to have sent already (after a restore, or a lost
    answer): a waiting one, or a failed one whose retry is forgotten here. False when it has
    another end, or the transfer is of another amount. Raises Overdrawn when the money given back
    is spent already."""
    payout = lock(Payout, payout_id)
    sent_later = (PayoutStatus.QUEUED, PayoutStatus.UNKNOWN, PayoutStatus.FAILED)
    if payout.status not in sent_later or payout.pays != found.amount:
        return False
    if payout.status is PayoutStatus.FAILED:
        payout.attempt = max(found.attempt, payout.attempt + 1)
        payout.status = next_payout_status(payout.status, PayoutAct.RETRY)
        reserve(payout.id)
    payout.status = next_payout_status(payout.status, PayoutAct.CLAIM)
    settling.settle(payout.id, found.provider_ref)
    return True


def record_return(provider_ref: str, returned: Money | None = None) -> Payout:
    """Money that was sent came back: `returned` in all so far, or all that was sent.

    It is payable again, at the rate it left with (R96) and less a fee she bore; a payout that came
    back whole is RETURNED, never paid (R89). Repeating a report changes nothing. Raises NotFound
    for a reference that is not ours (yet).
    """
    payout_id = db.session.scalar(
        select(Payout.id).where(Payout.provider_ref == provider_ref, text(TOLD_REFERENCE))
    )
    if payout_id is None:
        raise NotFound("No payout of ours was sent under this reference.")
    payout = lock(Payout, payout_id)
    if payout.status is PayoutStatus.HANDED:
        raise Conflict("This payout waits for its rail’s word, so nothing can have come back.")
    total = rules.returned_of(returned or payout.pays, payout.pays, payout.carried)
    before = Money(payout.returned_minor, payout.currency)
    back = total - before
    if back <= Money.zero(payout.currency):
        return payout
    if total == payout.carried:
        payout.status = next_payout_status(payout.status, PayoutAct.RETURN)
    committed = accounts.committed(payout.brand_id, payout.creator_id)
    owed = accounts.payable(payout.brand_id, payout.creator_id)
    untaxed = payout.withheld if total == payout.carried else Money.zero(payout.currency)
    _post(payout, f"returned:{total.minor}", outflow.back(payout, before, total, untaxed))
    _post(payout, f"given-back:{total.minor}", [(committed, owed, back + untaxed)])
    tax.take_back(settling.source_of(payout), total, back + untaxed, untaxed)
    payout.returned_minor, payout.changed_at = total.minor, clock.now()
    audit.note(None, "payout.returned", payout.id, brand_id=payout.brand_id,
               provider_ref=provider_ref, returned_minor=total.minor)  # fmt: skip
    setting_aside.look_for_disputes(payout.run_id)
    announce(PayoutReturned(payout.id))
    return payout


def record_fee(payout_id: int, fee: Money) -> bool:
    """Post a reported fee once, beside the payout."""
    payout = lock(Payout, payout_id)
    if payout.fee or not fee or fee.currency != payout.currency or payout.sent_at is None:
        return False
    payout.fee_minor, payout.fee_bearer = fee.minor, FeeBearer.BRAND
    _post(payout, "fee", [(accounts.fees(payout.brand_id), accounts.RAIL_FEES, fee)])
    lock(PayoutRun, payout.run_id).fees_minor += fee.minor
    return True


def pay_outside(payout_id: int, reference: str) -> None:
    """Note that the money went another way, under the payer's own reference."""
    payout = lock(Payout, payout_id)
    if payout.status is PayoutStatus.FAILED:
        payout.attempt += 1
    if not payout.is_reserved:
        reserve(payout.id)
    payout.status = next_payout_status(payout.status, PayoutAct.MARK_OUTSIDE)
    payout.rail = "manual"
    payout.fee_minor, payout.pays_minor, payout.pays_currency = 0, None, None
    payout.rate_millionths = payout.rate_on = None
    settling.pay_out_each([payout], {payout.id: reference})


def send_soon(payout_ids: Sequence[int], *, from_place: int = 0, per_second: int = 25) -> None:
    """Enqueue one job for each batch of these payouts, run by run; after the first few they are
    spread as the rail takes them, so that other work finds its turn between them."""
    size, start = max(min(BATCH, per_second * BATCH_SECONDS), 1), clock.now()
    for run_id, ids in _by_run(payout_ids).items():
        for place in range(0, len(ids), size):
            batch = ids[place : place + size]
            ahead = max(from_place + place - size * AT_ONCE, 0)
            enqueue(
                BATCH_JOB, {"run_id": run_id, "payout_ids": batch},
                dedupe=f"{batches_of(run_id)}{batch[0]}",
                run_at=start + timedelta(seconds=ahead // per_second),
            )  # fmt: skip


def batches_of(run_id: int) -> str:
    """What the dedupe keys of a run's batches begin with."""
    return f"run:{run_id}:send:"


def alone(payout_id: int) -> str:
    """The dedupe key of the job that asks for one payout again."""
    return f"payout:{payout_id}"


# ---- inside
def _by_run(payout_ids: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for start in range(0, len(payout_ids), IDS_AT_ONCE):
        chunk = payout_ids[start : start + IDS_AT_ONCE]
        rows = db.session.execute(
            select(Payout.run_id, Payout.id).where(Payout.id.in_(chunk)).order_by(Payout.id)
        )
        for run_id, payout_id in rows:
            found[run_id].append(payout_id)
    return found


def _locked_run_of(payout_id: int) -> PayoutRun:
    of_payout = select(Payout.run_id).where(Payout.id == payout_id)
    return lock(PayoutRun, db.session.scalars(of_payout).one())


def _requeue(payout_id: int) -> Payout:
    payout = lock(Payout, payout_id)
    payout.status = next_payout_status(payout.status, PayoutAct.REQUEUE)
    payout.changed_at = clock.now()
    return payout


def _free_if_stopped(run: PayoutRun) -> None:
    # What comes back into the queue of a stopped run comes too late for the job that empties it.
    if run.status is RunStatus.STOPPED:
        enqueue(FREE_JOB, {"run_id": run.id}, dedupe=f"run:{run.id}:free")


def _attempt(payout: Payout) -> PayoutAttempt | None:
    return db.session.scalar(  # type: ignore[no-any-return]
        select(PayoutAttempt)
        .where(PayoutAttempt.payout_id == payout.id, PayoutAttempt.attempt == payout.attempt)
        .execution_options(populate_existing=True)
    )


def _end_attempt(
    payout: Payout, state: AttemptState, *, provider_ref: str | None = None, error: str = ""
) -> None:
    attempt = _attempt(payout)
    if attempt is not None:
        attempt.state, attempt.provider_ref = state, provider_ref
        attempt.error, attempt.finished_at = error, clock.wall()


def _ask_again(payout: Payout, delay: timedelta) -> None:
    enqueue(
        SEND_JOB,
        {"payout_id": payout.id},
        dedupe=alone(payout.id),
        run_at=clock.now() + delay,
    )


def _post(
    payout: Payout, what: str, moves: Sequence[ledger.Move], must_cover: tuple[str, ...] = ()
) -> None:
    one = settling.posting_of(payout, what, moves)
    ledger.post(one.reason, one.reference, one.moves, must_cover)
