"""Look at adjustments."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, String, case, cast, func, literal, null, select

from portal.adjustments.models import Adjustment, AdjustmentFile, AdjustmentReason, AdjustmentStatus
from portal.ambassadors.models import Ambassador
from portal.commissions.models import Reversal
from portal.creators.models import Creator
from portal.kernel.errors import NotFound
from portal.kernel.money import Money
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal
from portal.sales.models import Order
from portal.storage.model import db

MOST_LISTED = 50
VIEWS = ("proposed", "approved", "declined")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list: the adjustment and whose it is."""

    adjustment: Adjustment
    creator: Creator


def adjustment(adjustment_id: int) -> Adjustment:
    """An adjustment by row id. Raises NotFound."""
    return _found(db.session.get(Adjustment, adjustment_id))


def one_of_brand(brand_id: int, public_id: str) -> Adjustment:
    """A brand's adjustment. Raises NotFound, for another brand's too."""
    return _one(Adjustment.brand_id == brand_id, Adjustment.public_id == public_id)


def by_key(brand_id: int, key: str) -> Adjustment | None:
    """The adjustment that was made from this form; None before the first press."""
    found: Adjustment | None = db.session.scalar(
        select(Adjustment).where(Adjustment.brand_id == brand_id, Adjustment.request_key == key)
    )
    return found


def file_of(adjustment_id: int) -> AdjustmentFile | None:
    """What was attached to an adjustment, or None."""
    found: AdjustmentFile | None = db.session.scalar(
        select(AdjustmentFile).where(AdjustmentFile.adjustment_id == adjustment_id)
    )
    return found


def listing(brand_id: int, request: PageRequest, view: str = "", search: str = "") -> Page[Row]:
    """A brand's adjustments, newest first. `view` is one of VIEWS; "" shows all."""
    wanted = _narrowed(brand_id, view, search)
    ids = wanted.with_only_columns(Adjustment.id).limit(COUNT_CAP + 1).subquery()
    total = int(db.session.scalar(select(func.count()).select_from(ids)) or 0)
    position = request.moment()
    if position:
        at, row_id = position
        same = (Adjustment.proposed_at == at) & (Adjustment.id < row_id)
        wanted = wanted.where((Adjustment.proposed_at < at) | same)
    ordered = wanted.order_by(Adjustment.proposed_at.desc(), Adjustment.id.desc())
    rows = db.session.execute(ordered.limit(request.size + 1)).all()
    shown, cursor = rows[: request.size], None
    if len(rows) > request.size:
        last = shown[-1][0]
        cursor = cursor_of(last.proposed_at.isoformat(), last.id)
    return Page([Row(*row) for row in shown], cursor, total, is_first=position is None)


def view_counts(brand_id: int) -> dict[str, int]:
    """How many adjustments each view holds."""
    rows = db.session.execute(
        select(Adjustment.status, func.count())
        .where(Adjustment.brand_id == brand_id)
        .group_by(Adjustment.status)
    )
    return dict.fromkeys(VIEWS, 0) | {status.value: count for status, count in rows}


def opposite_of(adjustment_id: int) -> Adjustment | None:
    """The opposite entry, posted or proposed; None when there is none."""
    found: Adjustment | None = db.session.scalar(
        select(Adjustment)
        .where(
            Adjustment.reverses_id == adjustment_id,
            Adjustment.status != AdjustmentStatus.DECLINED,
        )
        .order_by(Adjustment.id.desc())
    )
    return found


def open_write_off(brand_id: int, creator_id: int, currency: str) -> Adjustment | None:
    """The write-off of a balance that waits for a second person."""
    found: Adjustment | None = db.session.scalar(
        select(Adjustment).where(
            Adjustment.brand_id == brand_id, Adjustment.creator_id == creator_id,
            Adjustment.currency == currency, Adjustment.reason == AdjustmentReason.WRITE_OFF,
            Adjustment.status == AdjustmentStatus.PROPOSED,
        )
    )  # fmt: skip
    return found


