"""Publish months."""

from typing import Any

from portal.audit import commands as audit
from portal.chain import queries as chain
from portal.chain.wording import seals
from portal.identity.models import Brand
from portal.jobs.commands import announce, announce_each
from portal.kernel import clock, codes
from portal.kernel.errors import Conflict
from portal.statements import queries
from portal.statements.events import StatementPublished
from portal.statements.models import Statement, StatementMonth
from portal.statements.rules import Figures, Month, MoveKind
from portal.storage.insert_once import insert_new
from portal.storage.locks import lock
from portal.storage.model import db

MOST_MAILS = 20


def publish_next(brand_id: int, *, by: int | None) -> Month | None:
    """Publish the month that is due: keep every creator's figures, and tell her when it is the
    last month that ended (one long past is kept without a mail). None: no month is due."""
    brand, now = lock(Brand, brand_id), clock.now()
    month = queries.next_due(brand, now)
    if month is None:
        return None
    found = queries.figures_of_brand(brand.id, month)
    rows = [
        _row(brand.id, month, who, figures)
        for (who, _), figures in sorted(found.items())
        if not figures.is_empty
    ]
    made = insert_new(Statement, rows)
    db.session.add(
        StatementMonth(
            brand_id=brand.id,
            month=str(month),
            published_at=now,
            published_by=by,
            seals=seals(chain.heads()),
        )
    )
    audit.note(by, "statements.published", brand.id, brand_id=brand.id, month=str(month),
               statements=len(made))  # fmt: skip
    if not month.next.is_settled(now, brand.zone):
        announce_each([StatementPublished(one) for one in made.values()])
    return month


def send_again(statement_id: int, *, by: int) -> None:
    """Mail a statement to its creator once more. Raises Conflict when that was done too often."""
    found = lock(Statement, statement_id)
    if found.mails >= MOST_MAILS:
        raise Conflict(f"This statement was mailed {MOST_MAILS} times already.")
    audit.note(by, "statement.sent-again", found.id, brand_id=found.brand_id)
    announce(StatementPublished(found.id))


def note_mailed(statement_id: int) -> int:
    """A mail with this statement goes out now; returns which one it is, from 1."""
    found = lock(Statement, statement_id)
    found.mails, found.mailed_at = found.mails + 1, clock.now()
    return found.mails


def _row(brand_id: int, month: Month, creator_id: int, figures: Figures) -> dict[str, Any]:
    return {
        "public_id": codes.public_id("stm"), "brand_id": brand_id, "creator_id": creator_id,
        "month": str(month), "currency": figures.opening.currency,
        "opening_minor": figures.opening.minor, "closing_minor": figures.closing.minor,
        **{f"{kind.value}_minor": figures.of(kind).minor for kind in MoveKind},
        "mails": 0,
    }  # fmt: skip
