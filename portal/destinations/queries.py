"""Looking at the accounts creators named, their changes, and who has named none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from portal.creators.models import Creator, DestinationState, PayoutDestination
from portal.creators.rules import was_usable
from portal.destinations.models import (
    DestinationAsk,
    DestinationChange,
    PayoutDetails,
    PayoutReminder,
)
from portal.kernel.errors import NotFound
from portal.kernel.money import Money
from portal.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal
from portal.storage.model import db

UNUSABLE = (
    DestinationState.NOT_STARTED,
    DestinationState.ONBOARDING,
    DestinationState.DISCONNECTED,
    DestinationState.REJECTED,
)


def details(creator_id: int, account_ref: str) -> PayoutDetails | None:
    """The account behind a reference, opened; None for one she did not name here."""
    query = select(PayoutDetails).where(
        PayoutDetails.creator_id == creator_id, PayoutDetails.account_ref == account_ref
    )
    return db.session.scalar(query)  # type: ignore[no-any-return]


def details_of(
    wanted: Sequence[tuple[int, str]], ids_at_once: int = 500
) -> dict[tuple[int, str], PayoutDetails]:
    """As `details`, for many (creator, reference) at once."""
    found: dict[tuple[int, str], PayoutDetails] = {}
    refs = sorted({ref for _, ref in wanted})
    for start in range(0, len(refs), ids_at_once):
        rows = db.session.scalars(
            select(PayoutDetails).where(
                PayoutDetails.account_ref.in_(refs[start : start + ids_at_once])
            )
        )
        found |= {(row.creator_id, row.account_ref): row for row in rows}
    return found


def change(change_id: int) -> DestinationChange:
    """A change by row id. Raises NotFound."""
    found = db.session.get(DestinationChange, change_id)
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def change_of_creator(creator_id: int, public_id: str) -> DestinationChange:
    """A creator's own change, by the link in her mail. Raises NotFound."""
    found = db.session.scalar(
        select(DestinationChange).where(
            DestinationChange.creator_id == creator_id, DestinationChange.public_id == public_id
        )
    )
    if found is None:
        raise NotFound("This link belongs to another account, or to none.")
    return found  # type: ignore[no-any-return]


def is_guarded(current: PayoutDestination | None, creator_id: int) -> bool:
    """Whether another destination has to be confirmed by mail and cools: this one can be paid or
    could once, or she has changed a usable one before (R91). So nobody gets round it by
    disconnecting the account first."""
    if current is not None and (
        was_usable(current.state)
        or current.state is DestinationState.DISCONNECTED
        or current.bank_print
    ):
        return True
    changed = select(DestinationChange.id).where(DestinationChange.creator_id == creator_id)
    return db.session.scalar(changed.limit(1)) is not None


def open_change(creator_id: int) -> DestinationChange | None:
    """The newest change, while she has neither confirmed nor denied it."""
    newest = db.session.scalar(
        select(DestinationChange)
        .where(DestinationChange.creator_id == creator_id)
        .order_by(DestinationChange.id.desc())
        .limit(1)
    )
    return newest if newest is not None and newest.is_open else None


def changes_of(creator_id: int, most: int = 50) -> Sequence[DestinationChange]:
    """Her changes of a usable account, newest first."""
    query = select(DestinationChange).where(DestinationChange.creator_id == creator_id)
    return db.session.scalars(query.order_by(DestinationChange.id.desc()).limit(most)).all()  # type: ignore[no-any-return]


def reminders_of(creator_id: int) -> Sequence[PayoutReminder]:
    """When she was reminded that money waits for an account."""
    query = select(PayoutReminder).where(PayoutReminder.creator_id == creator_id)
    return db.session.scalars(query.order_by(PayoutReminder.id)).all()  # type: ignore[no-any-return]


