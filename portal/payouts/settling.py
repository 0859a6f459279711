"""The rails moved the money: the books, the tax record and the payouts say so. Callers commit."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from portal.audit import commands as audit
from portal.creators.models import Rail
from portal.identity import queries as identity
from portal.jobs.commands import announce_each
from portal.kernel import clock
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import commands as ledger
from portal.payouts import outflow
from portal.payouts.events import PayoutSent, StoreCreditIssued
from portal.payouts.models import AttemptState, Payout, PayoutAttempt, PayoutStatus
from portal.payouts.rules import PayoutAct, next_payout_status
from portal.storage.locks import lock_each
from portal.storage.model import db
from portal.tax import entry_commands as tax

SETTLED = (PayoutStatus.SENT, PayoutStatus.PAID, PayoutStatus.RETURNED)


def settle(payout_id: int, provider_ref: str) -> None:
    """The rail moved the money. Repeating it with the same reference changes nothing."""
    settle_each({payout_id: provider_ref})


def settle_each(references: Mapping[int, str]) -> None:
    """As `settle` for many, in a handful of statements: payout id → the rail's reference. Raises
    Conflict when one of them has another end: then none of them may be recorded."""
    payouts = lock_each(Payout, references)
    if len(payouts) < len(references):
        raise NotFound()
    new = [one for one in payouts if not _is_settled(one, references[one.id])]
    for payout in new:
        payout.status = next_payout_status(payout.status, PayoutAct.SETTLE)
    pay_out_each(new, references)
    _end_attempts(new, references)
    told = [
        (one.id, one.brand_id, {"provider_ref": references[one.id], "attempt": one.attempt})
        for one in new
    ]
    audit.note_each(None, "payout.sent", told)


def pay_out_each(payouts: Sequence[Payout], references: Mapping[int, str]) -> None:
    """What was set aside for these locked payouts leaves, by whatever way."""
    if not payouts:
        return
    ledger.post_each(
        [posting for one in payouts for posting in _postings(one)],
        must_cover=[accounts.committed(one.brand_id, one.creator_id) for one in payouts],
    )
    now = clock.now()
    for payout in payouts:
        payout.is_reserved, payout.provider_ref = False, references[payout.id]
        payout.refusal = payout.refusal_code = ""
        payout.sent_at = payout.changed_at = now
    tax.record_payments([_paid(one, now) for one in payouts])
    announce_each([PayoutSent(one.id) for one in payouts])
    credit = [one for one in payouts if one.rail == Rail.CREDIT]
    announce_each([StoreCreditIssued(one.id, references[one.id]) for one in credit])


def source_of(payout: Payout) -> str:
    """Under which name this attempt's money stands in the books and in the tax record: without the
    attempt a retry would find the first one's journal, and move nothing."""
    return f"payout:{payout.id}:{payout.attempt}"


def posting_of(payout: Payout, what: str, moves: Sequence[ledger.Move]) -> ledger.Posting:
    """One journal of this attempt, "sent" or "returned:2000"."""
    return ledger.Posting(f"payout {what.partition(':')[0]}", f"{source_of(payout)}:{what}", moves)


# ---- inside
def _is_settled(payout: Payout, provider_ref: str) -> bool:
    if payout.status not in SETTLED:
        return False
    if payout.provider_ref != provider_ref:
        raise Conflict(f"This payout was sent as {payout.provider_ref}, not {provider_ref}.")
    return True


def _paid(payout: Payout, at: datetime) -> tax.Paid:
    if payout.outside_on is not None:  # the year of the day on which it left, not of its note
        at = clock.start_of_day(payout.outside_on, identity.brand(payout.brand_id).zone)
    worth = payout.owed + _more_in_credit(payout)
    return tax.Paid(source_of(payout), payout.brand_id, payout.creator_id, worth,
                    payout.withheld, payout.rail, at)  # fmt: skip


def _more_in_credit(payout: Payout) -> Money:
    """What store credit is worth beyond the money it stands for: it is compensation at what it
    buys in the shop (R94, R100). It does not come back."""
    is_credit = payout.rail == Rail.CREDIT
    return payout.pays - payout.carried if is_credit else Money.zero(payout.currency)


def _postings(payout: Payout) -> list[ledger.Posting]:
    """What leaves, and beside it the fee and the store credit, each a journal of its own."""
    parts = [
        posting_of(payout, "sent", outflow.out(payout)),
        posting_of(payout, "fee", outflow.fee(payout)),
        posting_of(payout, "credit", outflow.credit(payout)),
    ]
    return [part for part in parts if part.moves]


def _end_attempts(payouts: Sequence[Payout], references: Mapping[int, str]) -> None:
    now, numbers = clock.wall(), {one.id: one.attempt for one in payouts}
    wanted = select(PayoutAttempt).where(PayoutAttempt.payout_id.in_(numbers))
    for attempt in db.session.scalars(wanted.execution_options(populate_existing=True)):
        if attempt.attempt == numbers[attempt.payout_id]:
            attempt.state, attempt.error = AttemptState.SENT, ""
            attempt.provider_ref, attempt.finished_at = references[attempt.payout_id], now
