"""The money moves: reserve, claim, settle, release, and what comes back. Callers commit."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from portal.audit import commands as audit
from portal.creators import queries as creators
from portal.creators.models import Rail
from portal.jobs.commands import announce, enqueue
from portal.kernel import clock
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import commands as ledger
from portal.paying.models import FeeBearer
from portal.payouts import outflow, rules, wording
from portal.payouts.events import PayoutFailed, PayoutReturned, PayoutSent, StoreCreditIssued
from portal.payouts.models import (
    AttemptState,
    Payout,
    PayoutAttempt,
    PayoutRun,
    PayoutStatus,
    RunStatus,
)
from portal.payouts.provider import FoundTransfer, Transfer
from portal.payouts.rules import PayoutAct, next_payout_status
from portal.storage.locks import lock
from portal.storage.model import db
from portal.tax import entry_commands as tax

SEND_JOB = "payouts.send_payout"
BURST = 500


class NothingToSend(Conflict):
    """There is nothing to do for this payout here and now; whoever asked may forget it."""


def reserve(payout_id: int) -> None:
    """Set the money aside: when the run is submitted, and before a retry. Nothing else can spend
    it now, and a later refund falls into the next run (R86). Raises Overdrawn."""
    payout = lock(Payout, payout_id)
    assert not payout.is_reserved, "a payout is reserved once per attempt"
    owed = accounts.payable(payout.brand_id, payout.creator_id)
    committed = accounts.committed(payout.brand_id, payout.creator_id)
    _move(payout, "reserved", owed, committed, must_cover=(owed,))
    payout.is_reserved, payout.changed_at = True, clock.now()


def claim(payout_id: int, instance: str) -> Transfer:
    """Take it for sending: its intent, key and attempt are committed before the rail is called.

    Safe to repeat: a payout found SENDING or UNKNOWN is resumed with the same attempt and key.
    The rail is asked first as well when another instance began the run: a restored backup may not
    know that the payout has gone out (P15).
    Raises NothingToSend when it has its end, its run is paused, or another worker has it now.
    """
    payout = lock(Payout, payout_id)
    run = _run_of(payout)
    _check_waiting(payout, run)
    now, attempt = clock.wall(), _attempt(payout)
    if attempt is not None and payout.status is PayoutStatus.SENDING and attempt.lease_until > now:
        raise NothingToSend("Another worker is sending this payout.")
    is_resumed = payout.status is not PayoutStatus.QUEUED or run.instance != instance
    if attempt is None:
        # A retry asks first as well: the refused attempt must not have gone out after all.
        is_resumed = is_resumed or _was_tried(payout)
        key = f"{instance}:payout:{payout.id}:{payout.attempt}"
        attempt = PayoutAttempt(payout_id=payout.id, attempt=payout.attempt, key=key, tries=0,
                                started_at=now, state=AttemptState.STARTED)  # fmt: skip
        db.session.add(attempt)
    attempt.lease_until = now + rules.SEND_LEASE
    attempt.tries += 1
    payout.status = next_payout_status(payout.status, PayoutAct.CLAIM)
    payout.changed_at = clock.now()
    return Transfer(
        payout.id, run.public_id, payout.public_id, payout.attempt, attempt.key, payout.rail,
        payout.account_ref, payout.pays, is_resumed,
    )  # fmt: skip


def skip_if_account_changed(payout_id: int) -> bool:
    """Leave out a queued payout whose account is not the approved one any more; True if so."""
    payout = lock(Payout, payout_id)
    if payout.status is not PayoutStatus.QUEUED:
        return False
    now_set = creators.destination_of(payout.creator_id)
    is_same = now_set is not None and (
        (now_set.rail.value, now_set.account_ref, now_set.changed_at)
        == (payout.rail, payout.account_ref, payout.account_changed_at)
    )
    if is_same:
        return False
    words = wording.refusal_of("destination_changed")
    payout.status = next_payout_status(payout.status, PayoutAct.SKIP)
    _fail(payout, "destination_changed", words.creator, is_retryable=False)
    return True


def settle(payout_id: int, provider_ref: str) -> None:
    """The rail moved the money. Repeating it with the same reference changes nothing."""
    payout = lock(Payout, payout_id)
    if payout.status in (PayoutStatus.SENT, PayoutStatus.PAID, PayoutStatus.RETURNED):
        if payout.provider_ref != provider_ref:
            raise Conflict(f"This payout was sent as {payout.provider_ref}, not {provider_ref}.")
        return
    payout.status = next_payout_status(payout.status, PayoutAct.SETTLE)
    _pay_out(payout, provider_ref)
    _end_attempt(payout, AttemptState.SENT, provider_ref=provider_ref)
    audit.note(None, "payout.sent", payout.id, brand_id=payout.brand_id, provider_ref=provider_ref,
               attempt=payout.attempt)  # fmt: skip


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
    _fail(payout, code, message, is_retryable=is_retryable)


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
    payout = lock(Payout, payout_id)
    payout.status = next_payout_status(payout.status, PayoutAct.REQUEUE)
    payout.changed_at = clock.now()
    spread = timedelta(milliseconds=payout.id * 37 % 1000)  # so that not all come back at once
    _ask_again(payout, timedelta(seconds=max(seconds, 1)) + spread)


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
    settle(payout.id, found.provider_ref)
    return True


def record_return(provider_ref: str, returned: Money | None = None) -> Payout:
    """Money that was sent came back: `returned` in all so far, or all that was sent.

    It is payable again, at the rate it left with (R96) and less a fee she bore; a payout that came
    back whole is RETURNED, never paid (R89). Repeating a report changes nothing. Raises NotFound
    for a reference that is not ours (yet).
    """
    payout_id = db.session.scalar(
        select(Payout.id).where(Payout.provider_ref == provider_ref, Payout.rail != "manual")
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
    _move(payout, f"given-back:{total.minor}", committed, owed, amount=back + untaxed)
    tax.take_back(_tax_source(payout), total, back + untaxed, untaxed)
    payout.returned_minor, payout.changed_at = total.minor, clock.now()
    audit.note(None, "payout.returned", payout.id, brand_id=payout.brand_id,
               provider_ref=provider_ref, returned_minor=total.minor)  # fmt: skip
    announce(PayoutReturned(payout.id))
    return payout


def record_fee(payout_id: int, fee: Money) -> bool:
    """Post a reported fee once, beside the payout."""
    payout = lock(Payout, payout_id)
    if payout.fee or not fee or fee.currency != payout.currency or payout.sent_at is None:
        return False
    payout.fee_minor, payout.fee_bearer = fee.minor, FeeBearer.BRAND
    _post(payout, "fee", [(accounts.fees(payout.brand_id), accounts.RAIL_FEES, fee)])
    return True


def pay_outside(payout_id: int, reference: str) -> None:
    """Note that the money went another way, under the payer's own reference."""
    payout = lock(Payout, payout_id)
    if payout.status is PayoutStatus.FAILED:
        payout.attempt += 1
        reserve(payout.id)
    payout.status = next_payout_status(payout.status, PayoutAct.MARK_OUTSIDE)
    payout.rail = "manual"
    payout.fee_minor, payout.pays_minor, payout.pays_currency = 0, None, None
    payout.rate_millionths = payout.rate_on = None
    _pay_out(payout, reference)


