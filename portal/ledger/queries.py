"""Read the books."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import aliased

from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger.models import BookCheck, LedgerAccount, LedgerEntry, LedgerJournal
from portal.storage.model import db


@dataclass(frozen=True, slots=True)
class CreatorBalances:
    """The five sums a creator sees for one brand and currency; together they are all she earned."""

    brand_id: int
    currency: str
    pending: Money
    held: Money
    payable: Money
    committed: Money
    paid: Money

    @property
    def earned(self) -> Money:
        return self.pending + self.held + self.payable + self.committed + self.paid


def balance(name: str, currency: str) -> Money:
    """An account's balance from its entries (shared accounts keep none); zero when unknown."""
    minor = db.session.scalar(
        select(func.coalesce(func.sum(LedgerEntry.amount_minor), 0))
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(LedgerAccount.name == name, LedgerAccount.currency == currency)
    )
    return Money(int(minor or 0), currency)


def balances_of(brand_id: int, creator_id: int, currency: str) -> CreatorBalances:
    """A creator's five sums with one brand in one currency."""
    rows = db.session.execute(
        select(LedgerAccount.state, LedgerAccount.balance_minor).where(
            LedgerAccount.brand_id == brand_id,
            LedgerAccount.creator_id == creator_id,
            LedgerAccount.currency == currency,
        )
    )
    found = {state: Money(minor, currency) for state, minor in rows}
    zero = Money.zero(currency)
    sums = {state: found.get(state, zero) for state in accounts.CREATOR_STATES}
    return CreatorBalances(brand_id, currency, **sums, paid=paid_to(brand_id, creator_id, currency))


def currencies_of(creator_id: int) -> Sequence[tuple[int, str]]:
    """(brand id, currency) pairs in which a creator has accounts."""
    rows = db.session.execute(
        select(LedgerAccount.brand_id, LedgerAccount.currency)
        .where(LedgerAccount.creator_id == creator_id)
        .distinct()
        .order_by(LedgerAccount.brand_id, LedgerAccount.currency)
    )
    return [(brand_id, currency) for brand_id, currency in rows if brand_id is not None]


def paid_to(brand_id: int, creator_id: int, currency: str) -> Money:
    """What left for the creator so far: the journals between `committed` and the world."""
    own, own_account = aliased(LedgerEntry), aliased(LedgerAccount)
    world, world_account = aliased(LedgerEntry), aliased(LedgerAccount)
    minor = db.session.scalar(
        select(func.coalesce(func.sum(own.amount_minor), 0))
        .join(own_account, own_account.id == own.account_id)
        .join(world, world.journal_id == own.journal_id)
        .join(world_account, world_account.id == world.account_id)
        .where(
            own_account.name == accounts.committed(brand_id, creator_id),
            own_account.currency == currency,
            world_account.name == accounts.PAID_OUT,  # in whatever currency it left (R96)
        )
    )
    return Money(-int(minor or 0), currency)


def count_in_state(brand_id: int, state: str, currency: str) -> int:
    """How many creators of a brand have a balance in this state."""
    found = db.session.scalar(
        select(func.count()).where(
            LedgerAccount.brand_id == brand_id,
            LedgerAccount.state == state,
            LedgerAccount.currency == currency,
            LedgerAccount.balance_minor != 0,
        )
    )
    return int(found or 0)


def totals_by_state(brand_id: int) -> dict[tuple[str, str], Money]:
    """(state, currency) → the sum over all creators of a brand."""
    rows = db.session.execute(
        select(LedgerAccount.state, LedgerAccount.currency, func.sum(LedgerAccount.balance_minor))
        .where(LedgerAccount.brand_id == brand_id)
        .group_by(LedgerAccount.state, LedgerAccount.currency)
    )
    return {
        (state, currency): Money(int(minor), currency)
        for state, currency, minor in rows
        if state is not None
    }


