"""The operator's kill switch, as runs see it. Callers commit."""

from portal.payouts import queries, starting
from portal.payouts.models import PayoutRun, RunStatus
from portal.sending_stops import commands as stops
from portal.storage.locks import lock


def release_sending(stop_id: int, *, by: int) -> int:
    """Release all sending: runs that were being sent, or whose pay date came meanwhile, go on by
    themselves; what people had paused stays paused. Returns how many go on."""
    stops.release(stop_id, by=by)
    ids = [*queries.run_ids_in(RunStatus.EXECUTING), *queries.run_ids_in(RunStatus.APPROVED)]
    count = 0
    for run_id in sorted(ids):
        run = lock(PayoutRun, run_id)
        if run.status is RunStatus.EXECUTING:
            starting.go_on(run)
        elif run.status is RunStatus.APPROVED and starting.is_due(run):
            starting.begin_later(run)
        else:
            continue
        count += 1
    return count
