"""Read the books as statements, and the statements that are out."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, literal, select, union_all
from sqlalchemy.orm import aliased

from portal.creators.models import Creator
from portal.identity import queries as identity
from portal.identity.models import Brand
from portal.kernel.errors import NotFound
from portal.kernel.money import Money
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.ledger import accounts
from portal.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal
from portal.statements.models import Statement, StatementMonth
from portal.statements.rules import Figures, Month, MoveKind, move_kind_of
from portal.storage.model import db

BALANCE, AFTER, SPLIT = "balance", "after", "split"
WITHHELD, FEE = "payout withheld", "payout fee"


@dataclass(frozen=True, slots=True)
class Move:
    """One journal that changed what a creator has. `reference` names the thing it is about."""

    at: datetime
    kind: MoveKind
    reason: str
    reference: str
    amount: Money


@dataclass(frozen=True, slots=True)
class MonthSum:
    """One month of a brand in one currency, over all its creators."""

    month: Month
    currency: str
    count: int
    opening: Money
    earned: Money
    reversed: Money
    adjusted: Money
    withheld: Money
    paid: Money
    closing: Money


def figures_of_brand(brand_id: int, month: Month) -> dict[tuple[int, str], Figures]:
    """(creator id, currency) → a month's sums, for every creator who had or moved anything.

    One statement, so that balances and journals are of the same instant. Reads the kept balances
    and what was posted since the month began, not the history before it.
    """
    return _figures(brand_id, month, None)


def figures_of(brand_id: int, creator_id: int, month: Month) -> dict[str, Figures]:
    """Currency → the month's sums of one creator, as far as the month has come."""
    found = _figures(brand_id, month, creator_id)
    return {currency: figures for (_, currency), figures in found.items()}


