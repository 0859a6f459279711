"""Set the money of a whole run aside, and give it back, in a handful of set statements.

One payout's money is moved by `sending`; the journals are the same. Callers commit.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, String, case, cast, func, literal, select, update

from portal.jobs.commands import enqueue
from portal.kernel import clock
from portal.ledger import set_commands as ledger
from portal.payouts.models import Payout, PayoutRun, PayoutStatus
from portal.storage.model import db

DISPUTES_JOB = "payouts.hold_disputed"


def set_aside(run: PayoutRun) -> None:
    """Set aside what each ready payout of the run pays. Nothing else can spend it now, and a later
    refund falls into the next run (R86). Raises Overdrawn."""
    which = (Payout.run_id == run.id) & (Payout.status == PayoutStatus.READY)
    _, reserved = _locked(which)
    assert not reserved, "a payout is reserved once per attempt"
    _move(run, "reserved", which, "payable", "committed")
    _note(which, is_reserved=True)


def give_back(run: PayoutRun, payout_ids: Sequence[int] | None = None) -> None:
    """Give back what was set aside and never sent, of all its payouts or of these. The next
    reservation is the next attempt."""
    which: ColumnElement[bool] = (Payout.run_id == run.id) & Payout.is_reserved
    if payout_ids is not None:
        which = Payout.id.in_(payout_ids)
    count, reserved = _locked(which)
    assert count == reserved, "only reserved money can be freed"
    _move(run, "freed", which, "committed", "payable")
    _note(which, is_reserved=False, attempt=Payout.attempt + 1)
    look_for_disputes(run.id)


def look_for_disputes(run_id: int) -> None:
    """Money of this run is payable again: what is disputed of it is to be held (R72). In a job of
    its own, since orders and commissions are locked before the accounts that are locked now."""
    enqueue(DISPUTES_JOB, {"run_id": run_id}, dedupe=f"disputes:run:{run_id}")


def _locked(which: ColumnElement[bool]) -> tuple[int, int]:
    """How many payouts these are, and how many of them are reserved; locked, by id."""
    db.session.flush()
    rows = select(Payout.is_reserved).where(which).order_by(Payout.id).with_for_update().subquery()
    count, reserved = db.session.execute(
        select(func.count(), func.count(case((rows.c.is_reserved, 1))))
    ).one()
    return int(count), int(reserved)


def _move(run: PayoutRun, what: str, which: ColumnElement[bool], source: str, target: str) -> None:
    reference: Any = literal("payout:") + cast(Payout.id, String) + literal(":")
    reference = reference + cast(Payout.attempt, String) + literal(f":{what}")
    moves = select(
        Payout.creator_id,
        (Payout.amount_minor + Payout.withheld_minor).label("amount_minor"),
        reference.label("reference"),
    ).where(which)
    ledger.move_each(
        f"payout {what}", moves.subquery(), brand_id=run.brand_id, currency=run.currency,
        source=source, target=target,
    )  # fmt: skip


def _note(which: ColumnElement[bool], **values: Any) -> None:
    db.session.execute(update(Payout).where(which).values(changed_at=clock.now(), **values))
