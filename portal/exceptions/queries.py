"""Look at exceptions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from portal.creators.models import Creator
from portal.exceptions.models import ExceptionKind, ExceptionStatus, MoneyException
from portal.identity import queries as identity
from portal.kernel.errors import NotFound
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.payouts.models import Payout, PayoutRun
from portal.storage.model import db

IDS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the queue, with whom and which run it is about."""

    exception: MoneyException
    creator: Creator | None
    payout: Payout | None
    run: PayoutRun | None


def queue(
    brand_id: int, request: PageRequest, kind: str = "", mine: int | None = None
) -> Page[Row]:
    """What is open, the oldest first; of one kind, or one person's own."""
    wanted = _wanted(brand_id, kind, mine)
    ids = wanted.with_only_columns(MoneyException.id).limit(COUNT_CAP + 1).subquery()
    total = int(db.session.scalar(select(func.count()).select_from(ids)) or 0)
    position = request.moment()
    if position:
        at, row_id = position
        same = (MoneyException.since == at) & (MoneyException.id > row_id)
        wanted = wanted.where((MoneyException.since > at) | same)
    ordered = wanted.order_by(MoneyException.since, MoneyException.id)
    rows = db.session.execute(ordered.limit(request.size + 1)).all()
    shown, cursor = rows[: request.size], None
    if len(rows) > request.size:
        last = shown[-1][0]
        cursor = cursor_of(last.since.isoformat(), last.id)
    return Page([Row(*row) for row in shown], cursor, total, is_first=position is None)


def counts(brand_id: int) -> dict[str, int]:
    """How many are open, by kind."""
    rows = db.session.execute(
        select(MoneyException.kind, func.count())
        .where(MoneyException.brand_id == brand_id, MoneyException.status == ExceptionStatus.OPEN)
        .group_by(MoneyException.kind)
    )
    return {kind.value: count for kind, count in rows}


def one_of_brand(brand_id: int, public_id: str) -> MoneyException:
    """A brand's exception. Raises NotFound, for another brand's too."""
    found: MoneyException | None = db.session.scalar(
        select(MoneyException).where(
            MoneyException.brand_id == brand_id, MoneyException.public_id == public_id
        )
    )
    if found is None:
        raise NotFound()
    return found


def open_of_brand(brand_id: int) -> Sequence[MoneyException]:
    """Everything open, for the job that renews it."""
    return db.session.scalars(  # type: ignore[no-any-return]
        select(MoneyException).where(
            MoneyException.brand_id == brand_id, MoneyException.status == ExceptionStatus.OPEN
        )
    ).all()


def resolved_keys(brand_id: int, subjects: Sequence[str]) -> set[tuple[ExceptionKind, str]]:
    """Which of these causes a person has resolved before."""
    found: set[tuple[ExceptionKind, str]] = set()
    for start in range(0, len(subjects), IDS_AT_ONCE):
        rows = db.session.execute(
            select(MoneyException.kind, MoneyException.subject).where(
                MoneyException.brand_id == brand_id,
                MoneyException.status == ExceptionStatus.RESOLVED,
                MoneyException.subject.in_(subjects[start : start + IDS_AT_ONCE]),
            )
        )
        found |= {(kind, subject) for kind, subject in rows}
    return found


def finance_people(brand_id: int) -> dict[int, str]:
    """Who may own an exception: names by user id."""
    people = [
        *identity.staff_with(brand_id, "finance.preparer"),
        *identity.staff_with(brand_id, "finance.approver"),
    ]
    return {user.id: user.name for user in people}


def violations() -> list[str]:
    """Sentences; empty when every resolved exception says how and by whom."""
    rows = db.session.scalars(
        select(MoneyException.public_id).where(
            MoneyException.status == ExceptionStatus.RESOLVED,
            (MoneyException.note == "") | MoneyException.closed_by.is_(None),
        )
    )
    return [f"Exception {public_id} was resolved without a note." for public_id in rows]


def _wanted(brand_id: int, kind: str, mine: int | None) -> Any:
    wanted: Any = (
        select(MoneyException, Creator, Payout, PayoutRun)
        .outerjoin(Creator, Creator.id == MoneyException.creator_id)
        .outerjoin(Payout, Payout.id == MoneyException.payout_id)
        .outerjoin(PayoutRun, PayoutRun.id == Payout.run_id)
        .where(MoneyException.brand_id == brand_id, MoneyException.status == ExceptionStatus.OPEN)
    )
    if kind in {one.value for one in ExceptionKind}:
        wanted = wanted.where(MoneyException.kind == ExceptionKind(kind))
    if mine is not None:
        wanted = wanted.where(MoneyException.owner_id == mine)
    return wanted
