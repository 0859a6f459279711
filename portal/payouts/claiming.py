"""Take payouts for sending: what is meant to be sent is committed before any rail is called.

Callers commit, then call (`calls`), then record what was answered (`settling`, `sending`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, union

from portal.creators import queries as creators
from portal.creators.models import PayoutDestination
from portal.kernel import clock
from portal.payee_holds import queries as payee_holds
from portal.payouts import pace, rules, sending, wording
from portal.payouts.candidate_queries import barred_of
from portal.payouts.models import (
    TO_SEND,
    AttemptState,
    Payout,
    PayoutAttempt,
    PayoutRun,
    PayoutStatus,
    RunStatus,
)
from portal.payouts.provider import Transfer
from portal.payouts.rules import PayoutAct, next_payout_status
from portal.sending_stops import queries as stops
from portal.storage.locks import lock_each
from portal.storage.model import db

Rates = Mapping[str, int | None]
Attempts = Mapping[int, PayoutAttempt]


@dataclass(frozen=True, slots=True)
class Claimed:
    """What was taken, to be called from `starts_at` on and begun before `call_until` (wall time).

    `new` are the payouts that waited in the queue: nothing of this attempt is under way. `left`
    says of each payout that was not taken why.
    """

    transfers: Sequence[Transfer]
    new: frozenset[int]
    left: Mapping[int, str]
    starts_at: datetime
    call_until: datetime


def claim_each(payout_ids: Sequence[int], instance: str, rates: Rates) -> Claimed:
    """Take these payouts for sending, in a handful of statements: intent, key and attempt of each.

    Safe to repeat: a payout found SENDING or UNKNOWN is resumed with the same attempt and key. The
    rail is asked first as well for a retry, and when another instance began the run: a restored
    backup may not know that the payout has gone out (P15). A queued one whose account is not the
    approved one any more fails here, and one whose creator is held or was barred since (R83): its
    money is payable again. Left are those that have their end, whose run is paused, or
    that another worker has now, and all that is new while the operator stopped sending. `rates`:
    how many calls a second each rail permits, if it says so.
    """
    payouts = lock_each(Payout, payout_ids)
    runs, attempts, stopped = _runs_of(payouts), _attempts_of(payouts), stops.words()
    taken, left = [], {}
    now_set = creators.destinations_of([one.creator_id for one in payouts])
    barred = _barred(runs.values())
    for payout in payouts:
        why = _why_left(payout, runs[payout.run_id], attempts[payout.id])
        if why is None and payout.status is PayoutStatus.QUEUED and stopped:
            why = stopped
        if why is None and _has_moved(payout, now_set.get(payout.creator_id)):
            why = _skip(payout, "destination_changed")
        is_new = payout.status is PayoutStatus.QUEUED
        if why is None and is_new and (payout.brand_id, payout.creator_id) in barred:
            why = _skip(payout, "payee_held")
        if why is None:
            taken.append(payout)
        else:
            left[payout.id] = why
    new = frozenset(one.id for one in taken if one.status is PayoutStatus.QUEUED)
    asked = {
        one.id for one in taken
        if one.id not in new or runs[one.run_id].instance != instance
        or any(number != one.attempt for number in attempts[one.id])
    }  # fmt: skip
    starts_at, ends_at = _stretch(taken, asked, rates)
    keys = _begin(taken, attempts, instance, ends_at + rules.SEND_LEASE)
    transfers = [
        Transfer(one.id, runs[one.run_id].public_id, one.public_id, one.attempt, keys[one.id],
                 one.rail, one.account_ref, one.pays, one.id in asked)
        for one in taken
    ]  # fmt: skip
    call_until = ends_at + rules.SEND_LEASE - rules.SLOWEST_ANSWER
    return Claimed(transfers, new, left, starts_at, call_until)


# ---- inside
def _runs_of(payouts: Sequence[Payout]) -> dict[int, PayoutRun]:
    wanted = select(PayoutRun).where(PayoutRun.id.in_({one.run_id for one in payouts}))
    fresh = wanted.execution_options(populate_existing=True)
    return {run.id: run for run in db.session.scalars(fresh)}


def _attempts_of(payouts: Sequence[Payout]) -> dict[int, dict[int, PayoutAttempt]]:
    wanted = select(PayoutAttempt).where(PayoutAttempt.payout_id.in_([p.id for p in payouts]))
    found: dict[int, dict[int, PayoutAttempt]] = defaultdict(dict)
    for row in db.session.scalars(wanted.execution_options(populate_existing=True)):
        found[row.payout_id][row.attempt] = row
    return found


def _why_left(payout: Payout, run: PayoutRun, attempts: Attempts) -> str | None:
    if payout.status not in TO_SEND or payout.rail == "manual":
        return f"This payout is {rules.words(payout.status)}."
    # A paused or stopped run sends nothing new; what is on its way is still brought to its end.
    if payout.status is PayoutStatus.QUEUED and run.status is not RunStatus.EXECUTING:
        return f"The run is {rules.words(run.status)}."
    attempt = attempts.get(payout.attempt)
    is_leased = attempt is not None and attempt.lease_until > clock.wall()
    if payout.status is PayoutStatus.SENDING and is_leased:
        return "Another worker is sending this payout."
    return None


def _has_moved(payout: Payout, now_set: PayoutDestination | None) -> bool:
    """Whether a queued payout's account is not the approved one any more."""
    if payout.status is not PayoutStatus.QUEUED:
        return False
    approved = (payout.rail, payout.account_ref, payout.account_changed_at)
    return now_set is None or approved != (
        now_set.rail.value, now_set.account_ref, now_set.changed_at,
    )  # fmt: skip


