"""Move money in the books. The only writer of journals, entries and balances."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import insert, select, update

from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal
from portal.storage.insert_once import insert_once
from portal.storage.model import db

Move = tuple[str, str, Money]


class Overdrawn(Conflict):
    """An account that must cover the posting would fall below zero; nothing was posted."""


class DifferentPosting(Conflict):
    """The same reference was posted before with other accounts or amounts."""


def post(
    reason: str,
    reference: str,
    moves: Sequence[Move],
    must_cover: Iterable[str] = (),
    reverses: int | None = None,
) -> LedgerJournal:
    """Post one journal: each move takes a positive amount from `source` to `target`.

    Locks the creator accounts it touches, by name. The same reference with the same moves
    returns the first journal; with others it raises DifferentPosting. Raises Overdrawn when an
    account named in `must_cover` would end below zero: the caller's transaction must roll back.
    """
    assert moves, "a journal moves something"
    assert all(amount.minor > 0 and source != target for source, target, amount in moves)
    legs = _legs(moves)
    locked = _locked_accounts(sorted(legs))
    known = db.session.scalar(select(LedgerJournal).where(LedgerJournal.reference == reference))
    if known is not None:
        _check_same(known, locked, legs)
        return known  # type: ignore[no-any-return]
    journal = LedgerJournal(
        at=clock.now(), reason=reason, reference=reference, reverses_id=reverses
    )
    db.session.add(journal)
    db.session.flush()
    rows = [
        {
            "journal_id": journal.id,
            "account_id": locked[key].id,
            "currency": key[1],
            "amount_minor": minor,
        }
        for key, minor in sorted(legs.items())
        if minor
    ]
    db.session.execute(insert(LedgerEntry), rows)
    _change_balances(locked, legs, frozenset(must_cover), reason)
    return journal


def _legs(moves: Sequence[Move]) -> dict[tuple[str, str], int]:
    legs: dict[tuple[str, str], int] = defaultdict(int)
    for source, target, amount in moves:
        legs[source, amount.currency] -= amount.minor
        legs[target, amount.currency] += amount.minor
    return dict(legs)


def _locked_accounts(keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], LedgerAccount]:
    return {key: open_account(*key, for_update=accounts.is_creators(key[0])) for key in keys}


def open_account(name: str, currency: str, *, for_update: bool = False) -> LedgerAccount:
    """The account of this name and currency, made when it is missing; locked when asked."""
    wanted = select(LedgerAccount).where(
        LedgerAccount.name == name, LedgerAccount.currency == currency
    )
    if for_update:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = db.session.scalar(wanted)
    if found is None:
        _insert_account(name, currency)
        found = db.session.scalar(wanted)
    assert found is not None
    return found  # type: ignore[no-any-return]


def _insert_account(name: str, currency: str) -> None:
    # Two transactions may open the same account at once; the second then finds the first's row.
    brand_id, creator_id, state = None, None, None
    if accounts.is_creators(name):
        brand_id, creator_id, state = accounts.owner_of(name)
    insert_once(
        LedgerAccount, name=name, currency=currency, brand_id=brand_id, creator_id=creator_id,
        state=state, balance_minor=0,
    )  # fmt: skip


def _check_same(
    known: LedgerJournal,
    locked: dict[tuple[str, str], LedgerAccount],
    legs: dict[tuple[str, str], int],
) -> None:
    rows = db.session.execute(
        select(LedgerEntry.account_id, LedgerEntry.amount_minor).where(
            LedgerEntry.journal_id == known.id
        )
    )
    before = sorted((account_id, minor) for account_id, minor in rows)
    now = sorted((locked[key].id, minor) for key, minor in legs.items() if minor)
    if before != now:
        raise DifferentPosting(f"{known.reference} was posted before with other amounts.")


def _change_balances(
    locked: dict[tuple[str, str], LedgerAccount],
    legs: dict[tuple[str, str], int],
    must_cover: frozenset[str],
    reason: str,
) -> None:
    for key, minor in sorted(legs.items()):
        account = locked[key]
        if not accounts.is_creators(account.name) or not minor:
            continue
        after = account.balance_minor + minor
        if account.name in must_cover and after < 0:
            raise Overdrawn(f"There is not enough money for this {reason}.")
        db.session.execute(
            update(LedgerAccount).where(LedgerAccount.id == account.id).values(balance_minor=after),
            execution_options={"synchronize_session": False},
        )
        db.session.refresh(account, ["balance_minor"])
