"""Name, change, confirm and deny where a creator's money goes. Callers commit."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from portal.audit import commands as audit
from portal.creators import commands as creators
from portal.creators import queries as profiles
from portal.creators.models import PayoutDestination, Rail
from portal.creators.rules import RECONNECTION, has_ended, was_usable
from portal.destinations import prints, queries, rules
from portal.destinations.events import (
    DestinationAsked,
    DestinationMissing,
    DestinationToConfirm,
)
from portal.destinations.models import (
    DestinationAsk,
    DestinationChange,
    PayoutDetails,
    PayoutReminder,
)
from portal.destinations.provider import AccountState
from portal.identity.models import Brand
from portal.jobs.commands import announce, announce_each, enqueue
from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.storage.insert_once import insert_once, insert_rows
from portal.storage.locks import lock
from portal.storage.model import db

ASK_AGAIN = timedelta(days=1)
BANK = "bank"  # what prints of banks behind a provider's account begin with
CREDIT_REF, CREDIT_LABEL = "store-credit", "Store credit"


def name_account(
    creator_id: int, rail: Rail, account: str, holder: str, *, by: int | None, bic: str = ""
) -> PayoutDestination:
    """Be paid to this bank account or PayPal address from now on; its details are sealed.

    Raises InvalidInput at the field that is wrong: account, holder or bic.
    """
    named = rules.checked(rail, account, holder, bic)
    ref = prints.print_of(rail.value, named.account)
    known = queries.details(creator_id, ref)
    if known is None:
        known = PayoutDetails(creator_id=creator_id, rail=rail, account_ref=ref,
                              created_at=clock.now(), account=named.account)  # fmt: skip
        db.session.add(known)
    known.holder, known.bic, known.label_masked = named.holder, named.bic, named.label
    db.session.flush()
    country = named.account[:2] if rail is Rail.SEPA else ""
    return set_destination(creator_id, rail, ref, by=by, label_masked=named.label, country=country)


def take_credit(creator_id: int, *, by: int | None) -> PayoutDestination:
    """Be given store credit from now on instead of money (R94)."""
    return set_destination(creator_id, Rail.CREDIT, CREDIT_REF, by=by, label_masked=CREDIT_LABEL)


def set_destination(
    creator_id: int,
    rail: Rail,
    account_ref: str,
    *,
    by: int | None,
    label_masked: str = "",
    country: str = "",
) -> PayoutDestination:
    """Send her money there from now on. When it replaces a destination that could be paid, she has
    to confirm it by mail first, and it cools for 72 hours (R91). So it does after any change: who
    cannot confirm one does not get round it by a second, nor by disconnecting one first."""
    before = profiles.destination_of(creator_id)
    is_guarded = queries.is_guarded(before, creator_id)
    was = _as_it_was(before) if before is not None and is_guarded else None
    was_left = before is not None and RECONNECTION in before.missing
    made = creators.record_destination(
        creator_id, rail, account_ref, by=by, label_masked=label_masked, country=country,
        cools=is_guarded,
    )  # fmt: skip
    if was is None or (was[:2] == (rail, account_ref) and not was_left):
        return made
    creators.await_confirmation(made.id)
    _ask_to_confirm(was, made, made.label_masked)
    return made


def record_report(
    account_ref: str, told: AccountState, *, reported_at: datetime | None = None
) -> PayoutDestination:
    """Note what a provider says of an account, in a webhook written at `reported_at` (its clock) or
    asked just now (None). Another bank behind a known account is confirmed by mail and cools for
    72 hours like any other change (R91); payouts that are being sent go on.

    Messages come in any order: of an older one nothing is believed but that the account was
    rejected. Raises NotFound for an account that nobody has.
    """
    found = creators.lock_account(account_ref)
    is_old = rules.is_overtaken(found.reported_at, reported_at) and told.state != "rejected"
    if is_old or has_ended(found.state):
        return found
    found.reported_at = max(filter(None, (found.reported_at, reported_at)), default=None)
    bank = prints.print_of(BANK, told.bank) if told.bank else ""
    label = found.label_masked if was_usable(found.state) else ""
    if rules.is_other_bank(found.bank_print, label, bank, told.label):
        _change_bank(found, told.label)
    if bank and (found.bank_print or told.state == "payable"):
        found.bank_print = bank  # what was typed before it could be paid is no bank yet
    return creators.record_account_state(
        account_ref, told.state, told.missing, due=told.due, due_at=told.due_at,
        label_masked=told.label, country=told.country,
    )  # fmt: skip


def read_again(account_ref: str) -> None:
    """Something about an account changed that the message does not tell whole: the provider is
    asked. Raises NotFound for an account that nobody has."""
    creators.lock_account(account_ref)
    args = {"account_ref": account_ref}
    enqueue("destinations.read_account", args, dedupe=f"destinations.read_account:{account_ref}")


def note_bank_opened(creator_id: int, account_ref: str, *, by: int) -> None:
    """She was let through to her bank details at the provider. Raises Conflict when her money goes
    elsewhere."""
    current = profiles.destination_of(creator_id)
    if current is None or current.account_ref != account_ref:
        raise Conflict("Your money goes somewhere else by now.")
    audit.note(by, "payout-destination.bank-opened", current.id)


def confirm(change_id: int, *, by: int) -> DestinationChange:
    """It was she: the destination goes on cooling, then it is paid. Raises Conflict when another
    change came after it, or it was answered already."""
    change = _answered(change_id)
    change.confirmed_at = clock.now()
    creators.confirm_destination(change.creator_id, change.rail, change.account_ref)
    if change.rail is Rail.STRIPE:
        read_again(change.account_ref)  # it may have stopped, or be checked, for another reason
    audit.note(by, "destination-change.confirmed", change.id)
    return change


def deny(change_id: int, *, by: int) -> DestinationChange:
    """It was somebody else: nothing is ever sent there."""
    change = _answered(change_id)
    change.denied_at = clock.now()
    creators.disconnect(change.creator_id, change.rail, change.account_ref)
    audit.note(by, "destination-change.denied", change.id)
    return change


def remind(now: datetime) -> int:
    """Remind those whose money waits for a destination, on days 0, 7, 21 and 45 (R90); nothing is
    ever forfeited. Returns how many reminders were announced."""
    waiting = queries.without_destination()
    sent = queries.reminded([one.creator_id for one in waiting])
    count = 0
    for one in waiting:
        day = rules.reminder_due(one.since, now, sent.get(one.creator_id, frozenset()))
        if day is not None and insert_once(
            PayoutReminder, creator_id=one.creator_id, day=day, sent_at=now
        ):
            announce(DestinationMissing(one.creator_id, day))
            count += 1
    return count


def ask(brand_id: int, creator_ids: Sequence[int], *, by: int) -> int:
    """Ask these creators by mail for an account that can be paid, each at most once a day for a
    brand; returns how many were asked."""
    lock(Brand, brand_id)
    now = clock.now()
    known = queries.asked_since(brand_id, now - ASK_AGAIN)
    wanted = sorted(set(creator_ids) - known.keys())
    rows = [{"creator_id": one, "brand_id": brand_id, "asked_by": by, "at": now} for one in wanted]
    made = insert_rows(DestinationAsk, rows, "creator_id")
    announce_each([DestinationAsked(one) for one in made])
    audit.note_each(by, "destination.asked-for", [(one, brand_id, {}) for one in wanted])
    return len(wanted)


def _change_bank(found: PayoutDestination, label: str) -> None:
    current = profiles.destination_of(found.creator_id)
    if current is None or current.id != found.id:
        return  # nothing goes there now: going back to it is a change that is guarded anyway
    was = _as_it_was(found)
    creators.record_other_bank(found.id, label)
    creators.await_confirmation(found.id)
    _ask_to_confirm(was, found, label)


def _ask_to_confirm(was: tuple[Rail, str, str], made: PayoutDestination, label: str) -> None:
    change = DestinationChange(
        creator_id=made.creator_id, rail=made.rail, account_ref=made.account_ref,
        label_masked=label, before_rail=was[0], before_ref=was[1], before_masked=was[2],
        at=clock.now(),
    )  # fmt: skip
    db.session.add(change)
    db.session.flush()
    announce(DestinationToConfirm(change.id))


def _as_it_was(found: PayoutDestination) -> tuple[Rail, str, str]:
    return found.rail, found.account_ref, found.label_masked


def _answered(change_id: int) -> DestinationChange:
    change = lock(DestinationChange, change_id)
    newest = queries.open_change(change.creator_id)
    if not change.is_open:
        raise Conflict("You have answered this already.")
    if newest is None or newest.id != change.id:
        raise Conflict("You changed it again since. Answer the newest mail.")
    return change
