"""Move money in the books. Beside `set_commands` the only writer of journals and balances."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger.models import BookCheck, LedgerAccount, LedgerEntry, LedgerJournal
from portal.storage.insert_once import insert_missing, insert_once, insert_rows
from portal.storage.locks import as_python_sorts
from portal.storage.model import db

Move = tuple[str, str, Money]
NAMES_AT_ONCE = 500
LEGS_AT_ONCE = 8_000  # of four values each: a statement may have 32,766


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
    _insert_legs([rows])
    _change_balances(locked, legs, frozenset(must_cover), reason)
    return journal


@dataclass(frozen=True, slots=True)
class Posting:
    """One journal to be posted: its reason, its reference, its moves."""

    reason: str
    reference: str
    moves: Sequence[Move]


def post_each(postings: Sequence[Posting], must_cover: Iterable[str] = ()) -> None:
    """Post many new journals as `post` would post each, in a handful of set statements.

    For a run of thousands. Locks all creator accounts it touches, by name, before it looks at any
    balance. Raises Overdrawn when an account in `must_cover` would end below zero, IntegrityError
    when a reference was posted before: the caller's transaction must roll back.
    """
    legs = [_legs(posting.moves) for posting in postings]
    locked = _locked_at_once(sorted({key for each in legs for key in each}))
    now = clock.now()
    heads = [{"at": now, "reason": p.reason, "reference": p.reference} for p in postings]
    journal_ids = insert_rows(LedgerJournal, heads, key="reference")
    changes: dict[tuple[str, str], int] = defaultdict(int)
    rows = []
    for journal_id, each in zip(journal_ids, legs, strict=True):
        moved = {key: minor for key, minor in sorted(each.items()) if minor}
        rows.append([
            {"journal_id": journal_id, "account_id": locked[key][0], "currency": key[1],
             "amount_minor": minor} for key, minor in moved.items()
        ])  # fmt: skip
        for key, minor in moved.items():
            changes[key] += minor
    _insert_legs(rows)
    _change_at_once(locked, changes, frozenset(must_cover))


def note_check(wrong: Sequence[str]) -> None:
    """Keep what a look at all the books found, instead of what the one before found."""
    db.session.execute(delete(BookCheck))
    first = wrong[0] if wrong else ""
    db.session.add(BookCheck(at=clock.wall(), wrong_count=len(wrong), first_wrong=first))


def _locked_at_once(keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, int]]:
    """(row id, balance) by name and currency; creator accounts locked in the order of names."""
    names = sorted({name for name, _ in keys})
    there = {(name, currency) for name, currency, _, _ in _accounts_at_once(names)}
    insert_missing(LedgerAccount, [_account_values(*key) for key in keys if key not in there])
    # Shared accounts stay unlocked: every brand's work would queue for them.
    own = [name for name in names if accounts.is_creators(name)]
    shared = [name for name in names if not accounts.is_creators(name)]
    rows = (*_accounts_at_once(own, for_update=True), *_accounts_at_once(shared))
    return {(name, currency): (row_id, minor) for name, currency, row_id, minor in rows}


def _accounts_at_once(
    names: Sequence[str], *, for_update: bool = False
) -> Iterator[tuple[str, str, int, int]]:
    wanted = select(
        LedgerAccount.name,
        LedgerAccount.currency,
        LedgerAccount.id,
        LedgerAccount.balance_minor,
    ).order_by(as_python_sorts(LedgerAccount.name), LedgerAccount.currency)
    for start in range(0, len(names), NAMES_AT_ONCE):
        some = wanted.where(LedgerAccount.name.in_(names[start : start + NAMES_AT_ONCE]))
        if for_update:
            some = some.with_for_update()
        yield from ((row.name, row.currency, row.id, row.balance_minor)
                    for row in db.session.execute(some))  # fmt: skip


def _change_at_once(
    locked: dict[tuple[str, str], tuple[int, int]],
    changes: dict[tuple[str, str], int],
    must_cover: frozenset[str],
) -> None:
    rows = []
    for key, minor in changes.items():
        account_id, balance_minor = locked[key]
        after = balance_minor + minor
        if key[0] in must_cover and after < 0:
            raise Overdrawn("There is not enough money in one of the accounts.")
        if accounts.is_creators(key[0]) and minor:
            rows.append({"id": account_id, "balance_minor": after})
    if rows:
        db.session.execute(update(LedgerAccount), rows)


def _insert_legs(journals: Iterable[list[dict[str, Any]]]) -> None:
    """Legs by journal, none of it cut in two: PostgreSQL looks at the sums of each statement."""
    some: list[dict[str, Any]] = []
    for legs in journals:
        if len(some) + len(legs) > LEGS_AT_ONCE:
            _insert_at_once(some)
            some = []
        some += legs
    if some:
        _insert_at_once(some)


def _insert_at_once(legs: Sequence[dict[str, Any]]) -> None:
    table: Any = LedgerEntry.__table__
    db.session.execute(
        insert(table).returning(table.c.id),  # without it psycopg sends a statement for each row
        legs,
        execution_options={"insertmanyvalues_page_size": LEGS_AT_ONCE},
    )


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
    insert_once(LedgerAccount, **_account_values(name, currency))


def _account_values(name: str, currency: str) -> dict[str, Any]:
    brand_id, creator_id, state = None, None, None
    if accounts.is_creators(name):
        brand_id, creator_id, state = accounts.owner_of(name)
    return {"name": name, "currency": currency, "brand_id": brand_id, "creator_id": creator_id,
            "state": state, "balance_minor": 0}  # fmt: skip


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
