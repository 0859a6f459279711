"""Open, renew and close exceptions; hand them to somebody; resolve them with a note."""

from collections.abc import Sequence
from typing import Any

from portal.audit import commands as audit
from portal.exceptions import queries, rules
from portal.exceptions.models import ExceptionStatus, MoneyException
from portal.exceptions.rules import Found
from portal.identity import queries as identity
from portal.identity.models import Brand
from portal.kernel import clock, codes
from portal.kernel.errors import InvalidInput
from portal.storage.insert_once import insert_missing
from portal.storage.locks import lock
from portal.storage.model import db


def take_note(brand_id: int, found: Sequence[Found]) -> int:
    """Open what is new, renew the figures of what stands, close what went away; returns how many
    were opened. What a person resolved is not opened again for the same cause."""
    lock(Brand, brand_id)
    standing = {one.key: one for one in found}
    for row in queries.open_of_brand(brand_id):
        cause = standing.pop((row.kind, row.subject), None)
        if cause is None:
            row.status, row.closed_at = ExceptionStatus.GONE, clock.now()
        else:
            row.amount_minor, row.words = cause.amount.minor, cause.words
    db.session.flush()
    settled = queries.resolved_keys(brand_id, [one.subject for one in standing.values()])
    rows = [_row(brand_id, one) for key, one in standing.items() if key not in settled]
    return insert_missing(MoneyException, rows)


def hand_to(exception_id: int, owner_id: int | None, *, by: int) -> MoneyException:
    """Make somebody of finance its owner, or nobody. Raises InvalidInput for anybody else,
    Conflict when it is not open."""
    found = lock(MoneyException, exception_id)
    rules.check_open(found)
    if owner_id is not None and owner_id not in queries.finance_people(found.brand_id):
        raise InvalidInput("owner", "Choose somebody of the brand’s finance.")
    found.owner_id = owner_id
    db.session.flush()
    name = identity.user(owner_id).name if owner_id is not None else ""
    _note(found, "handed", by, to=name)
    return found


def resolve(exception_id: int, note: str, *, by: int) -> MoneyException:
    """Close it with a note. Raises InvalidInput without one, Conflict when it is not open."""
    found = lock(MoneyException, exception_id)
    rules.check_open(found)
    found.note = rules.checked_note(note)
    found.status, found.closed_by, found.closed_at = ExceptionStatus.RESOLVED, by, clock.now()
    db.session.flush()
    _note(found, "resolved", by, note=found.note)
    return found


# ---- inside
def _row(brand_id: int, found: Found) -> dict[str, Any]:
    return {
        "public_id": codes.public_id("exc"), "brand_id": brand_id, "kind": found.kind,
        "subject": found.subject, "status": ExceptionStatus.OPEN,
        "creator_id": found.creator_id, "payout_id": found.payout_id,
        "amount_minor": found.amount.minor, "currency": found.amount.currency,
        "words": found.words, "since": found.since, "opened_at": clock.now(), "note": "",
    }  # fmt: skip


def _note(found: MoneyException, act: str, by: int, **facts: Any) -> None:
    audit.note(by, f"money-exception.{act}", found.id, brand_id=found.brand_id, **facts)
