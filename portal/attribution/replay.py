"""Make stored decisions again from the facts stored beside them: the doctor's question."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from portal.attribution import gathering, rules
from portal.attribution.facts import Facts, facts_from
from portal.attribution.models import Attribution
from portal.attribution.rules import Decision
from portal.sales import queries as sales
from portal.storage.model import db

BATCH = 1_000


def violations() -> list[str]:
    """Decisions that, made again from the same facts, come out differently. Sentences; empty when
    all is well. Reads each decision once, in batches, and asks nothing else; only decisions of
    before the facts were kept whole are gathered again."""
    return [*_wrong()]


def agrees(stored: Any, decision: Decision) -> bool:
    """Whether a decision says what is stored already."""
    kept = (stored.outcome, stored.reason, stored.ambassador_id, stored.code_id, stored.click_id,
            stored.terms_id, stored.rate_bp, stored.shares or [])  # fmt: skip
    made = (decision.outcome, decision.reason, decision.ambassador_id, decision.code_id,
            decision.click_id, decision.terms_id, decision.rate_bp,
            [list(share) for share in decision.shares])  # fmt: skip
    return kept == made


def _wrong() -> Iterator[str]:
    last = 0
    while rows := _batch(last):
        last = rows[-1].id
        facts = _facts(rows)
        for row in rows:
            again = rules.decide(facts[row.order_id])
            if not agrees(row, again):
                yield (
                    f"Order row {row.order_id} was {row.outcome} ({row.reason}), "
                    f"but its facts say {again.outcome} ({again.reason})."
                )


def _batch(after: int) -> Sequence[Any]:
    return db.session.execute(
        select(
            Attribution.id, Attribution.order_id, Attribution.outcome, Attribution.reason,
            Attribution.ambassador_id, Attribution.code_id, Attribution.click_id,
            Attribution.terms_id, Attribution.rate_bp, Attribution.shares, Attribution.inputs,
        )
        .where(Attribution.is_latest, Attribution.id > after)
        .order_by(Attribution.id)
        .limit(BATCH)
    ).all()  # fmt: skip


def _facts(rows: Sequence[Any]) -> dict[int, Facts]:
    found, older = {}, []
    for row in rows:
        facts = facts_from(row.inputs)
        if facts is None:
            older.append(row.order_id)
        else:
            found[row.order_id] = facts
    gathered = gathering.facts_of(list(sales.by_ids(older).values())) if older else {}
    for order_id, facts in gathered.items():
        # Duplicates were not looked for when these were decided.
        found[order_id] = replace(facts, order=replace(facts.order, is_duplicate=False))
    return found