def _barred(runs: Iterable[PayoutRun]) -> set[tuple[int, int]]:
    """(brand, creator) of those whom nothing is sent to now: held as a whole, or barred."""
    return {
        (run.brand_id, creator_id)
        for run in {run.brand_id: run for run in runs}.values()
        for creator_id in db.session.scalars(
            union(payee_holds.held_by_brand(run.brand_id), barred_of(run))
        )
    }


def _skip(payout: Payout, code: str) -> str:
    words = wording.refusal_of(code).creator
    payout.status = next_payout_status(payout.status, PayoutAct.SKIP)
    sending.fail(payout, code, words, is_retryable=False)
    return words


def _stretch(taken: Iterable[Payout], asked: set[int], rates: Rates) -> tuple[datetime, datetime]:
    """From when to when the rails' time is taken for these: what is asked first takes two turns."""
    calls: dict[str, int] = defaultdict(int)
    for one in taken:
        calls[one.rail] += 2 if one.id in asked else 1
    now = clock.wall()
    stretches = [
        pace.take_stretch(rail, count, rate)
        for rail, count in sorted(calls.items())
        if (rate := rates.get(rail)) is not None
    ]
    begins, ends = [start for start, _ in stretches], [end for _, end in stretches]
    return max(begins, default=now), max(ends, default=now)


def _begin(
    taken: Sequence[Payout], attempts: Mapping[int, Attempts], instance: str, lease: datetime
) -> dict[int, str]:
    """Note that each is being sent, and under which key."""
    now, keys, new = clock.wall(), {}, []
    for payout in taken:
        payout.status = next_payout_status(payout.status, PayoutAct.CLAIM)
        payout.changed_at = clock.now()
        attempt = attempts[payout.id].get(payout.attempt)
        if attempt is not None:
            attempt.lease_until, attempt.tries = lease, attempt.tries + 1
            keys[payout.id] = attempt.key
            continue
        keys[payout.id] = f"{instance}:payout:{payout.id}:{payout.attempt}"
        new.append({"payout_id": payout.id, "attempt": payout.attempt, "key": keys[payout.id],
                    "tries": 1, "started_at": now, "lease_until": lease, "error": "",
                    "state": AttemptState.STARTED})  # fmt: skip
    if new:
        db.session.execute(insert(PayoutAttempt), new)
    return keys
