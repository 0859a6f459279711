"""Decide about many lines of a run in review at once, in one statement each. Callers commit."""

from typing import Any

from sqlalchemy import case, update

from portal.destinations import commands as destinations
from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.payouts import line_rules, preparing, steps
from portal.payouts.item_queries import Which, who_is_asked
from portal.payouts.line_rules import Reminded
from portal.payouts.models import Payout, PayoutRun, PayoutStatus
from portal.payouts.rules import PayoutAct
from portal.storage.changes import change, refresh
from portal.storage.locks import lock
from portal.tax import commands as tax


def hold_each(which: Which, reason: str, *, by: int, shown: int) -> int:
    """Keep these payouts out of the run, with a reason; the money stays payable. Returns how many.

    `shown` is how many the page spoke of. Raises InvalidInput without a reason, Conflict when the
    run is locked, or when they are others by now.
    """
    run = preparing.editable(which.run_id, by, "held payouts")
    steps.check_reason("reason", reason)
    values = {"status": PayoutStatus.HELD, "held_by": by, "held_reason": reason.strip()}
    return _decide(run, which, PayoutAct.HOLD, values, by, shown, reason=reason.strip())


def include_each(which: Which, *, by: int, shown: int) -> int:
    """Take these held payouts back into the run, as ready or blocked as they were calculated; as
    `hold_each`."""
    run = preparing.editable(which.run_id, by, "included payouts")
    is_blocked = Payout.blocked_reason.is_not(None)
    after = case(
        (is_blocked, PayoutStatus.BLOCKED.value), else_=PayoutStatus.READY.value
    )  # fmt: skip
    values = {"status": after, "held_by": None, "held_reason": ""}
    return _decide(run, which, PayoutAct.INCLUDE, values, by, shown)


def roll_over_each(which: Which, reason: str, *, by: int, shown: int) -> int:
    """Leave these payouts to the next run, for good, with a reason that their creators read; as
    `hold_each`."""
    run = preparing.editable(which.run_id, by, "left payouts to the next run")
    steps.check_reason("rolled_reason", reason)
    values = {
        "status": PayoutStatus.ROLLED_OVER, "held_by": None, "held_reason": "",
        "is_apart": True, "rolled_reason": reason.strip(),
    }  # fmt: skip
    return _decide(run, which, PayoutAct.ROLL_OVER, values, by, shown, reason=reason.strip())


def remind_each(which: Which, *, by: int) -> Reminded:
    """Ask the creators of these blocked payouts by mail for the account or the tax form that they
    miss; nobody who was asked in the last three days."""
    run = lock(PayoutRun, which.run_id)
    account, form, before = who_is_asked(which, run)
    told = Reminded(
        destinations.ask(run.brand_id, sorted(account), by=by),
        tax.ask(run.brand_id, sorted(form), by=by),
        before,
    )
    if told.mailed:
        steps.note(run, by, "creators-reminded", count=told.mailed)
    return told


# ---- inside
def _decide(
    run: PayoutRun, which: Which, act: PayoutAct, values: dict[str, Any], by: int, shown: int,
    **facts: object,
) -> int:  # fmt: skip
    is_open = Payout.status.in_(line_rules.open_to(act))
    values |= {"changed_at": clock.now()}
    count = change(update(Payout).where(which.rows(), is_open).values(**values))
    if count != shown:
        raise Conflict(
            f"These payouts changed since you opened the page: {count:,} of them can be decided "
            "about now. Look at them again."
        )
    refresh(Payout)
    steps.count(run)
    steps.note(run, by, DONE[act], count=count, **facts)
    return count


DONE = {
    PayoutAct.HOLD: "payouts-held",
    PayoutAct.INCLUDE: "payouts-included",
    PayoutAct.ROLL_OVER: "payouts-rolled-over",
}
