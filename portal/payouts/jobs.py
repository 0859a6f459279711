"""Slow work: calculating, sending, asking the rail, comparing with it. Each opens its own units;
no call to a rail happens inside one."""

import structlog

from portal.commissions import commands as earnings
from portal.commissions import queries as commissions
from portal.jobs import queries as queue
from portal.jobs.commands import progress
from portal.kernel import clock
from portal.kernel.errors import Conflict, PortalError
from portal.ledger import queries as ledger
from portal.ledger.commands import Overdrawn
from portal.payouts import (
    commands,
    comparing,
    control,
    dispatch,
    leftover_commands,
    line_sets,
    paid_queries,
    queries,
    restored,
    sending,
    start_rules,
    starting,
)
from portal.payouts import waiting_queries as waits
from portal.payouts.calls import Rails
from portal.payouts.models import PayoutRun, PayoutStatus, RunStatus
from portal.payouts.provider import FoundTransfer
from portal.sending_stops import queries as stops
from portal.storage.unit_of_work import end_read, unit_of_work

log = structlog.get_logger("payouts")
LINES_AT_ONCE = 2_500
PAYOUTS_AT_ONCE = 100
CALLS_A_SECOND = 25
SWEEP = 500


def calculate_run(run_id: int, by: int | None = None) -> None:
    """Calculate a large run in slices; what was calculated is shown only when all of it is."""
    if queries.run(run_id).status is not RunStatus.CALCULATING:
        return
    try:
        is_again = queries.has_lines(run_id)
        parts, total = line_sets.ranges(queries.run(run_id), LINES_AT_ONCE)
        with unit_of_work():
            progress(0, total)
        for place, among in enumerate(parts, 1):
            with unit_of_work():
                commands.put_lines(run_id, among)
                progress(min(place * LINES_AT_ONCE, total), total)
        with unit_of_work():
            commands.finish_calculation(run_id, by=by, is_again=is_again)
    except PortalError as error:
        with unit_of_work():
            commands.fail_calculation(run_id, error.message)


def execute_run(run_id: int, rails: Rails, instance: str, early: bool = False) -> None:
    """Start an approved run on its pay date, or `early` when an approver says so: ask the rails
    what they sent for it already (a restored backup may not know) and, when the approval is not
    of just now, what they hold; then queue its payouts in batches."""
    run = queries.run(run_id)
    if stops.is_stopped():  # releasing it begins the run
        return
    is_new = run.status is RunStatus.APPROVED and (early or starting.is_due(run))
    if not is_new and run.status is not RunStatus.EXECUTING:
        return
    known = _explained(run, rails)
    _refuse_wrong_books(run_id)
    if is_new and not starting.has_lapsed(run) and _is_short(run, rails, known):
        return
    with unit_of_work():
        if not commands.begin_execution(run_id, early=early):
            return
    _record(run_id, known, instance)
    place, after, rate = 0, 0, _slowest(rails)
    while batch := queries.batch_of(run_id, PayoutStatus.QUEUED, after, PAYOUTS_AT_ONCE):
        with unit_of_work():
            commands.send_soon(batch, from_place=place, per_second=rate)
        place, after = place + len(batch), batch[-1]
        end_read()


def send_batch(run_id: int, payout_ids: list[int], rails: Rails, instance: str) -> None:
    """Two short transactions around many slow calls; a crash anywhere is resumed by a rerun."""
    _know(run_id, rails, instance)
    try:
        dispatch.send_claimed(payout_ids, run_id, rails, instance)
    finally:
        _finish(run_id)


def send_payout(payout_id: int, rails: Rails, instance: str) -> None:
    """One payout by itself: asked for again, or sent again after the rail was busy."""
    send_batch(queries.payout(payout_id).run_id, [payout_id], rails, instance)


def resolve_waiting() -> None:
    """Bring payouts to their end whose job was lost with its worker."""
    _go_on_with_halted()
    executing = queries.run_ids_in(RunStatus.EXECUTING)
    beginning = queue.waiting_among([starting.job_of(run_id) for run_id in executing])
    busy = [
        run_id
        for run_id in executing
        if starting.job_of(run_id) in beginning or queue.is_waiting(sending.batches_of(run_id))
    ]
    waiting = waits.left_behind(clock.now(), SWEEP, busy)
    asked = queue.waiting_among([sending.alone(payout_id) for payout_id in waiting])
    lost = [payout_id for payout_id in waiting if sending.alone(payout_id) not in asked]
    if lost:
        with unit_of_work():
            commands.send_soon(lost, per_second=CALLS_A_SECOND)


def free_stopped(run_id: int, rails: Rails, instance: str) -> None:
    """Give back, in slices, what a stopped run never sent. What a rail turns out to have sent is
    recorded, or else stays set aside: it must not be payable again."""
    known = _found_by_rails(queries.run(run_id).public_id, rails)
    _record(run_id, known, instance)
    kept, after = _by_payout_id(run_id, restored.standing(known)), 0
    while batch := queries.batch_of(run_id, PayoutStatus.QUEUED, after, PAYOUTS_AT_ONCE):
        with unit_of_work():
            commands.free_unsent(run_id, [one for one in batch if one not in kept])
        after = batch[-1]
        end_read()


