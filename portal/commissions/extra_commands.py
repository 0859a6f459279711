"""Earn what is not an order's own sale: fees of briefs, bonuses, referrals, true-ups, clicks,
adjustments.

One way for all of them. Each names its `source`, what it is owed for; the unique key of the source
makes it fire once, however often it is evaluated (R29). Each is a commission with its own word,
hold, journals and explanation, and never counts as a sale (R30).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.audit import commands as audit
from portal.commissions import holding, moving, queries
from portal.commissions.events import CommissionEarned
from portal.commissions.models import (
    Commission,
    CommissionKind,
    CommissionStatus,
    Reversal,
    ReversalKind,
)
from portal.commissions.posting import note, posting
from portal.jobs.commands import announce_each
from portal.kernel import clock, codes
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import commands as ledger
from portal.storage.insert_once import insert_new
from portal.storage.locks import lock
from portal.storage.model import db


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the sum that a creator reads: an amount, or words in its place ("× 10%")."""

    label: str
    value: Money | None = None
    said: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Extra:
    """Something to be earned that is not an order's own sale.

    `source` is unique ("bonus:12:34"); None only for what a person adds, which may repeat. `title`
    is what the creator reads, `steps` sentences on why it is hers (what, and a word more), `parts`
    the lines that lead to the amount; without any the title stands for them. `base` is what it
    was worked out from, the amount itself by default. Payable at once when `hold_until` is past.
    """

    kind: CommissionKind
    source: str | None
    brand_id: int
    creator_id: int
    ambassador_id: int
    amount: Money
    title: str
    hold_until: datetime
    base: Money | None = None
    note: str = ""
    parts: Sequence[Part] = ()
    steps: Sequence[tuple[str, str]] = ()
    facts: Mapping[str, Any] | None = None
    assignment_id: int | None = None
    order_id: int | None = None


def earn_extra(extra: Extra, *, by: int | None = None) -> Commission:
    """`earn_extras` for one; the first one where its source earned before."""
    written = earn_extras([extra], by=by)
    return written[0] if written else queries.of_source(extra.source or "")


def earn_extras(extras: Sequence[Extra], *, by: int | None = None) -> list[Commission]:
    """Write those of these whose source earned nothing yet; returns the new ones, by row id.

    Rows, journals (*expense → pending*), trail and announcements in set statements; what has no
    hold any more is payable at once. Raises InvalidInput for an amount that is not above zero.
    """
    if any(extra.amount.minor <= 0 for extra in extras):
        raise InvalidInput("amount", "What is earned is more than zero.")
    ids = insert_new(Commission, [_row(extra) for extra in extras])
    if not ids:
        return []
    found = db.session.scalars(
        select(Commission).where(Commission.id.in_(ids.values())).order_by(Commission.id)
    )
    written = list(found.all())
    ledger.post_each([posting(one, "earned", [_move(one)]) for one in written])
    audit.note_each(
        by, "commission.earned",
        [(one.id, one.brand_id, {"amount": str(one.amount), "base": str(one.base)})
         for one in written],
    )  # fmt: skip
    announce_each([CommissionEarned(one.id) for one in written])
    holding.mature([one for one in written if one.hold_until <= one.earned_at])
    return written


def bring_to(commission_id: int, left: Money) -> Reversal | None:
    """Take back, or give back, so that `left` of an extra stays; a row only where that changes it.

    `left` is a target, not a difference: repeating it, or hearing of things in another order, ends
    at the same figure (R65, R75). Never above what was earned nor below zero (R73); nothing of one
    that a person took back for good. Too long after its payment it is the brand's loss (R71).
    """
    commission = lock(Commission, commission_id)
    if commission.void_reason or not commission.amount:
        return None
    target = min(max(left, Money.zero(left.currency)), commission.amount)
    lost = queries.lost_of(commission)
    remaining = commission.base.scaled(target.minor, commission.amount.minor)
    delta = commission.net - lost - target
    return moving.change_by(commission, delta, ReversalKind.FOLLOWED, remaining, lost)


def hold_until(commission: Commission, until: datetime) -> None:
    """Move the end of the hold of an extra that is pending, as that of what it follows moved."""
    before, commission.hold_until = commission.hold_until, until
    note(commission, "hold-moved", None, before=before.isoformat(), after=until.isoformat())


# ---- inside
def _row(extra: Extra) -> dict[str, Any]:
    base, now = extra.base or extra.amount, clock.now()
    return {
        "public_id": codes.public_id("com"), "brand_id": extra.brand_id,
        "creator_id": extra.creator_id, "ambassador_id": extra.ambassador_id,
        "kind": extra.kind, "source": extra.source, "assignment_id": extra.assignment_id,
        "order_id": extra.order_id, "base_minor": base.minor, "base_currency": base.currency,
        "amount_minor": extra.amount.minor, "reversed_minor": 0,
        "currency": extra.amount.currency, "status": CommissionStatus.PENDING,
        "hold_reason": "", "void_reason": "", "in_review": False, "holds": 0,
        "earned_at": now, "hold_until": max(extra.hold_until, now),
        "explanation": _explained(extra),
    }  # fmt: skip


def _explained(extra: Extra) -> dict[str, Any]:
    parts = [
        {"label": part.label, "said": part.said, "note": part.note}
        | ({"minor": part.value.minor, "currency": part.value.currency} if part.value else {})
        for part in extra.parts
    ]
    told = {"kind": extra.kind.value, "title": extra.title, "note": extra.note,
            "parts": parts, "steps": [list(step) for step in extra.steps]}  # fmt: skip
    return {name: what for name, what in told.items() if what} | dict(extra.facts or {})


def _move(commission: Commission) -> tuple[str, str, Money]:
    owner = commission.brand_id, commission.creator_id
    return accounts.expense(commission.brand_id), accounts.pending(*owner), commission.amount
