"""Move money between two states of thousands of creators, in a handful of set statements.

What `commands.post` does for each, told by one SELECT: the same journals, legs, locks and balances.
"""

from typing import Any

from sqlalchemy import Integer, String, Subquery, case, cast, func, insert, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from portal.kernel import clock
from portal.ledger import accounts
from portal.ledger.commands import Overdrawn
from portal.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal
from portal.storage.changes import change
from portal.storage.locks import as_python_sorts
from portal.storage.model import db
from portal.storage.types import UTCDateTime

ACCOUNTS: Any = LedgerAccount.__table__
ENTRIES: Any = LedgerEntry.__table__
JOURNALS: Any = LedgerJournal.__table__


def move_each(
    reason: str, moves: Subquery, *, brand_id: int, currency: str, source: str, target: str
) -> int:
    """Post a journal for each row of `moves`: `creator_id`, `amount_minor` (positive), `reference`.

    Each takes the amount from the creator's `source` account to her `target` account with this
    brand (words of `accounts.CREATOR_STATES`); a creator comes once. Locks all of these accounts
    by name before it looks at a balance, and returns how many journals there are. Raises Overdrawn
    when a source does not cover its amount, IntegrityError when a reference was posted before: the
    caller's transaction must roll back.
    """
    each = _Each(moves, brand_id, currency, source, target)
    _open_missing(each)
    _lock(each)
    _check_covered(each)
    journals = _post(each, reason)
    changed = _change_balances(each)
    assert changed == 2 * journals, "a creator comes once, and has both accounts"
    return journals


class _Each:
    """The moves, and how a creator's account in one of the two states is found."""

    def __init__(
        self, moves: Subquery, brand_id: int, currency: str, source: str, target: str
    ) -> None:
        assert source in accounts.CREATOR_STATES
        assert target in accounts.CREATOR_STATES
        assert source != target
        self.moves, self.brand_id, self.currency = moves, brand_id, currency
        self.source, self.target = source, target

    def account_in(self, *states: str) -> Any:
        """Her account with this brand in one of these states."""
        return (
            (ACCOUNTS.c.brand_id == self.brand_id)
            & ACCOUNTS.c.state.in_(states)
            & (ACCOUNTS.c.currency == self.currency)
            & (ACCOUNTS.c.creator_id == self.moves.c.creator_id)
        )

    @property
    def signed(self) -> Any:
        """What a move adds to the account it meets."""
        minor = self.moves.c.amount_minor
        return case((ACCOUNTS.c.state == self.source, -minor), else_=minor)


def _open_missing(each: _Each) -> None:
    before, after = accounts.around(each.brand_id, each.target)
    creator_id = each.moves.c.creator_id
    there = select(ACCOUNTS.c.id).where(each.account_in(each.target)).correlate(each.moves)
    missing = select(
        literal(before) + cast(creator_id, String) + literal(after),
        literal(each.currency), literal(each.brand_id, Integer), creator_id,
        literal(each.target), literal(0, Integer),
    ).where(~there.exists()).order_by(creator_id)  # fmt: skip
    dialect: Any = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    columns = ["name", "currency", "brand_id", "creator_id", "state", "balance_minor"]
    db.session.execute(
        dialect.insert(ACCOUNTS).from_select(columns, missing).on_conflict_do_nothing()
    )


def _lock(each: _Each) -> None:
    if db.engine.dialect.name == "sqlite":
        return  # a unit of work is the only writer there
    by_name = (
        select(ACCOUNTS.c.id)
        .where(each.account_in(each.source, each.target))
        .order_by(as_python_sorts(ACCOUNTS.c.name))
        .with_for_update(of=ACCOUNTS)
    )
    db.session.execute(select(func.count()).select_from(by_name.subquery()))


def _check_covered(each: _Each) -> None:
    has = select(ACCOUNTS.c.balance_minor).where(each.account_in(each.source))
    covered = has.correlate(each.moves).scalar_subquery()
    short = select(literal(1)).select_from(each.moves)
    short = short.where(func.coalesce(covered, 0) < each.moves.c.amount_minor).limit(1)
    if db.session.scalar(short) is not None:
        raise Overdrawn("There is not enough money in one of the accounts.")


def _post(each: _Each, reason: str) -> int:
    moves = each.moves
    heads = select(
        literal(clock.now(), UTCDateTime()), literal(reason), moves.c.reference
    ).order_by(moves.c.creator_id)
    posted: Any = db.session.execute(
        insert(JOURNALS).from_select(["at", "reason", "reference"], heads),
        execution_options={"preserve_rowcount": True},
    )
    legs = (
        select(JOURNALS.c.id, ACCOUNTS.c.id, literal(each.currency), each.signed)
        .select_from(moves)
        .join(JOURNALS, JOURNALS.c.reference == moves.c.reference)
        .join(ACCOUNTS, each.account_in(each.source, each.target))
        .order_by(JOURNALS.c.id)
    )
    columns = ["journal_id", "account_id", "currency", "amount_minor"]
    db.session.execute(insert(ENTRIES).from_select(columns, legs))
    return int(posted.rowcount)


def _change_balances(each: _Each) -> int:
    return change(
        update(ACCOUNTS)
        .where(each.account_in(each.source, each.target))
        .values(balance_minor=ACCOUNTS.c.balance_minor + each.signed)
    )
