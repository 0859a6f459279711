"""What a message says of a thing: plain values, public ids, amounts in minor units.

A field is never renamed or taken away within one version of the envelope; new ones may be added.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Ambassador
from portal.appeals.models import Appeal
from portal.applications.models import Application
from portal.attribution import queries as attribution
from portal.briefs import queries as briefs
from portal.briefs.models import Brief, Submission
from portal.commissions import queries as commissions
from portal.commissions.models import Commission
from portal.creators import queries as creators
from portal.kernel.money import Money
from portal.payouts import queries as payouts
from portal.payouts.models import Payout
from portal.programs import queries as programs
from portal.sales import queries as sales
from portal.sales.models import Order
from portal.tracking.models import DiscountCode

Data = dict[str, Any]
MATURED = re.compile(r"commission:([0-9]+):matured")
MOST_COVERED = 1000


def application(found: Application) -> Data:
    """A creator's wish to join a program."""
    member = found.ambassador_id
    return {
        "id": found.public_id,
        "program": programs.program(found.program_id).slug,
        "name": found.name,
        "country": found.country,
        "status": found.status.value,
        "submitted_at": instant(found.submitted_at),
        "decided_at": instant(found.decided_at),
        "ambassador": None if member is None else ambassadors.ambassador(member).public_id,
    }


def ambassador(found: Ambassador) -> Data:
    """A membership."""
    creator = creators.creator(found.creator_id)
    return {
        "id": found.public_id,
        "program": programs.program(found.program_id).slug,
        "name": creator.name,
        "handle": creator.handle,
        "status": found.status.value,
        "joined_at": instant(found.joined_at),
        "activated_at": instant(found.activated_at),
        "ended_at": instant(found.ended_at),
    }


def code(found: DiscountCode) -> Data:
    """A discount code."""
    return {
        "id": found.public_id,
        "code": found.code,
        "ambassador": ambassadors.ambassador(found.ambassador_id).public_id,
        "status": found.status.value,
        "discount_bp": found.discount_bp,
        "activated_at": instant(found.activated_at),
        "ended_at": instant(found.ended_at),
    }


def order(found: Order) -> Data:
    """An order, and who is credited with it as far as that is decided."""
    decision = attribution.of_order(found.id)
    member = None if decision is None else decision.ambassador_id
    return {
        "id": found.public_id,
        "order_id": found.external_id,
        "order_number": found.number,
        "status": found.payment.value,
        "subtotal": amount(found.base),
        "refunded": amount(found.taken_back),
        "codes": list(found.codes),
        "is_test": found.is_test,
        "placed_at": instant(found.placed_at),
        "credit": None if decision is None else {
            "outcome": decision.outcome.value,
            "reason": decision.reason.value,
            "ambassador": None if member is None else ambassadors.ambassador(member).public_id,
        },
    }  # fmt: skip


def dispute(found: Order, state: str) -> Data:
    """An order with the state of its chargeback."""
    return {**order(found), "dispute": state}


def commission(found: Commission) -> Data:
    """What an order or a brief earned somebody."""
    order_id = found.order_id
    return {
        "id": found.public_id,
        "ambassador": ambassadors.ambassador(found.ambassador_id).public_id,
        "kind": found.kind.value,
        "status": found.word,
        "conversion": None if order_id is None else sales.by_id(order_id).public_id,
        "base": amount(found.base),
        "amount": amount(found.amount),
        "taken_back": amount(found.taken_back),
        "net": amount(found.net),
        "earned_at": instant(found.earned_at),
        "payable_from": instant(found.hold_until),
    }


def reversal(found: Commission, reversal_id: int) -> Data:
    """A commission with what was just taken back, or given back after a lost dispute was won."""
    change = commissions.reversal(reversal_id)
    return {
        **commission(found),
        "change": {"id": change.public_id, "kind": change.kind.value,
                   "effect": amount(change.effect)},
    }  # fmt: skip


def paid(found: Commission, by: Payout) -> Data:
    """A commission with the payout that covers it."""
    return {**commission(found), "status": "paid", "payout": by.public_id}


def brief(found: Brief) -> Data:
    """What a brand asks for."""
    return {
        "id": found.public_id,
        "program": programs.program(found.program_id).slug,
        "title": found.title,
        "status": found.status.value,
        "fee": amount(found.fee),
        "budget": None if found.budget is None else amount(found.budget),
        "due_on": day(found.due_on),
    }


def submission(found: Submission) -> Data:
    """One version of what an ambassador delivers."""
    work = briefs.work(found.assignment_id)
    return {
        "id": found.public_id,
        "assignment": work.assignment.public_id,
        "brief": work.brief.public_id,
        "ambassador": ambassadors.ambassador(work.assignment.ambassador_id).public_id,
        "version": found.version,
        "status": found.status.value,
        "sent_at": instant(found.sent_at),
        "decided_at": instant(found.decided_at),
        "live_url": found.live_url,
    }


def assignment(assignment_id: int) -> Data:
    """One brief taken on by one ambassador."""
    work = briefs.work(assignment_id)
    return {
        "id": work.assignment.public_id,
        "brief": work.brief.public_id,
        "ambassador": ambassadors.ambassador(work.assignment.ambassador_id).public_id,
        "status": work.assignment.status.value,
        "fee": amount(work.assignment.fee),
        "completed_at": instant(work.assignment.completed_at),
    }


def appeal(found: Appeal) -> Data:
    """A creator's objection, and what was decided about it."""
    member = found.ambassador_id
    return {
        "id": found.public_id,
        "kind": found.kind.value,
        "about": found.title,
        "ambassador": None if member is None else ambassadors.ambassador(member).public_id,
        "status": found.status.value,
        "awarded": amount(found.awarded),
        "opened_at": instant(found.opened_at),
        "due_at": instant(found.due_at),
        "decided_at": instant(found.decided_at),
    }


def payout(found: Payout) -> Data:
    """One creator in one run."""
    return {
        "id": found.public_id,
        "run": payouts.run(found.run_id).public_id,
        "creator": creators.creator(found.creator_id).handle,
        "status": found.status.value,
        "amount": amount(found.amount),
        "returned": amount(Money(found.returned_minor, found.currency)),
        "refusal": found.refusal,
        "sent_at": instant(found.sent_at),
    }


def covered_by(found: Payout) -> Sequence[Commission]:
    """The commissions that a payout pays; at most 1,000 of them."""
    matches = [
        MATURED.fullmatch(line.reference) for line in payouts.covered_by(found, MOST_COVERED)
    ]
    return [commissions.commission(int(match[1])) for match in matches if match]


def amount(value: Money) -> Data:
    """Money as it is written everywhere outside."""
    return {"amount_minor": value.minor, "currency": value.currency}


def instant(value: datetime | None) -> str | None:
    """An instant in UTC, ISO 8601."""
    return None if value is None else value.isoformat().replace("+00:00", "Z")


def day(value: date) -> str:
    """A calendar day, ISO 8601."""
    return value.isoformat()
