"""A brand's commissions as finance lists them: each in the state that its payout gives it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, Subquery, and_, case, cast, func, literal, select
from sqlalchemy.orm import aliased

from portal.commissions.models import Commission, CommissionKind, CommissionStatus
from portal.commissions.wording import KINDS
from portal.creators.models import Creator
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.ledger.models import LedgerEntry, LedgerJournal
from portal.payouts.models import GONE, IN_RUN, Payout
from portal.reports import settled_queries
from portal.reports.settled_queries import IN_RUN_WORD, PAID_WORD
from portal.sales.models import Order
from portal.storage.model import db

REDUCED = "reversed"
SETTLED_VIEWS = ("payable", IN_RUN_WORD, PAID_WORD)
REVIEW = "review"
READ_AT_ONCE = 2_000
VIEWS = (*SETTLED_VIEWS, "pending", "on_hold", REVIEW, REDUCED, "void")


@dataclass(frozen=True, slots=True)
class Row:
    """One line: the commission, whose it is, its order's number, and the state it is shown in."""

    commission: Commission
    creator: Creator
    order_number: str | None
    word: str

    @property
    def about(self) -> str:
        """What it was earned for: the order, or the word of its kind."""
        is_sale = self.commission.kind is CommissionKind.SALE
        return f"Order {self.order_number}" if is_sale else KINDS[self.commission.kind]


def listing(brand_id: int, request: PageRequest, view: str = "", search: str = "") -> Page[Row]:
    """A brand's commissions, newest first. `view` is one of VIEWS; "" shows all."""
    wanted = _found(_narrowed(brand_id, view), search)
    ids = wanted.with_only_columns(Commission.id).limit(COUNT_CAP + 1).subquery()
    total = int(db.session.scalar(select(func.count()).select_from(ids)) or 0)
    position = request.moment()
    if position:
        at, row_id = position
        same = (Commission.earned_at == at) & (Commission.id < row_id)
        wanted = wanted.where((Commission.earned_at < at) | same)
    ordered = wanted.order_by(Commission.earned_at.desc(), Commission.id.desc())
    rows = db.session.execute(ordered.limit(request.size + 1)).all()
    shown = rows[: request.size]
    words = settled_queries.words_of([commission for commission, _, _ in shown])
    cursor = None
    if len(rows) > request.size:
        last = shown[-1][0]
        cursor = cursor_of(last.earned_at.isoformat(), last.id)
    listed = [Row(found, creator, number, words[found.id]) for found, creator, number in shown]
    return Page(listed, cursor, total, is_first=position is None)


def every(brand_id: int, view: str = "", search: str = "") -> Iterator[Row]:
    """All of `listing`, read a page at a time."""
    asked: PageRequest | None = PageRequest(size=READ_AT_ONCE)
    while asked is not None:
        page = listing(brand_id, asked, view, search)
        yield from page.rows
        asked = PageRequest(page.next_cursor, READ_AT_ONCE) if page.next_cursor else None


def view_counts(brand_id: int) -> dict[str, int]:
    """How many commissions each view holds."""
    word, joined = _settled(brand_id)
    is_reduced = case((Commission.reversed_minor > 0, 1), else_=0)
    waits = case((Commission.in_review, 1), else_=0)
    rows = db.session.execute(
        joined(
            select(word, func.count(), func.sum(is_reduced), func.sum(waits)).select_from(
                Commission
            )
        )
        .where(Commission.brand_id == brand_id)
        .group_by(word)
    )
    counts = dict.fromkeys(VIEWS, 0)
    for state, count, reduced, waiting in rows:
        counts[REVIEW] += int(waiting)
        counts[str(state)] = counts.get(str(state), 0) + count
        counts[REDUCED] += int(reduced)
    return counts


def _narrowed(brand_id: int, view: str) -> Any:
    wanted: Any = (
        select(Commission, Creator, Order.number)
        .join(Creator, Creator.id == Commission.creator_id)
        .outerjoin(Order, Order.id == Commission.order_id)
        .where(Commission.brand_id == brand_id)
    )
    if view in SETTLED_VIEWS:
        word, joined = _settled(brand_id)
        return joined(wanted).where(Commission.status == CommissionStatus.PAYABLE, word == view)
    if view == REVIEW:
        return wanted.where(Commission.in_review)
    if view == REDUCED:
        return wanted.where(Commission.reversed_minor > 0)
    return wanted.where(Commission.status == CommissionStatus(view)) if view in VIEWS else wanted


def _found(wanted: Any, search: str) -> Any:
    text = search.strip().lstrip("#@")
    if not text:
        return wanted
    return wanted.where(
        Creator.name.icontains(text, autoescape=True)
        | Creator.handle.icontains(text, autoescape=True)
        | Order.number.icontains(text, autoescape=True)
    )


def _settled(brand_id: int) -> tuple[Any, Callable[[Any], Any]]:
    """The state of a commission as a column, and the joins that it needs: as
    `settled_queries.words_of` says it, for many at once."""
    reach, released, again = _reach(brand_id), aliased(LedgerJournal), aliased(LedgerEntry)
    start = literal("commission:") + cast(Commission.id, String)
    is_payable = Commission.status == CommissionStatus.PAYABLE
    is_it = and_(is_payable, LedgerJournal.reference == start + ":matured")
    # The leg that came in is the payable account's: by it the commission became payable.
    leg = and_(LedgerEntry.journal_id == LedgerJournal.id, LedgerEntry.amount_minor > 0)
    # Let go after its hold had ended, it became so again; before, the entry lies below the other.
    number = cast(Commission.holds, String)
    is_again = and_(
        is_payable, Commission.holds > 0, released.reference == start + ":released:" + number
    )
    leg_again = and_(again.journal_id == released.id, again.amount_minor > 0)
    newest = case((again.id > LedgerEntry.id, again.id), else_=LedgerEntry.id)
    owner = and_(
        reach.c.creator_id == Commission.creator_id, reach.c.currency == Commission.currency
    )
    word = case(
        (newest <= reach.c.paid_to, PAID_WORD),
        (newest <= reach.c.run_to, IN_RUN_WORD),
        else_=cast(Commission.status, String),
    )
    return (
        word,
        lambda wanted: (
            wanted.outerjoin(LedgerJournal, is_it)
            .outerjoin(LedgerEntry, leg)
            .outerjoin(released, is_again)
            .outerjoin(again, leg_again)
            .outerjoin(reach, owner)
        ),
    )


def _reach(brand_id: int) -> Subquery:
    """Up to which entry payouts cover each creator's balance: those that were sent, and those
    whose money is set aside in a run."""
    is_set_aside = Payout.status.in_(IN_RUN) & Payout.is_reserved
    up_to = Payout.up_to_entry_id
    return (
        select(
            Payout.creator_id,
            Payout.currency,
            func.max(case((Payout.status.in_(GONE), up_to))).label("paid_to"),
            func.max(case((is_set_aside, up_to))).label("run_to"),
        )
        .where(Payout.brand_id == brand_id, Payout.status.in_(GONE) | is_set_aside)
        .group_by(Payout.creator_id, Payout.currency)
        .subquery()
    )
