"""Write decisions: rows, trail and announcements, a set at a time (PERFORMANCE §B).

`commands.attribute_order` is its door. What a decision says is `rules.credit_for`'s business.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, update

from portal.attribution.events import OrderAttributed
from portal.attribution.models import Assist, Attribution
from portal.attribution.rules import Decision
from portal.audit import commands as audit
from portal.jobs.commands import announce_each
from portal.kernel import clock
from portal.sales.models import Order
from portal.storage.changes import change
from portal.storage.insert_once import insert_rows
from portal.storage.model import db

ASSISTS: Any = Assist.__table__


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision about an order, with the facts it was made from; `version` counts from 1.

    `by` and `note`: who decided by hand, and why.
    """

    order: Order
    version: int
    decision: Decision
    inputs: dict[str, Any]
    by: int | None = None
    note: str = ""


def write(verdicts: Sequence[Verdict]) -> list[int]:
    """Keep these decisions as the ones in force; their row ids, in the order given."""
    again = [one.order.id for one in verdicts if one.version > 1]
    if again:
        change(update(Attribution).where(Attribution.order_id.in_(again)).values(is_latest=False))
    ids = insert_rows(Attribution, [_row(one) for one in verdicts], key="order_id")
    _write_assists(verdicts, ids)
    audit.note_each(
        None, "order.attributed",
        [(one.order.id, one.order.brand_id, _facts(one)) for one in verdicts if one.by is None],
    )  # fmt: skip
    pairs = zip(verdicts, ids, strict=True)
    announce_each([OrderAttributed(one.order.id, id_) for one, id_ in pairs])
    return ids


def _write_assists(verdicts: Sequence[Verdict], ids: Sequence[int]) -> None:
    rows = [
        {
            "attribution_id": id_, "order_id": one.order.id, "ambassador_id": part.ambassador_id,
            "clicks": part.clicks, "has_code": part.has_code,
        }
        for one, id_ in zip(verdicts, ids, strict=True)
        for part in one.decision.assists
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(ASSISTS), rows)


def _row(one: Verdict) -> dict[str, Any]:
    decision = one.decision
    return {
        "order_id": one.order.id, "brand_id": one.order.brand_id, "version": one.version,
        "is_latest": True, "outcome": decision.outcome, "reason": decision.reason,
        "ambassador_id": decision.ambassador_id, "program_id": decision.program_id,
        "terms_id": decision.terms_id, "code_id": decision.code_id, "click_id": decision.click_id,
        "trace": decision.trace, "inputs": one.inputs, "decided_at": clock.now(),
        "shares": [list(share) for share in decision.shares] or None,
        "rate_bp": decision.rate_bp, "flags": list(decision.flags) or None,
        "by_id": one.by, "note": one.note,
    }  # fmt: skip


def _facts(one: Verdict) -> dict[str, Any]:
    decision = one.decision
    return {
        "version": one.version, "outcome": decision.outcome.value,
        "reason": decision.reason.value, "ambassador_id": decision.ambassador_id,
    }  # fmt: skip
