"""Look at appeals: a brand's queue, a creator's own, and what would be wrong with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select

from portal.appeals import rules
from portal.appeals.models import (
    OPEN,
    WON,
    Appeal,
    AppealKind,
    AppealMessage,
    AppealRules,
    AppealStatus,
)
from portal.appeals.rules import Policy
from portal.creators.models import Creator
from portal.identity import queries as identity
from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.kernel.money import Money
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.ledger.models import LedgerEntry, LedgerJournal
from portal.storage.model import db

VIEWS: dict[str, tuple[AppealStatus, ...]] = {
    "open": (AppealStatus.OPEN, AppealStatus.UNDER_REVIEW),
    "waiting": (AppealStatus.WAITING_CREATOR,),
    "finance": (AppealStatus.WAITING_FINANCE,),
    "closed": (*WON, AppealStatus.REJECTED, AppealStatus.WITHDRAWN),
}
ENDINGS = (AppealStatus.UPHELD, AppealStatus.PARTLY_UPHELD, AppealStatus.REJECTED)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a brand's queue."""

    appeal: Appeal
    creator: Creator
    owner_name: str | None


@dataclass(frozen=True, slots=True)
class Said:
    """One message with the name of who wrote it."""

    message: AppealMessage
    author: str


def policy_of(brand_id: int) -> Policy:
    """The rules in force now (HOUSE 10); the house's own until a brand sets some."""
    found = db.session.scalar(
        select(AppealRules)
        .where(AppealRules.brand_id == brand_id, AppealRules.effective_at <= clock.now())
        .order_by(AppealRules.effective_at.desc(), AppealRules.id.desc())
    )
    if found is None:
        return rules.default_policy(identity.brand(brand_id).currency)
    return Policy(found.open_days, found.answer_days, Money(found.limit_minor, found.currency))


def appeal(appeal_id: int) -> Appeal:
    """An appeal by row id. Raises NotFound."""
    return _found(db.session.get(Appeal, appeal_id))


def one_of_brand(brand_id: int, public_id: str) -> Appeal:
    """A brand's appeal. Raises NotFound, for another brand's too."""
    return _one(Appeal.brand_id == brand_id, Appeal.public_id == public_id)


def one_of_creator(creator_id: int, public_id: str) -> Appeal:
    """A creator's appeal. Raises NotFound, for somebody else's too."""
    return _one(Appeal.creator_id == creator_id, Appeal.public_id == public_id)


def has_open(creator_id: int, subject: str) -> bool:
    """Whether she has an open appeal about this."""
    return open_about(creator_id, subject) is not None


def open_about(creator_id: int, subject: str) -> Appeal | None:
    """Her open appeal about this, if there is one."""
    found: Appeal | None = db.session.scalar(
        select(Appeal).where(
            Appeal.creator_id == creator_id, Appeal.subject == subject, Appeal.closed_at.is_(None)
        )
    )
    return found


def decided_about(creator_id: int, kind: AppealKind, subject: str) -> Appeal | None:
    """The newest decision about what she objects to; None while there is none."""
    found: Appeal | None = db.session.scalar(
        select(Appeal)
        .where(
            Appeal.creator_id == creator_id, Appeal.subject == subject, Appeal.kind == kind,
            Appeal.status.in_(ENDINGS),
        )
        .order_by(Appeal.decided_at.desc(), Appeal.id.desc())
        .limit(1)
    )  # fmt: skip
    return found


def queue(
    brand_id: int, request: PageRequest, view: str = "open", *, kind: str = "",
    owner_id: int | None = None,
) -> Page[Row]:  # fmt: skip
    """A brand's appeals: what waits, the most urgent first; what is closed, the newest first."""
    wanted = (
        select(Appeal, Creator, User.name)
        .join(Creator, Creator.id == Appeal.creator_id)
        .outerjoin(User, User.id == Appeal.owner_id)
        .where(Appeal.brand_id == brand_id, Appeal.status.in_(VIEWS.get(view, VIEWS["open"])))
    )
    if kind in set(AppealKind):
        wanted = wanted.where(Appeal.kind == AppealKind(kind))
    if owner_id is not None:
        wanted = wanted.where(Appeal.owner_id == owner_id)
    is_closed = view == "closed"
    return _page(wanted, Appeal.opened_at if is_closed else Appeal.due_at, request, is_closed)


def of_creator(creator_id: int, request: PageRequest) -> Page[Row]:
    """A creator's appeals, newest first."""
    wanted = (
        select(Appeal, Creator, User.name)
        .join(Creator, Creator.id == Appeal.creator_id)
        .outerjoin(User, User.id == Appeal.owner_id)
        .where(Appeal.creator_id == creator_id)
    )
    return _page(wanted, Appeal.opened_at, request, True)