def send_soon(payout_ids: Sequence[int], *, from_place: int = 0, per_second: int = 25) -> None:
    """Enqueue one job per payout; after a first burst they are spread, so that the rail's
    documented rate is kept however many workers there are. A payout whose job waits already gets
    no second one."""
    start = clock.now()
    for place, payout_id in enumerate(payout_ids, from_place):
        later = timedelta(seconds=max(place - BURST, 0) // per_second)
        enqueue(
            SEND_JOB, {"payout_id": payout_id}, dedupe=f"payout:{payout_id}", run_at=start + later
        )


# ---- inside
def _check_waiting(payout: Payout, run: PayoutRun) -> None:
    waiting = (PayoutStatus.QUEUED, PayoutStatus.SENDING, PayoutStatus.UNKNOWN)
    if payout.status not in waiting or payout.rail == "manual":
        raise NothingToSend(f"This payout is {rules.words(payout.status)}.")
    # A paused or stopped run sends nothing new; what is on its way is still brought to its end.
    if payout.status is PayoutStatus.QUEUED and run.status is not RunStatus.EXECUTING:
        raise NothingToSend(f"The run is {rules.words(run.status)}.")


def _run_of(payout: Payout) -> PayoutRun:
    return db.session.scalars(  # type: ignore[no-any-return]
        select(PayoutRun)
        .where(PayoutRun.id == payout.run_id)
        .execution_options(populate_existing=True)
    ).one()


def _attempt(payout: Payout) -> PayoutAttempt | None:
    return db.session.scalar(  # type: ignore[no-any-return]
        select(PayoutAttempt)
        .where(PayoutAttempt.payout_id == payout.id, PayoutAttempt.attempt == payout.attempt)
        .execution_options(populate_existing=True)
    )


def _was_tried(payout: Payout) -> bool:
    found = select(PayoutAttempt.id).where(PayoutAttempt.payout_id == payout.id).limit(1)
    return db.session.scalar(found) is not None


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
        dedupe=f"payout:{payout.id}",
        run_at=clock.now() + delay,
    )