def write_offs_of(brand_id: int, creator_id: int, currency: str) -> Sequence[int]:
    """The row ids of balances of a creator that were given up, newest first; opposite entries are
    not among them."""
    rows = db.session.scalars(
        select(Adjustment.id)
        .where(
            Adjustment.brand_id == brand_id, Adjustment.creator_id == creator_id,
            Adjustment.currency == currency, Adjustment.reason == AdjustmentReason.WRITE_OFF,
            Adjustment.status == AdjustmentStatus.APPROVED, Adjustment.reverses_id.is_(None),
        )
        .order_by(Adjustment.id.desc())
    )  # fmt: skip
    return rows.all()  # type: ignore[no-any-return]


def left_of(write_off: Adjustment) -> Money:
    """What of a write-off no opposite entry undid, or is to undo once a second person agrees."""
    minor = db.session.scalar(
        select(func.coalesce(func.sum(Adjustment.amount_minor), 0)).where(
            Adjustment.reverses_id == write_off.id,
            Adjustment.status != AdjustmentStatus.DECLINED,
        )
    )
    return write_off.amount + Money(int(minor or 0), write_off.currency)


def came_back_since(write_off: Adjustment, commission_id: int) -> Money:
    """What had been taken back of a commission when a balance was given up, was part of that, and
    was given back since; less what was undone for it."""
    taken = (
        select(func.coalesce(func.sum(-LedgerEntry.amount_minor), 0))
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .join(LedgerJournal, LedgerJournal.id == LedgerEntry.journal_id)
        .join(Reversal, Reversal.journal_reference == LedgerJournal.reference)
        .where(Reversal.commission_id == commission_id, LedgerAccount.state == "payable")
    )
    its_journal = select(LedgerJournal.id).where(LedgerJournal.reference == write_off.journal)
    then = db.session.scalar(taken.where(LedgerJournal.id < its_journal.scalar_subquery()))
    undone = db.session.scalar(
        select(func.coalesce(func.sum(-Adjustment.amount_minor), 0)).where(
            Adjustment.commission_id == commission_id, Adjustment.id > write_off.id,
            Adjustment.reason == AdjustmentReason.WRITE_OFF,
            Adjustment.status == AdjustmentStatus.APPROVED,
        )
    )  # fmt: skip
    minor = int(then or 0) - int(db.session.scalar(taken) or 0) - int(undone or 0)
    return Money(minor, write_off.currency)


