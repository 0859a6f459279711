"""What each creator of a brand is owed at a run's cut-off, told as SQL: pages and runs read it.

A run reads balances. Of the entries behind them only those after the cut-off are looked at, one
account after the other from its newest entry backwards: what was earned and settled before costs
nothing (PERFORMANCE C). Within one account ids and times rise together, since both are taken under
its lock.
"""

from typing import Any

from sqlalchemy import CTE, BigInteger, ColumnElement, Select, case, cast, func, select, tuple_
from sqlalchemy.orm import aliased

from portal.ledger import accounts
from portal.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal
from portal.payouts.models import Payout, PayoutRun, is_gone
from portal.storage.model import db

Range = tuple[int, int | None]  # creators above the first id, up to and with the second
EVERYBODY: Range = (0, None)


def due(run: PayoutRun, among: Range = EVERYBODY) -> CTE:
    """Per payable account with something in it: `id`, `creator_id`, `amount` (what was payable at
    the cut-off, never more than is payable now), `since` and `newest`: the entries above the one
    and up to the other are what the amount covers."""
    cut = _cut(run, among)
    later = (
        select(func.sum(LedgerEntry.amount_minor))
        .join(LedgerJournal, LedgerJournal.id == LedgerEntry.journal_id)
        .where(
            LedgerEntry.account_id == cut.c.id,
            LedgerEntry.id > cut.c.newest,
            ~is_ours(LedgerJournal),
        )
        .correlate(cut)
        .scalar_subquery()
    )
    after = kept(
        "after_cutoff", select(cut, cast(func.coalesce(later, 0), BigInteger).label("later"))
    )
    amount = case((after.c.later > 0, after.c.balance - after.c.later), else_=after.c.balance)
    columns = (after.c.id, after.c.creator_id, amount.label("amount"), after.c.since)
    return kept("due", select(*columns, after.c.newest).where(amount != 0))


def is_ours(journal: Any) -> ColumnElement[bool]:
    """Journals of payouts: what they move was owed before."""
    return journal.reference.like("payout:%")  # type: ignore[no-any-return]


def with_figures(run: PayoutRun, told: CTE) -> CTE:
    """What is due (`told`), and beside it how many amounts `came_in` since the last payout, and
    what refunds `taken` back (zero or below).

    Two looks at each account: nearly all of its entries came in, and are counted in the index.
    """
    minor, covered = LedgerEntry.amount_minor, _covered(told)
    came_in = select(func.count()).where(*covered, minor > 0)
    taken = select(func.coalesce(func.sum(case((_is_back(run), minor), else_=0)), 0))
    wanted = select(
        told,
        came_in.correlate(told).scalar_subquery().label("came_in"),
        taken.where(*covered, minor < 0).correlate(told).scalar_subquery().label("taken"),
    )
    return kept("figures", wanted)


def _covered(told: CTE) -> tuple[ColumnElement[bool], ...]:
    """Her account's entries since the last payout. PostgreSQL would rather go through everybody's
    entries of that time; compared in pairs, they can only be found by account."""
    if db.engine.dialect.name == "postgresql":
        place = tuple_(LedgerEntry.account_id, LedgerEntry.id)
        return place > tuple_(told.c.id, told.c.since), place <= tuple_(told.c.id, told.c.newest)
    return (
        LedgerEntry.account_id == told.c.id,
        LedgerEntry.id > told.c.since,
        LedgerEntry.id <= told.c.newest,
    )


def given_back(run: PayoutRun, due_now: CTE) -> Any:
    """How many of the amounts that came in were given back by payouts: found from the `committed`
    account, which has few entries since the last payout."""
    own, theirs = aliased(LedgerEntry), aliased(LedgerEntry)
    committed = select(LedgerAccount.id).where(
        LedgerAccount.brand_id == run.brand_id,
        LedgerAccount.state == "committed",
        LedgerAccount.currency == run.currency,
        LedgerAccount.creator_id == due_now.c.creator_id,
    )
    came_back = select(own.id).where(
        own.journal_id == theirs.journal_id,
        own.account_id == due_now.c.id,
        own.amount_minor > 0,
        own.id > due_now.c.since,  # its other leg may stand behind the last payout's reach
        own.id <= due_now.c.newest,
    )
    # As CASE, so that nobody turns it round and starts from all that ever came in.
    counted = case((came_back.correlate(theirs, due_now).exists(), 1))
    return (
        select(func.count(counted))
        .where(
            theirs.account_id == committed.correlate(due_now).scalar_subquery(),
            theirs.id > due_now.c.since,
            theirs.amount_minor < 0,
        )
        .correlate(due_now)
        .scalar_subquery()
    )


def balances(run: PayoutRun) -> tuple[ColumnElement[bool], ...]:
    """The payable accounts with a balance."""
    return (
        LedgerAccount.brand_id == run.brand_id,
        LedgerAccount.state == "payable",
        LedgerAccount.currency == run.currency,
        LedgerAccount.balance_minor != 0,
    )


def _cut(run: PayoutRun, among: Range) -> CTE:
    owed = _owed(run, among)
    newest = (
        select(LedgerEntry.id)
        .join(LedgerJournal, LedgerJournal.id == LedgerEntry.journal_id)
        .where(
            LedgerEntry.account_id == owed.c.id,
            LedgerEntry.id > owed.c.since,
            LedgerJournal.at < run.cutoff_at,
        )
        .order_by(LedgerEntry.id.desc())
        .limit(1)
        .correlate(owed)
        .scalar_subquery()
    )
    return kept("cut", select(owed, func.coalesce(newest, owed.c.since).label("newest")))


def _owed(run: PayoutRun, among: Range) -> CTE:
    """The accounts, and up to which entry earlier payouts cover them."""
    covered = (
        select(func.max(Payout.up_to_entry_id))
        .where(
            Payout.creator_id == LedgerAccount.creator_id,
            Payout.brand_id == run.brand_id,
            Payout.currency == run.currency,
            is_gone(Payout.status),
        )
        .correlate(LedgerAccount)
        .scalar_subquery()
    )
    above, up_to = among
    wanted: Any = select(
        LedgerAccount.id,
        LedgerAccount.creator_id,
        LedgerAccount.balance_minor.label("balance"),
        func.coalesce(covered, 0).label("since"),
    ).where(*balances(run), LedgerAccount.creator_id > above)
    if up_to is not None:
        wanted = wanted.where(LedgerAccount.creator_id <= up_to)
    return kept("owed", wanted)


def _is_back(run: PayoutRun) -> Any:
    """Whether an entry took back: its journal gave to the brand's expense account."""
    expense = select(LedgerAccount.id).where(
        LedgerAccount.name == accounts.expense(run.brand_id), LedgerAccount.currency == run.currency
    )
    other = aliased(LedgerEntry)
    return (  # by LIMIT, not EXISTS: PostgreSQL would hash every entry of the expense account
        select(other.id)
        .where(
            other.journal_id == LedgerEntry.journal_id,
            # + 0: found by journal, not among all that the brand ever spent
            other.account_id + 0 == expense.scalar_subquery(),
        )
        .correlate(LedgerEntry)
        .limit(1)
        .scalar_subquery()
        .is_not(None)
    )


def kept(name: str, wanted: Select[Any]) -> CTE:
    """A part that is worked out once."""
    return wanted.cte(name).prefix_with("MATERIALIZED")
