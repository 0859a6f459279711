"""Keep what comparing a run with its rails left over. Callers commit."""

from collections.abc import Sequence

from sqlalchemy import delete

from portal.payouts import queries
from portal.payouts.comparing import Leftover
from portal.payouts.models import PayoutRun, RunLeftover
from portal.storage.locks import lock
from portal.storage.model import db


def keep(run_id: int, left: Sequence[Leftover]) -> None:
    """Replace the leftovers of a run's last comparison by those of this one, ours first."""
    lock(PayoutRun, run_id)
    db.session.execute(delete(RunLeftover).where(RunLeftover.run_id == run_id))
    ids = queries.ids_of(run_id, [one.payout for one in left])
    db.session.add_all(_row(run_id, one, ids.get(one.payout)) for one in left)
    db.session.flush()


def _row(run_id: int, one: Leftover, payout_id: int | None) -> RunLeftover:
    return RunLeftover(
        run_id=run_id, payout_id=payout_id, provider_ref=one.provider_ref,
        ours_minor=one.ours.minor if one.ours else None,
        ours_currency=one.ours.currency if one.ours else None,
        theirs_minor=one.theirs.minor if one.theirs else None,
        theirs_currency=one.theirs.currency if one.theirs else None,
    )  # fmt: skip
