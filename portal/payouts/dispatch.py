"""Sending one batch: claim and commit, call, record what was answered; a crash anywhere is resumed
by a rerun. No call to a rail happens inside a unit of work."""

from collections.abc import Sequence
from contextlib import closing

import structlog
from sqlalchemy.exc import SQLAlchemyError

from portal.jobs.commands import progress
from portal.kernel.errors import PortalError, ProviderRefused, ProviderUnavailable
from portal.payouts import calls, commands, wording
from portal.payouts import waiting_queries as waits
from portal.payouts.calls import Answer, Rails
from portal.payouts.provider import ProviderBusy, Receipt
from portal.sending_stops import queries as stops
from portal.storage.unit_of_work import end_read, unit_of_work

log = structlog.get_logger("payouts")


def send_claimed(payout_ids: Sequence[int], run_id: int, rails: Rails, instance: str) -> None:
    """Send these payouts of one run, or ask what became of them."""
    rates = {name: rail.calls_a_second for name, rail in rails.items()}
    with unit_of_work():
        claimed = commands.claim_each(payout_ids, instance, rates)
        progress(0, len(claimed.transfers))

    def goes_on() -> bool:
        end_read()
        return waits.is_executing(run_id)

    def may_send() -> bool:
        end_read()
        return not stops.is_stopped()

    done = 0
    with closing(calls.rail_answers(claimed, rails, goes_on, may_send)) as groups:
        for group in groups:
            done += len(group)
            _record(group, claimed.new, done, len(claimed.transfers))


# ---- inside
def _record(group: Sequence[Answer], new: frozenset[int], done: int, total: int) -> None:
    """Most are settled, all in one transaction; the others, and all when one of them is the
    trouble, in one each."""
    end_read()
    moved = {
        one.transfer.payout_id: one.said.provider_ref
        for one in group
        if isinstance(one.said, Receipt) and one.said.is_moved
    }
    back = [
        one.transfer.payout_id
        for one in group
        if one.said is None and one.transfer.payout_id in new
    ]
    together = {*moved, *back}
    try:
        with unit_of_work():
            progress(done, total)
            commands.put_back_each(back)  # locks the run, which everybody locks before payouts
            commands.settle_each(moved)
    except (PortalError, SQLAlchemyError) as error:
        log.warning("recorded one by one", count=len(group), error=str(error))
        together = set()
    _record_alone([one for one in group if one.transfer.payout_id not in together], new)


def _record_alone(group: Sequence[Answer], new: frozenset[int]) -> None:
    trouble: PortalError | SQLAlchemyError | None = None
    for answer in group:
        try:
            with unit_of_work():
                _end(answer, new)
        except (PortalError, SQLAlchemyError) as error:
            log.warning("not recorded", payout=answer.transfer.payout_id, error=str(error))
            trouble = error
    if trouble is not None:
        raise trouble


def _end(answer: Answer, new: frozenset[int]) -> None:
    said, payout_id = answer.said, answer.transfer.payout_id
    if isinstance(said, Receipt):
        end = commands.settle if said.is_moved else commands.hand_over
        end(payout_id, said.provider_ref)
    elif isinstance(said, ProviderRefused):  # a definite no; anything else: "we do not know"
        words = wording.refusal_of(said.code)
        commands.release(payout_id, said.message, code=said.code,
                         is_retryable=said.retryable or words.is_retryable)  # fmt: skip
    elif isinstance(said, ProviderBusy) and payout_id in new:
        commands.postpone(payout_id, said.retry_after)
    elif isinstance(said, ProviderUnavailable):  # too busy to be asked: still unknown
        commands.lose(payout_id, said.message)
    elif payout_id in new:
        commands.put_back_each([payout_id])
    else:
        commands.lose(payout_id, "It was not sent again: no time was left, or sending is stopped.")
