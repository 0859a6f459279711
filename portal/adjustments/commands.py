"""Propose, approve, decline and reverse adjustments; give up a negative balance."""

from dataclasses import dataclass
from typing import Any

from portal.adjustments import queries, rules
from portal.adjustments.events import AdjustmentPosted, AdjustmentProposed
from portal.adjustments.models import Adjustment, AdjustmentReason, AdjustmentStatus
from portal.audit import commands as audit
from portal.commissions import queries as commissions
from portal.commissions.models import Commission, Reversal, ReversalKind
from portal.creators.models import Creator
from portal.identity import queries as identity
from portal.jobs.commands import announce
from portal.kernel import clock, codes
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.money import Money
from portal.ledger import commands as ledger
from portal.ledger import queries as books
from portal.limits import queries as limits
from portal.sales import queries as sales
from portal.storage.locks import lock
from portal.storage.model import db


@dataclass(frozen=True, slots=True)
class About:
    """What an adjustment is attached to, as row ids."""

    order_id: int | None = None
    commission_id: int | None = None


NOTHING = About()
GIVEN_BACK = (
    "What was taken back from you is yours again. It had been given up as a debt already, so "
    "nothing is owed either way."
)


def propose(
    brand_id: int, creator_id: int, amount: Money, reason: AdjustmentReason, note: str,
    *, by: int, about: About = NOTHING, period: str = "", key: str = "",
) -> Adjustment:  # fmt: skip
    """Add `amount` to what a creator is owed, or take it when negative; she reads `note`.

    Posted at once at or below the brand's limit; above it a second person approves. `key` names
    the form it was typed in: the same key again returns the first. Raises InvalidInput for an
    amount of zero, a missing note, a period that is over, or an order or commission that is not
    hers.
    """
    lock(Creator, creator_id)
    known = queries.by_key(brand_id, key) if key else None
    if known is not None:
        return known
    period = period or rules.periods(_today(brand_id))[0]
    rules.check(amount, note, period, _today(brand_id))
    _check_about(brand_id, creator_id, about)
    made = _write(brand_id, creator_id, amount, reason, note, by,
                  about=about, period=period, key=key)  # fmt: skip
    return made if made.needs_second else _post(made, by)


def approve(adjustment_id: int, *, by: int) -> Adjustment:
    """Post what somebody else proposed. Raises NotAllowed for the proposer, Conflict when it was
    decided, or when a write-off is more than what is missing by now."""
    found = lock(Adjustment, adjustment_id)
    rules.check_open(found)
    rules.check_approver(found, by)
    if found.reason is AdjustmentReason.WRITE_OFF and found.amount.minor > 0:
        missing = -queries.payable_of(found.brand_id, found.creator_id, found.currency)
        if found.amount > missing:
            raise Conflict(
                "The balance changed meanwhile: less is missing now. Decline this and propose anew."
            )
    return _post(found, by)


def decline(adjustment_id: int, reason: str, *, by: int) -> Adjustment:
    """Do not post it, with a reason its proposer reads. The proposer may take it back so."""
    found = lock(Adjustment, adjustment_id)
    rules.check_open(found)
    if not reason.strip():
        raise InvalidInput("reason", "Say why: its proposer reads it.")
    found.status, found.decline_reason = AdjustmentStatus.DECLINED, reason.strip()
    found.decided_by, found.decided_at = by, clock.now()
    db.session.flush()
    _note(found, "declined", by, reason=found.decline_reason)
    return found


def reverse(adjustment_id: int, note: str, *, by: int) -> Adjustment:
    """The opposite entry of a posted adjustment, under the same limits. Raises Conflict when it
    is not posted, is an opposite entry, or has one (declined ones do not count)."""
    first = lock(Adjustment, adjustment_id)
    rules.check_reversible(first, queries.opposite_of(first.id) is not None)
    if not note.strip():
        raise InvalidInput("note", "Say why: the creator reads it.")
    is_write_off = first.reason is AdjustmentReason.WRITE_OFF
    made = _write(
        first.brand_id, first.creator_id, -first.amount,
        AdjustmentReason.WRITE_OFF if is_write_off else AdjustmentReason.OPPOSITE, note, by,
        about=About(first.order_id, first.commission_id), reverses_id=first.id,
        period=rules.periods(_today(first.brand_id))[0],
    )  # fmt: skip
    return made if made.needs_second else _post(made, by)