def moves_of(brand_id: int, creator_id: int, currency: str, month: Month) -> Sequence[Move]:
    """What changed the balance of one creator in a month, oldest first."""
    zone = identity.brand(brand_id).zone
    rows = db.session.execute(
        select(
            LedgerJournal.id, LedgerJournal.at, LedgerJournal.reason, LedgerJournal.reference,
            func.sum(LedgerEntry.amount_minor),
        )
        .join(LedgerEntry, LedgerEntry.journal_id == LedgerJournal.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(
            LedgerAccount.creator_id == creator_id, LedgerAccount.brand_id == brand_id,
            LedgerAccount.currency == currency,
            LedgerJournal.at >= month.start(zone), LedgerJournal.at < month.end(zone),
        )
        .group_by(LedgerJournal.id, LedgerJournal.at, LedgerJournal.reason, LedgerJournal.reference)
        .having(func.sum(LedgerEntry.amount_minor) != 0)
        .order_by(LedgerJournal.at, LedgerJournal.id)
    )  # fmt: skip
    parts = _parts(brand_id, creator_id, currency, month.start(zone))
    found = []
    for journal_id, at, reason, reference, minor in rows:
        split = parts.get(journal_id, [])
        left = int(minor) - sum(part for _, part in split)
        for why, part in [(reason, left), *split]:
            if part:
                found.append(Move(at, move_kind_of(why), why, reference, Money(part, currency)))
    return found


def statement(statement_id: int) -> Statement:
    found = db.session.get(Statement, statement_id)
    assert found is not None
    return found


def of_creator(creator_id: int) -> Sequence[Statement]:
    """All her statements, the newest month first."""
    rows = db.session.scalars(
        select(Statement)
        .where(Statement.creator_id == creator_id)
        .order_by(Statement.month.desc(), Statement.brand_id, Statement.currency)
    )
    return rows.all()  # type: ignore[no-any-return]


def one_of_creator(creator_id: int, public_id: str) -> Statement:
    """One of her statements. Raises NotFound for anybody else's."""
    return _one(Statement.creator_id == creator_id, public_id)


def one_of_brand(brand_id: int, month: Month, public_id: str) -> Statement:
    """One of a brand's statements of a month. Raises NotFound for another brand's or month's."""
    return _one((Statement.brand_id == brand_id) & (Statement.month == str(month)), public_id)


def of_brand_in(brand_id: int, month: Month, request: PageRequest) -> Page[Statement]:
    """A brand's statements of one month."""
    wanted = select(Statement).where(Statement.brand_id == brand_id, Statement.month == str(month))
    ids = wanted.with_only_columns(Statement.id).limit(COUNT_CAP + 1).subquery()
    total = db.session.scalar(select(func.count()).select_from(ids))
    last = request.row_id()
    if last is not None:
        wanted = wanted.where(Statement.id > last)
    rows = db.session.scalars(wanted.order_by(Statement.id).limit(request.size + 1)).all()
    shown = rows[: request.size]
    cursor = cursor_of(shown[-1].id) if len(rows) > request.size else None
    return Page(shown, cursor, int(total or 0), is_first=last is None)


def published(brand_id: int) -> Sequence[StatementMonth]:
    """The months that are out, newest first."""
    rows = db.session.scalars(
        select(StatementMonth)
        .where(StatementMonth.brand_id == brand_id)
        .order_by(StatementMonth.month.desc())
    )
    return rows.all()  # type: ignore[no-any-return]


def all_of_brand_in(brand_id: int, month: Month) -> Sequence[tuple[Statement, Creator]]:
    """Every statement of a brand's month with its creator, by name."""
    rows = db.session.execute(
        select(Statement, Creator)
        .join(Creator, Creator.id == Statement.creator_id)
        .where(Statement.brand_id == brand_id, Statement.month == str(month))
        .order_by(Creator.name, Statement.id)
    )
    return [(statement, creator) for statement, creator in rows]


def is_published(brand_id: int, month: Month) -> bool:
    """Whether a month of a brand is out."""
    return any(one.month == str(month) for one in published(brand_id))


def mailed_of(brand_id: int) -> dict[str, int]:
    """Month → how many of its statements were mailed."""
    rows = db.session.execute(
        select(Statement.month, func.count())
        .where(Statement.brand_id == brand_id, Statement.mailed_at.is_not(None))
        .group_by(Statement.month)
    )
    return {month: int(count) for month, count in rows}


def months_of(brand_id: int) -> Sequence[MonthSum]:
    """The sums of every month that is out, newest first, one line per currency."""
    names = ("opening", "earned", "reversed", "adjusted", "withheld", "paid", "closing")
    columns = [func.sum(getattr(Statement, f"{name}_minor")) for name in names]
    rows = db.session.execute(
        select(Statement.month, Statement.currency, func.count(), *columns)
        .where(Statement.brand_id == brand_id)
        .group_by(Statement.month, Statement.currency)
        .order_by(Statement.month.desc(), Statement.currency)
    )
    return [
        MonthSum(Month.of(month), currency, count, *(Money(int(one), currency) for one in sums))
        for month, currency, count, *sums in rows
    ]


def seals_of(brand_id: int, month: Month) -> list[str]:
    """Where the chains ended when a month was published, as its documents print it."""
    found = db.session.scalar(
        select(StatementMonth.seals).where(
            StatementMonth.brand_id == brand_id, StatementMonth.month == str(month)
        )
    )
    return list(found or [])


def newest_month(brand_id: int) -> Month | None:
    """The last month that is out; None before the first."""
    text = db.session.scalar(
        select(func.max(StatementMonth.month)).where(StatementMonth.brand_id == brand_id)
    )
    return None if text is None else Month.of(text)


def next_due(brand: Brand, now: datetime) -> Month | None:
    """The month to publish next: the first that is not out, once nothing can be posted in it.

    Begins with the month of the brand's first journal. None: nothing is due.
    """
    month = first_not_out(brand)
    return month if month is not None and month.is_settled(now, brand.zone) else None


def first_not_out(brand: Brand) -> Month | None:
    """The month that is published next, whether it has ended or not; None while the brand's books
    are empty."""
    newest = newest_month(brand.id)
    if newest is not None:
        return newest.next
    first = _first_posting(brand.id)
    return None if first is None else Month.at(first, brand.zone)


def violations() -> list[str]:
    """Sentences; empty when each statement begins where the one before ended, and the newest month
    of each brand is what the books say."""
    return _broken_chains() + _differing()


def _figures(brand_id: int, month: Month, creator_id: int | None) -> dict[tuple[int, str], Figures]:
    zone = identity.brand(brand_id).zone
    balances: dict[tuple[int, str], int] = {}
    moved: dict[tuple[int, str], dict[MoveKind, int]] = defaultdict(lambda: defaultdict(int))
    for who, currency, what, reason, minor in db.session.execute(
        _sums(brand_id, month.start(zone), month.end(zone), creator_id)
    ):
        key = who, currency
        if what == BALANCE:
            balances[key] = balances.get(key, 0) + int(minor)
        elif what == AFTER:
            balances[key] = balances.get(key, 0) - int(minor)
        elif what == SPLIT:
            moved[key][move_kind_of(reason)] += int(minor)
            moved[key][MoveKind.PAID] -= int(minor)
        else:
            moved[key][move_kind_of(reason)] += int(minor)
    return {key: _put_together(key[1], end, moved[key]) for key, end in balances.items()}


def _put_together(currency: str, closing: int, moved: dict[MoveKind, int]) -> Figures:
    kinds = {kind: Money(minor, currency) for kind, minor in moved.items()}
    return Figures(Money(closing - sum(moved.values()), currency), kinds)


def _sums(brand_id: int, start: datetime, end: datetime, creator_id: int | None) -> Any:
    """(creator, currency, balance | after | split | in, reason, minor) of a brand, or a creator."""
    who = [LedgerAccount.brand_id == brand_id, LedgerAccount.creator_id.is_not(None)]
    if creator_id is not None:
        who.append(LedgerAccount.creator_id == creator_id)
    place = case((LedgerJournal.at < end, "in"), else_=AFTER)
    posted = (
        select(LedgerAccount.creator_id, LedgerAccount.currency, place.label("what"),
               LedgerJournal.reason, func.sum(LedgerEntry.amount_minor).label("minor"))
        .select_from(LedgerJournal)
        .join(LedgerEntry, LedgerEntry.journal_id == LedgerJournal.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(LedgerJournal.at >= start, *who)
        .group_by(LedgerAccount.creator_id, LedgerAccount.currency, place, LedgerJournal.reason)
    )  # fmt: skip
    kept = (
        select(LedgerAccount.creator_id, LedgerAccount.currency, literal(BALANCE), literal(""),
               func.sum(LedgerAccount.balance_minor))
        .where(*who)
        .group_by(LedgerAccount.creator_id, LedgerAccount.currency)
    )  # fmt: skip
    legs = _counter_legs(brand_id, start, who).subquery()
    split = select(
        legs.c.creator_id, legs.c.currency, literal(SPLIT), legs.c.reason, -legs.c.amount_minor
    ).where(legs.c.at < end)
    return union_all(posted, kept, split)


def _counter_legs(brand_id: int, start: datetime, who: list[Any]) -> Any:
    """What payouts since an instant gave to the tax office or the rail instead of the creator, with
    whose payout it was: (journal id, at, creator, currency, amount, why)."""
    tax = accounts.tax_withheld(brand_id)
    hers = (
        select(LedgerEntry.journal_id, LedgerAccount.creator_id, LedgerAccount.currency)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .join(LedgerJournal, LedgerJournal.id == LedgerEntry.journal_id)
        .where(LedgerJournal.at >= start, LedgerJournal.reason.startswith("payout "), *who)
        .distinct()
        .subquery()
    )
    other = aliased(LedgerAccount)
    return (
        select(
            LedgerJournal.id.label("journal_id"), LedgerJournal.at, hers.c.creator_id,
            hers.c.currency, LedgerEntry.amount_minor,
            case((other.name == tax, WITHHELD), else_=FEE).label("reason"),
        )
        .join(hers, hers.c.journal_id == LedgerJournal.id)
        .join(LedgerEntry, LedgerEntry.journal_id == LedgerJournal.id)
        .join(other, other.id == LedgerEntry.account_id)
        .where(other.name.in_((tax, accounts.RAIL_FEES)), other.currency == hers.c.currency)
    )  # fmt: skip


def _parts(
    brand_id: int, creator_id: int, currency: str, start: datetime
) -> dict[int, list[tuple[str, int]]]:
    """Journal id → what of its effect on her balance is tax or fee, signed as she sees it."""
    who = [
        LedgerAccount.brand_id == brand_id, LedgerAccount.creator_id == creator_id,
        LedgerAccount.currency == currency,
    ]  # fmt: skip
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for row in db.session.execute(_counter_legs(brand_id, start, who)):
        found[row.journal_id].append((row.reason, -row.amount_minor))
    return found


def _first_posting(brand_id: int) -> datetime | None:
    return db.session.scalar(  # type: ignore[no-any-return]
        select(LedgerJournal.at)
        .join(LedgerEntry, LedgerEntry.journal_id == LedgerJournal.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(LedgerAccount.brand_id == brand_id)
        .order_by(LedgerJournal.id)
        .limit(1)
    )


def _one(condition: Any, public_id: str) -> Statement:
    found = db.session.scalar(select(Statement).where(Statement.public_id == public_id, condition))
    if found is None:
        raise NotFound
    return found  # type: ignore[no-any-return]


def _broken_chains() -> list[str]:
    before = func.lag(Statement.closing_minor).over(
        partition_by=(Statement.brand_id, Statement.creator_id, Statement.currency),
        order_by=Statement.month,
    )
    told = select(Statement.public_id, Statement.opening_minor, before.label("before")).subquery()
    rows = db.session.scalars(
        select(told.c.public_id).where(told.c.opening_minor != func.coalesce(told.c.before, 0))
    )
    return [f"Statement {one} does not begin where the one before ended." for one in rows]


def _differing() -> list[str]:
    newest = db.session.execute(
        select(Statement.brand_id, func.max(Statement.month)).group_by(Statement.brand_id)
    ).all()
    wrong = []
    for brand_id, text in newest:
        books = figures_of_brand(brand_id, Month.of(text))
        rows = db.session.scalars(
            select(Statement).where(Statement.brand_id == brand_id, Statement.month == text)
        )
        wrong += [
            f"Statement {one.public_id} closes with {one.closing}, the books with "
            f"{books[one.creator_id, one.currency].closing}."
            for one in rows
            if one.closing != books[one.creator_id, one.currency].closing
        ]
    return wrong