def _pay_out(payout: Payout, reference: str) -> None:
    committed = accounts.committed(payout.brand_id, payout.creator_id)
    _post(payout, "sent", outflow.out(payout), must_cover=(committed,))
    if fee := outflow.fee(payout):
        _post(payout, "fee", fee)
    if credit := outflow.credit(payout):
        _post(payout, "credit", credit)
    payout.is_reserved, payout.provider_ref = False, reference
    payout.refusal = payout.refusal_code = ""
    payout.sent_at = payout.changed_at = clock.now()
    tax.record_payment(
        _tax_source(payout), brand_id=payout.brand_id, creator_id=payout.creator_id,
        amount=payout.owed, withheld=payout.withheld, rail=payout.rail, at=payout.sent_at,
    )  # fmt: skip
    announce(PayoutSent(payout.id))
    if payout.rail == Rail.CREDIT:
        announce(StoreCreditIssued(payout.id, reference))


def _tax_source(payout: Payout) -> str:
    return f"payout:{payout.id}:{payout.attempt}"


def _fail(payout: Payout, code: str, message: str, *, is_retryable: bool) -> None:
    _give_back(payout, "failed")
    payout.refusal_code, payout.refusal, payout.is_retryable = code, message, is_retryable
    audit.note(None, "payout.failed", payout.id, brand_id=payout.brand_id, code=code,
               attempt=payout.attempt)  # fmt: skip
    announce(PayoutFailed(payout.id, wording.refusal_of(code).is_creators_to_fix))


def _give_back(payout: Payout, what: str) -> None:
    committed = accounts.committed(payout.brand_id, payout.creator_id)
    owed = accounts.payable(payout.brand_id, payout.creator_id)
    _move(payout, what, committed, owed, must_cover=(committed,))
    payout.is_reserved, payout.changed_at = False, clock.now()


def _post(
    payout: Payout, what: str, moves: Sequence[ledger.Move], must_cover: tuple[str, ...] = ()
) -> None:
    ledger.post(f"payout {what.partition(':')[0]}", f"payout:{payout.id}:{payout.attempt}:{what}",
                moves, must_cover)  # fmt: skip


def _move(
    payout: Payout,
    what: str,
    source: str,
    target: str,
    must_cover: tuple[str, ...] = (),
    amount: Money | None = None,
    more: Sequence[ledger.Move] = (),
) -> None:
    # The attempt is part of the reference: without it a retry would find attempt 1's journal and
    # reserve nothing.
    ledger.post(
        reason=f"payout {what.partition(':')[0]}",
        reference=f"payout:{payout.id}:{payout.attempt}:{what}",
        moves=[(source, target, amount or payout.owed), *(one for one in more if one[2])],
        must_cover=must_cover,
    )