def write_off(brand_id: int, creator_id: int, currency: str, note: str, *, by: int) -> Adjustment:
    """Propose to give up a negative balance: always posted by a second person (R70).

    Raises Conflict when the balance is not negative or a write-off of it waits already.
    """
    if not note.strip():
        raise InvalidInput("note", "Say why: the creator reads it.")
    lock(Creator, creator_id)
    balance = books.balances_of(brand_id, creator_id, currency).payable
    if balance.minor >= 0:
        raise Conflict("This balance is not negative, so there is nothing to write off.")
    if queries.open_write_off(brand_id, creator_id, currency) is not None:
        raise Conflict("A write-off of this balance waits for a second person already.")
    return _write(
        brand_id, creator_id, -balance, AdjustmentReason.WRITE_OFF, note, by,
        period=rules.periods(_today(brand_id))[0],
    )  # fmt: skip


def undo_write_offs(reversal_id: int) -> list[Adjustment]:
    """What was taken back is given back (a dispute was won): if that debt had been given up, the
    write-off is undone by as much, so that nobody has the money twice (R72, R73).

    The opposite entry is its own: nobody decides, and it names the two who had given it up. Once
    for each reversal.
    """
    row = commissions.reversal(reversal_id)
    if row.kind is not ReversalKind.REINSTATEMENT:
        return []
    earned, undone = commissions.commission(row.commission_id), []
    owner = earned.brand_id, earned.creator_id, earned.currency
    for write_off in (lock(Adjustment, one) for one in queries.write_offs_of(*owner)):
        back = queries.came_back_since(write_off, earned.id)
        amount = min(back, queries.left_of(write_off))
        if amount.minor > 0:
            undone.append(_undo(write_off, earned, amount, row))
    return undone


# ---- inside
def _undo(write_off: Adjustment, earned: Commission, amount: Money, row: Reversal) -> Adjustment:
    made = Adjustment(
        brand_id=write_off.brand_id, creator_id=write_off.creator_id, amount_minor=-amount.minor,
        currency=amount.currency, reason=AdjustmentReason.WRITE_OFF, note=GIVEN_BACK,
        period=rules.periods(_today(write_off.brand_id))[0], status=AdjustmentStatus.PROPOSED,
        order_id=earned.order_id, commission_id=earned.id, reverses_id=write_off.id,
        proposed_by=write_off.proposed_by, proposed_at=clock.now(),
        decided_by=write_off.decided_by, request_key=f"undo:{write_off.id}:{row.id}",
        needs_second=True,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return _post(made, None)


def _write(
    brand_id: int, creator_id: int, amount: Money, reason: AdjustmentReason, note: str, by: int,
    *, period: str, about: About = NOTHING, reverses_id: int | None = None, key: str = "",
) -> Adjustment:  # fmt: skip
    made = Adjustment(
        brand_id=brand_id, creator_id=creator_id, amount_minor=amount.minor,
        currency=amount.currency, reason=reason, note=note.strip(), period=period,
        status=AdjustmentStatus.PROPOSED, order_id=about.order_id,
        commission_id=about.commission_id, reverses_id=reverses_id, proposed_by=by,
        proposed_at=clock.now(), request_key=key or codes.public_id("key"),
        needs_second=rules.needs_second(amount, reason, limits.in_force(brand_id)),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    _note(made, "proposed", by, amount=str(amount), reason=reason.value, note=made.note)
    if made.needs_second:
        announce(AdjustmentProposed(made.id))
    return made


def _post(found: Adjustment, by: int | None) -> Adjustment:
    found.status, found.decided_at = AdjustmentStatus.APPROVED, clock.now()
    found.decided_by = by or found.decided_by
    ledger.post(
        reason=f"adjustment: {found.reason.value}", reference=found.journal,
        moves=rules.moves(found),
    )  # fmt: skip
    db.session.flush()
    _note(found, "posted", by, amount=str(found.amount))
    announce(AdjustmentPosted(found.id))
    return found


def _check_about(brand_id: int, creator_id: int, about: About) -> None:
    if about.order_id is not None and sales.by_id(about.order_id).brand_id != brand_id:
        raise InvalidInput("order", "There is no such order of this brand.")
    if about.commission_id is not None:
        commission = commissions.commission(about.commission_id)
        if (commission.brand_id, commission.creator_id) != (brand_id, creator_id):
            raise InvalidInput("commission", "This commission is not hers.")


def _today(brand_id: int) -> Any:
    return clock.today(identity.brand(brand_id).zone)


def _note(found: Adjustment, act: str, by: int | None, **facts: Any) -> None:
    audit.note(by, f"adjustment.{act}", found.id, brand_id=found.brand_id, **facts)
