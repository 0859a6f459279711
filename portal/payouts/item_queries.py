"""Look at the payouts of one run as a list: by view, reason, warning, rail and name; ticked, or all
that match."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select

from portal.destinations import queries as accounts
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.money import Money
from portal.kernel.pages import Page, PageRequest, cursor_of
from portal.payouts.line_rules import ASKS_ACCOUNT, ASKS_FORM, REMIND_AGAIN
from portal.payouts.models import (
    GONE,
    IN_RUN,
    WAITING,
    BlockedReason,
    Caution,
    Payout,
    PayoutRun,
    PayoutStatus,
)
from portal.payouts.queries import Sum
from portal.payouts.rules import day_in
from portal.storage.model import db
from portal.tax import queries as forms

VIEWS: dict[str, tuple[PayoutStatus, ...]] = {
    "ready": (PayoutStatus.READY,),
    "blocked": (PayoutStatus.BLOCKED,),
    "warnings": IN_RUN,
    "held": (PayoutStatus.HELD,),
    "sent": GONE,
    "failed": (PayoutStatus.FAILED, PayoutStatus.RETURNED),
    "apart": (PayoutStatus.ROLLED_OVER, PayoutStatus.MARKED_OUTSIDE),
    "rolled_over": (PayoutStatus.ROLLED_OVER,),
    "waiting": WAITING,
}
ROWS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """What of a run's payouts is wanted: a view, and within it a reason, warning, rail or name."""

    view: str = "ready"
    reason: BlockedReason | None = None
    caution: Caution | None = None
    rail: str | None = None
    name: str = ""

    @property
    def is_narrow(self) -> bool:
        """Whether anything beside the view is asked for."""
        return bool(self.reason or self.caution or self.rail is not None or self.name)


@dataclass(frozen=True, slots=True)
class Which:
    """Payouts of a run that somebody chose: those ticked (public ids), or all that match."""

    run_id: int
    wanted: ItemFilter
    public_ids: tuple[str, ...] | None = None

    def rows(self) -> ColumnElement[bool]:
        """As a condition of other statements: they are never read to be changed."""
        if self.public_ids is not None:
            return (Payout.run_id == self.run_id) & Payout.public_id.in_(self.public_ids)
        return _matching(self.run_id, self.wanted)


def items(run_id: int, wanted: ItemFilter, request: PageRequest) -> Page[Payout]:
    """A run's payouts, the largest first."""
    query, position = select(Payout).where(_matching(run_id, wanted)), request.position()
    total = db.session.scalar(select(func.count()).where(_matching(run_id, wanted)))
    if position:
        amount, row_id = int(position[0]), int(position[1])
        later = (Payout.amount_minor == amount) & (Payout.id > row_id)
        query = query.where((Payout.amount_minor < amount) | later)
    ordered = query.order_by(Payout.amount_minor.desc(), Payout.id).limit(request.size + 1)
    rows = db.session.scalars(ordered).all()
    last = rows[request.size - 1] if len(rows) > request.size else None
    cursor = cursor_of(last.amount_minor, last.id) if last else None
    return Page(rows[: request.size], cursor, int(total or 0), is_first=position is None)


def rails_of(run_id: int) -> list[str]:
    """By which rails a run pays; "" for those without an account."""
    rows = db.session.scalars(select(Payout.rail).where(Payout.run_id == run_id).distinct())
    return sorted(rows)


def every(run: PayoutRun) -> Iterator[Payout]:
    """All payouts of a run in every state, by name, read some at a time: for a file."""
    after: tuple[str, int] | None = None
    while True:
        query = select(Payout).where(Payout.run_id == run.id)
        if after:
            same = (Payout.creator_name == after[0]) & (Payout.id > after[1])
            query = query.where((Payout.creator_name > after[0]) | same)
        ordered = query.order_by(Payout.creator_name, Payout.id).limit(ROWS_AT_ONCE)
        rows = db.session.scalars(ordered).all()
        yield from rows
        if len(rows) < ROWS_AT_ONCE:
            return
        after = rows[-1].creator_name, rows[-1].id


# ---- chosen for one decision
def sums_of(which: Which, currency: str) -> dict[PayoutStatus, Sum]:
    """How many of the chosen payouts are in each state, and how much that is."""
    rows = db.session.execute(
        select(Payout.status, func.count(), func.sum(Payout.amount_minor))
        .where(which.rows())
        .group_by(Payout.status)
    )
    return {status: Sum(n, Money(int(minor), currency)) for status, n, minor in rows}


def sample_of(which: Which, size: int) -> Sequence[Payout]:
    """The largest of the chosen payouts."""
    ordered = select(Payout).where(which.rows()).order_by(Payout.amount_minor.desc(), Payout.id)
    return db.session.scalars(ordered.limit(size)).all()  # type: ignore[no-any-return]


def who_is_asked(which: Which, run: PayoutRun) -> tuple[set[int], set[int], tuple[date, ...]]:
    """Of the chosen blocked payouts, the creators (row ids) who can be asked for an account, those
    who can be asked for a form, and the days on which others had been asked shortly before."""
    rows = db.session.execute(
        select(Payout.blocked_reason, Payout.creator_id).where(
            which.rows(), Payout.status == PayoutStatus.BLOCKED,
            Payout.blocked_reason.in_(ASKS_ACCOUNT | ASKS_FORM),
        )
    ).all()  # fmt: skip
    since, zone = clock.now() - REMIND_AGAIN, identity.brand(run.brand_id).zone
    asked = accounts.asked_since(run.brand_id, since), forms.asked_since(run.brand_id, since)
    lacks = [{who for why, who in rows if why in those} for those in (ASKS_ACCOUNT, ASKS_FORM)]
    before = [at for those, miss in zip(asked, lacks, strict=True)
              for one, at in those.items() if one in miss]  # fmt: skip
    days = tuple(sorted(day_in(at, zone) for at in before))
    return lacks[0] - asked[0].keys(), lacks[1] - asked[1].keys(), days


def _matching(run_id: int, wanted: ItemFilter) -> ColumnElement[bool]:
    states: Collection[PayoutStatus] = VIEWS.get(wanted.view, IN_RUN)
    found = (Payout.run_id == run_id) & Payout.status.in_(states)
    if wanted.view == "warnings":
        found &= Payout.cautions != " "
    if wanted.reason:
        found &= Payout.blocked_reason == wanted.reason
    if wanted.caution:
        found &= Payout.cautions.contains(f" {wanted.caution.value} ")
    if wanted.rail is not None:
        found &= Payout.rail == wanted.rail
    if wanted.name:
        found &= Payout.creator_name.icontains(wanted.name, autoescape=True)
    return found