def asked(ask_id: int) -> DestinationAsk:
    """Somebody's question for an account, by row id. Raises NotFound."""
    found = db.session.get(DestinationAsk, ask_id)
    if found is None:
        raise NotFound()
    return found


def asked_since(brand_id: int, since: datetime) -> dict[int, datetime]:
    """Whom a brand's finance has asked for an account after this instant, and when last."""
    query = (
        select(DestinationAsk.creator_id, func.max(DestinationAsk.at))
        .where(DestinationAsk.brand_id == brand_id, DestinationAsk.at > since)
        .group_by(DestinationAsk.creator_id)
    )
    return dict(db.session.execute(query).all())


def asks_of(brand_id: int, creator_id: int, most: int = 50) -> Sequence[DestinationAsk]:
    """When a brand's finance asked one creator, the newest first."""
    query = select(DestinationAsk).where(
        DestinationAsk.brand_id == brand_id, DestinationAsk.creator_id == creator_id
    )
    return db.session.scalars(query.order_by(DestinationAsk.id.desc()).limit(most)).all()  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A creator whose money waits for a destination."""

    creator_id: int
    since: datetime
    amounts: tuple[Money, ...]


def without_destination() -> list[Waiting]:
    """Every creator with something payable and nowhere to send it, and since when: the day the
    first of it became payable (R90)."""
    usable = (
        select(PayoutDestination.id)
        .where(
            PayoutDestination.creator_id == LedgerAccount.creator_id,
            PayoutDestination.account_ref != "",
            PayoutDestination.state.not_in(UNUSABLE),
        )
        .correlate(LedgerAccount)
        .exists()
    )
    rows = db.session.execute(
        select(
            LedgerAccount.creator_id,
            LedgerAccount.currency,
            LedgerAccount.balance_minor,
            func.min(LedgerJournal.at),
        )
        .join(LedgerEntry, LedgerEntry.account_id == LedgerAccount.id)
        .join(LedgerJournal, LedgerJournal.id == LedgerEntry.journal_id)
        .where(
            LedgerAccount.state == "payable",
            LedgerAccount.balance_minor > 0,
            LedgerEntry.amount_minor > 0,
            ~usable,
        )
        .group_by(LedgerAccount.id, LedgerAccount.creator_id, LedgerAccount.currency,
                  LedgerAccount.balance_minor)
        .order_by(LedgerAccount.creator_id, LedgerAccount.id)
    )  # fmt: skip
    found: dict[int, Waiting] = {}
    for creator_id, currency, minor, since in rows:
        assert creator_id is not None, "a payable account is a creator’s"
        had = found.get(creator_id, Waiting(creator_id, since, ()))
        amounts = (*had.amounts, Money(minor, currency))
        found[creator_id] = Waiting(creator_id, min(had.since, since), amounts)
    return list(found.values())


def reminded(creator_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    """The days each of these creators was reminded of."""
    rows = db.session.execute(
        select(PayoutReminder.creator_id, PayoutReminder.day).where(
            PayoutReminder.creator_id.in_(creator_ids)
        )
    )
    found: dict[int, set[int]] = {}
    for creator_id, day in rows:
        found.setdefault(creator_id, set()).add(day)
    return {creator_id: frozenset(days) for creator_id, days in found.items()}


def violations(limit: int = 20) -> list[str]:
    """Sentences about destinations that point to an account nobody named."""
    rows = db.session.execute(
        select(Creator.handle, PayoutDestination.rail)
        .join(Creator, Creator.id == PayoutDestination.creator_id)
        .outerjoin(
            PayoutDetails,
            (PayoutDetails.creator_id == PayoutDestination.creator_id)
            & (PayoutDetails.account_ref == PayoutDestination.account_ref),
        )
        .where(PayoutDestination.rail.in_(("sepa", "paypal")), PayoutDetails.id.is_(None))
        .limit(limit)
    )
    return [
        f"@{handle} is to be paid by {rail.value}, but no account is kept." for handle, rail in rows
    ]