def view_counts(brand_id: int) -> dict[str, int]:
    """How many appeals each view holds."""
    rows = db.session.execute(
        select(Appeal.status, func.count())
        .where(Appeal.brand_id == brand_id)
        .group_by(Appeal.status)
    )
    by_status: dict[AppealStatus, int] = dict(rows.all())
    return {view: sum(by_status.get(one, 0) for one in states) for view, states in VIEWS.items()}


def messages_of(appeal_id: int) -> list[Said]:
    """What was said, oldest first."""
    rows = db.session.execute(
        select(AppealMessage, User.name)
        .join(User, User.id == AppealMessage.author_id)
        .where(AppealMessage.appeal_id == appeal_id)
        .order_by(AppealMessage.id)
        .limit(200)
    )
    return [Said(*row) for row in rows]


def message(message_id: int) -> AppealMessage:
    """A message by row id. Raises NotFound."""
    found = db.session.get(AppealMessage, message_id)
    if found is None:
        raise NotFound()
    return found


def defects(brand_id: int, since: datetime) -> Sequence[tuple[AppealKind, int, int]]:
    """Per kind, how many were decided since then and how many of them for the creator: what the
    tracking got wrong (UX 2.4)."""
    won = func.sum(case((Appeal.status.in_(WON), 1), else_=0))
    rows = db.session.execute(
        select(Appeal.kind, func.count(), won)
        .where(Appeal.brand_id == brand_id, Appeal.status.in_(ENDINGS), Appeal.decided_at >= since)
        .group_by(Appeal.kind)
        .order_by(Appeal.kind)
    )
    return [(kind, int(decided), int(upheld)) for kind, decided, upheld in rows]


def violations() -> list[str]:
    """Sentences; empty when all is well: each appeal decided with money has exactly its journal,
    of exactly its amount, and no appeal without an award names one."""
    received = case((LedgerEntry.amount_minor > 0, LedgerEntry.amount_minor), else_=0)
    booked, journals = func.sum(received), func.count(LedgerJournal.id.distinct())
    rows = db.session.execute(
        select(Appeal.public_id, Appeal.awarded_minor, Appeal.currency, journals, booked)
        .outerjoin(LedgerJournal, LedgerJournal.reference == Appeal.journal)
        .outerjoin(LedgerEntry, LedgerEntry.journal_id == LedgerJournal.id)
        .where((Appeal.awarded_minor > 0) | (Appeal.journal != ""))
        .group_by(Appeal.id, Appeal.public_id, Appeal.awarded_minor, Appeal.currency)
    )
    wrong = []
    for public_id, minor, currency, count, moved in rows:
        if count != 1:
            wrong.append(f"Appeal {public_id} moved money, but has {count} journals.")
        elif int(moved or 0) != minor:
            amount, said = Money(minor, currency), Money(int(moved or 0), currency)
            wrong.append(f"Appeal {public_id} awarded {amount}, but its journal says {said}.")
    closed = select(Appeal.public_id).where(Appeal.status.in_(OPEN) != Appeal.closed_at.is_(None))
    wrong += [f"Appeal {one} is neither open nor closed." for one in db.session.scalars(closed)]
    return wrong


def _page(wanted: Any, key: Any, request: PageRequest, newest_first: bool) -> Page[Row]:
    ids = wanted.with_only_columns(Appeal.id).limit(COUNT_CAP + 1).subquery()
    total = int(db.session.scalar(select(func.count()).select_from(ids)) or 0)
    position = request.moment()
    if position:
        at, row_id = position
        if newest_first:
            wanted = wanted.where((key < at) | ((key == at) & (Appeal.id < row_id)))
        else:
            wanted = wanted.where((key > at) | ((key == at) & (Appeal.id > row_id)))
    order = (key.desc(), Appeal.id.desc()) if newest_first else (key, Appeal.id)
    rows = [
        Row(*one)
        for one in db.session.execute(wanted.order_by(*order).limit(request.size + 1))
    ]  # fmt: skip
    cursor = None
    if len(rows) > request.size:
        last = rows[request.size - 1].appeal
        cursor = cursor_of(getattr(last, key.key).isoformat(), last.id)
    return Page(rows[: request.size], cursor, total, is_first=position is None)


def _one(*conditions: Any) -> Appeal:
    return _found(db.session.scalar(select(Appeal).where(*conditions)))


def _found(row: Appeal | None) -> Appeal:
    if row is None:
        raise NotFound()
    return row