def finish_runs(rails: Rails, instance: str) -> None:
    """Begin runs whose job was lost, end those whose payouts all have an end, and compare finished
    ones with the rails."""
    _begin_lost()
    for run_id in queries.run_ids_in(RunStatus.EXECUTING):
        with unit_of_work():
            commands.finish_if_done(run_id)
    for run_id in queries.unreconciled(instance):
        reconcile_run(run_id, rails, instance)
    with unit_of_work():
        commands.assume_arrived(clock.now())


def reconcile_run(run_id: int, rails: Rails, instance: str) -> None:
    """Compare every transfer of a run with the ledger's view; the difference must be zero."""
    run = queries.run(run_id)
    known = _found_by_rails(run.public_id, rails)
    if run.instance != instance:  # restored: the retry of a failed payout may be forgotten here
        _record(run_id, known, instance)
    for payout_id, found in _by_payout_id(run_id, known).items():
        if found.returned:
            with unit_of_work():
                commands.record_return(found.provider_ref, found.returned)
        log.debug("compared", payout=payout_id, provider_ref=found.provider_ref)
    kept = queries.sent_by_rails(run_id)
    matched, difference = comparing.compared(run.currency, kept, known)
    left, wrong = comparing.leftovers(kept, known), _wrong_in_books()
    with unit_of_work():
        commands.note_reconciled(run_id, matched, difference, wrong)
        leftover_commands.keep(run_id, left)


def hold_disputed(run_id: int) -> None:
    """Hold what was given back by a run while the buyer's bank disputes it (R72)."""
    found = paid_queries.disputed_orders(run_id)
    end_read()
    for order_id in found:
        with unit_of_work():
            earnings.reverse(order_id)


# ---- inside
def _begin_lost() -> None:
    for run_id in [] if stops.is_stopped() else queries.run_ids_in(RunStatus.APPROVED):
        with unit_of_work():
            starting.begin_lost(run_id)


def _go_on_with_halted() -> None:
    """A run that something stands against is looked at whole before any more of it is sent."""
    for run_id in queries.run_ids_in(RunStatus.EXECUTING):
        if queries.run(run_id).failure:
            with unit_of_work():
                starting.go_on(queries.run(run_id))


def _is_short(run: PayoutRun, rails: Rails, known: list[FoundTransfer]) -> bool:
    """Whether a rail holds too little for a run that was approved before today's balance could be
    known: then the run is paused with the sentence. Raises ProviderUnavailable: nothing is begun
    on a guess."""
    approved_at = run.approved_at or clock.now()
    if clock.now() < approved_at + start_rules.FUNDS_ARE_KNOWN:
        return False
    needs = control.still_needed(run, list(_by_payout_id(run.id, known)))
    end_read()
    for rail, needed in needs.items():
        held = rails[rail].balance(run.currency) if rail in rails else None
        if held is not None and held < needed:
            with unit_of_work():
                commands.pause_short(run.id, needed - held)
            return True
    return False


def _know(run_id: int, rails: Rails, instance: str) -> None:
    """Ask the rails what they sent for a run that another installation began (P15)."""
    run = queries.run(run_id)
    if run.instance != instance:
        _record(run_id, _explained(run, rails), instance)


def _explained(run: PayoutRun, rails: Rails) -> list[FoundTransfer]:
    """What the rails sent for a run, all of it the run's own. Raises Conflict, and says so on the
    run's page, when they sent what the run does not pay: then nothing more is sent."""
    known = _found_by_rails(run.public_id, rails)
    strange = restored.unexplained(run, known)
    if strange:
        with unit_of_work():
            commands.note_trouble(run.id, strange)
        raise Conflict(f"Nothing is sent until this is right: {strange[0]}")
    return known


def _refuse_wrong_books(run_id: int) -> None:
    """Better to stop than to continue incorrect: the job comes back and looks again."""
    wrong = _wrong_in_books()
    if wrong:
        with unit_of_work():
            commands.note_trouble(run_id, wrong)
        raise Conflict(f"Nothing is sent while the books do not hold: {wrong[0]}")


def _wrong_in_books() -> list[str]:
    wrong = [*ledger.violations(), *commissions.violations(), *queries.in_books()]
    end_read()
    return wrong


def _slowest(rails: Rails) -> int:
    """The lowest rate of those who allow only so many calls; a file does not mind waiting."""
    limited = [rail.calls_a_second for rail in rails.values() if rail.calls_a_second is not None]
    return min(limited, default=CALLS_A_SECOND)


def _finish(run_id: int) -> None:
    if not queries.has_waiting(run_id):
        with unit_of_work():
            commands.finish_if_done(run_id)


def _found_by_rails(run: str, rails: Rails) -> list[FoundTransfer]:
    end_read()  # the rails take their time; no read transaction waits for them
    return [found for rail in rails.values() for found in rail.transfers_of(run)]


def _by_payout_id(run_id: int, known: list[FoundTransfer]) -> dict[int, FoundTransfer]:
    ids = queries.ids_of(run_id, [found.payout for found in known])
    return {ids[found.payout]: found for found in known if found.payout in ids}


def _record(run_id: int, known: list[FoundTransfer], instance: str) -> None:
    for payout_id, found in _by_payout_id(run_id, known).items():
        try:
            with unit_of_work():
                commands.record_found(payout_id, found)
        except Overdrawn:  # given back and spent since: the comparison with the rail shows it
            log.warning("not recorded", payout=payout_id, provider_ref=found.provider_ref)
    with unit_of_work():
        commands.note_asked(run_id, instance)