def payable_of(brand_id: int, creator_id: int, currency: str) -> Money:
    """What a creator is owed now, below zero when she owes; locked against change."""
    minor = db.session.scalar(
        select(LedgerAccount.balance_minor)
        .where(
            LedgerAccount.brand_id == brand_id, LedgerAccount.creator_id == creator_id,
            LedgerAccount.currency == currency, LedgerAccount.state == "payable",
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )  # fmt: skip
    return Money(int(minor or 0), currency)


def members_of(brand_id: int, search: str = "", limit: int = MOST_LISTED) -> Sequence[Creator]:
    """Creators who are or were ambassadors of a brand, by name."""
    wanted = select(Creator).where(
        Creator.id.in_(select(Ambassador.creator_id).where(Ambassador.brand_id == brand_id))
    )
    text = search.strip().lstrip("@")
    if text:
        found = Creator.name.icontains(text, autoescape=True)
        wanted = wanted.where(found | Creator.handle.icontains(text, autoescape=True))
    return db.session.scalars(  # type: ignore[no-any-return]
        wanted.order_by(Creator.name, Creator.id).limit(limit)
    ).all()


def member_of(brand_id: int, public_id: str) -> Creator:
    """One of them. Raises NotFound for somebody who never was an ambassador of the brand."""
    found: Creator | None = db.session.scalar(
        select(Creator).where(
            Creator.public_id == public_id,
            Creator.id.in_(select(Ambassador.creator_id).where(Ambassador.brand_id == brand_id)),
        )
    )
    if found is None:
        raise NotFound()
    return found


def order_with_number(brand_id: int, number: str) -> Order | None:
    """A brand's order as the shop numbers it, with or without its sign; the newest of several."""
    bare = number.strip().lstrip("#")
    found: Order | None = db.session.scalar(
        select(Order)
        .where(Order.brand_id == brand_id, Order.number.in_((bare, f"#{bare}")))
        .order_by(Order.id.desc())
    )
    return found


def lines_of(creator_id: int) -> Any:
    """What was posted for a creator, in the columns of `commissions.earnings`."""
    return select(
        Adjustment.decided_at.label("at"), literal(2).label("rank"), Adjustment.id.label("id"),
        null().cast(BigInteger).label("commission_id"), Adjustment.currency.label("currency"),
        Adjustment.amount_minor.label("amount_minor"), Adjustment.brand_id.label("brand_id"),
        cast(Adjustment.reason, String).label("title"), Adjustment.note.label("note"),
    ).where(
        Adjustment.creator_id == creator_id, Adjustment.status == AdjustmentStatus.APPROVED
    )  # fmt: skip


def violations() -> list[str]:
    """Sentences; empty when each posted adjustment has exactly its journal, nothing else has one,
    and what needed two people had two."""
    return [*_journals(), *_people()]


def _journals() -> Iterator[str]:
    reference = literal("adjustment:") + cast(Adjustment.id, String) + literal(":posted")
    came = func.coalesce(func.sum(LedgerEntry.amount_minor), 0)
    is_posted = Adjustment.status == AdjustmentStatus.APPROVED
    owed = case((is_posted, Adjustment.amount_minor), else_=0)
    rows = db.session.execute(
        select(Adjustment.public_id, owed, Adjustment.currency, came)
        .outerjoin(LedgerJournal, LedgerJournal.reference == reference)
        .outerjoin(
            LedgerAccount,
            (LedgerAccount.creator_id == Adjustment.creator_id)
            & (LedgerAccount.brand_id == Adjustment.brand_id)
            & (LedgerAccount.currency == Adjustment.currency)
            & (LedgerAccount.state == "payable"),
        )
        .outerjoin(
            LedgerEntry,
            (LedgerEntry.journal_id == LedgerJournal.id)
            & (LedgerEntry.account_id == LedgerAccount.id),
        )
        .group_by(
            Adjustment.id, Adjustment.public_id, Adjustment.amount_minor, Adjustment.currency,
            Adjustment.status,
        )
        .having(came != owed)
    )  # fmt: skip
    for public_id, minor, currency, found in rows:
        said, booked = Money(minor, currency), Money(int(found), currency)
        yield f"Adjustment {public_id} should move {said}, but the books moved {booked}."


def _people() -> Iterator[str]:
    rows = db.session.scalars(
        select(Adjustment.public_id).where(
            Adjustment.status == AdjustmentStatus.APPROVED,
            Adjustment.needs_second,
            Adjustment.decided_by == Adjustment.proposed_by,
        )
    )
    for public_id in rows:
        yield f"Adjustment {public_id} needed two people, but one proposed and approved it."


def _narrowed(brand_id: int, view: str, search: str) -> Any:
    wanted: Any = (
        select(Adjustment, Creator)
        .join(Creator, Creator.id == Adjustment.creator_id)
        .where(Adjustment.brand_id == brand_id)
    )
    if view in VIEWS:
        wanted = wanted.where(Adjustment.status == AdjustmentStatus(view))
    text = search.strip().lstrip("@")
    if text:
        found = Creator.name.icontains(text, autoescape=True)
        wanted = wanted.where(found | Creator.handle.icontains(text, autoescape=True))
    return wanted


def _one(*conditions: Any) -> Adjustment:
    return _found(db.session.scalar(select(Adjustment).where(*conditions)))


def _found(row: Adjustment | None) -> Adjustment:
    if row is None:
        raise NotFound()
    return row