def negative_since(account_ids: Sequence[int]) -> dict[int, datetime]:
    """When each of these accounts last fell below zero."""
    running = (
        select(
            LedgerEntry.account_id, LedgerEntry.id, LedgerEntry.journal_id,
            func.sum(LedgerEntry.amount_minor)
            .over(partition_by=LedgerEntry.account_id, order_by=LedgerEntry.id)
            .label("balance"),
        )
        .where(LedgerEntry.account_id.in_(account_ids))
        .subquery()
    )  # fmt: skip
    last = (
        select(
            running.c.account_id,
            func.coalesce(func.max(case((running.c.balance >= 0, running.c.id))), 0).label("ok_id"),
        )
        .group_by(running.c.account_id)
        .subquery()
    )
    rows = db.session.execute(
        select(running.c.account_id, func.min(LedgerJournal.at, type_=LedgerJournal.at.type))
        .join(last, last.c.account_id == running.c.account_id)
        .join(LedgerJournal, LedgerJournal.id == running.c.journal_id)
        .where(running.c.id > last.c.ok_id)
        .group_by(running.c.account_id)
    )
    return dict(tuple(row) for row in rows)


def journals_with(prefix: str) -> Sequence[LedgerJournal]:
    """Journals whose reference starts with a prefix, oldest first: the trail of one thing."""
    rows = db.session.scalars(
        select(LedgerJournal)
        .where(LedgerJournal.reference.startswith(prefix, autoescape=True))
        .order_by(LedgerJournal.id)
    )
    return rows.all()  # type: ignore[no-any-return]


def lines_of(journal_id: int) -> Sequence[tuple[str, Money]]:
    """(account name, signed amount) of one journal."""
    rows = db.session.execute(
        select(LedgerAccount.name, LedgerEntry.amount_minor, LedgerEntry.currency)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(LedgerEntry.journal_id == journal_id)
        .order_by(LedgerEntry.amount_minor)
    )
    return [(name, Money(minor, currency)) for name, minor, currency in rows]


def trial_balance() -> dict[str, Money]:
    """The sum of all entries per currency: zero, or the books are wrong."""
    rows = db.session.execute(
        select(LedgerEntry.currency, func.sum(LedgerEntry.amount_minor)).group_by(
            LedgerEntry.currency
        )
    )
    return {currency: Money(int(minor), currency) for currency, minor in rows}


def last_check() -> BookCheck | None:
    """What the last look at all the books found; None before the first."""
    return db.session.scalar(  # type: ignore[no-any-return]
        select(BookCheck).order_by(BookCheck.id.desc()).limit(1)
    )


def violations() -> list[str]:
    """Sentences about what is wrong in the books; empty when they are right."""
    wrong = [f"The books are off by {off}." for off in trial_balance().values() if off]
    journals = db.session.execute(
        select(LedgerEntry.journal_id)
        .group_by(LedgerEntry.journal_id, LedgerEntry.currency)
        .having(func.sum(LedgerEntry.amount_minor) != 0)
    )
    wrong += [f"Journal {journal_id} does not sum to zero." for (journal_id,) in journals]
    total = func.coalesce(func.sum(LedgerEntry.amount_minor), 0)
    drifted = db.session.execute(
        select(LedgerAccount.name, LedgerAccount.currency, LedgerAccount.balance_minor, total)
        .outerjoin(LedgerEntry, LedgerEntry.account_id == LedgerAccount.id)
        .where(LedgerAccount.creator_id.is_not(None))
        .group_by(
            LedgerAccount.id,
            LedgerAccount.name,
            LedgerAccount.currency,
            LedgerAccount.balance_minor,
        )
        .having(total != LedgerAccount.balance_minor)
    )
    wrong += [
        f"{name} keeps {Money(kept, currency)}, but its entries sum to "
        f"{Money(int(summed), currency)}."
        for name, currency, kept, summed in drifted
    ]
    return wrong
