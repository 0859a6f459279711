"""Look at what comparing a run with its rails left over."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from portal.kernel import currencies
from portal.kernel.money import Money
from portal.kernel.pages import Page, PageRequest, cursor_of
from portal.payouts.models import Payout, PayoutRun, RunLeftover
from portal.storage.model import db

HEAD = ("creator", "payout", "reference", "ours", "ours currency", "provider",
        "provider currency", "what is wrong")  # fmt: skip
MISSING_THERE = "The provider does not have it"
AMOUNT_DIFFERS = "The provider has another amount"
SENT_AGAIN = "Sent to her besides what her payout recorded"
NOBODYS = "No payout of this run stands for it"


@dataclass(frozen=True, slots=True)
class Left:
    """One leftover: which payout it is about, if one; what each side says of it."""

    creator: str
    payout: str
    reference: str
    ours: Money | None
    theirs: Money | None

    @property
    def why(self) -> str:
        """What is wrong with it, in words."""
        if self.theirs is None:
            return MISSING_THERE
        if self.ours is not None:
            return AMOUNT_DIFFERS
        return SENT_AGAIN if self.payout else NOBODYS


def leftovers(run: PayoutRun, request: PageRequest) -> Page[Left]:
    """One page of what the last comparison of a run left over: ours first."""
    wanted, after = _wanted(run), request.row_id()
    total = db.session.scalar(
        select(func.count()).select_from(RunLeftover).where(RunLeftover.run_id == run.id)
    )
    if after is not None:
        wanted = wanted.where(RunLeftover.id > after)
    rows = db.session.execute(wanted.limit(request.size + 1)).all()
    cursor = cursor_of(rows[request.size - 1][0].id) if len(rows) > request.size else None
    found = [_left(*row) for row in rows[: request.size]]
    return Page(found, cursor, int(total or 0), is_first=after is None)


def cells_of(run: PayoutRun) -> Iterator[list[str]]:
    """All leftovers of a run's last comparison, one a line, under `HEAD`."""
    return (_cells(_left(*row)) for row in db.session.execute(_wanted(run)))


def _wanted(run: PayoutRun) -> Any:
    return (
        select(RunLeftover, Payout.creator_name, Payout.public_id)
        .outerjoin(Payout, Payout.id == RunLeftover.payout_id)
        .where(RunLeftover.run_id == run.id)
        .order_by(RunLeftover.id)
    )


def _left(row: RunLeftover, creator: str | None, payout: str | None) -> Left:
    return Left(
        creator or "", payout or "", row.provider_ref,
        _money(row.ours_minor, row.ours_currency), _money(row.theirs_minor, row.theirs_currency),
    )  # fmt: skip


def _money(minor: int | None, currency: str | None) -> Money | None:
    return None if minor is None or currency is None else Money(minor, currency)


def _cells(one: Left) -> list[str]:
    return [one.creator, one.payout, one.reference, *_figure(one.ours), *_figure(one.theirs),
            one.why]  # fmt: skip


def _figure(amount: Money | None) -> Iterator[str]:
    yield f"{currencies.to_major(amount.minor, amount.currency):f}" if amount else ""
    yield amount.currency if amount else ""
