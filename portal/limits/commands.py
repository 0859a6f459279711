"""Propose limits and codes of accounts, and put them into force. Callers commit."""

from collections.abc import Mapping
from typing import Any

from portal.audit import commands as audit
from portal.identity import queries as identity
from portal.identity.models import Brand
from portal.kernel.errors import InvalidInput
from portal.limits import queries, rules
from portal.limits.models import LedgerCode, MoneyPolicy, PolicyStatus
from portal.limits.rules import Limits
from portal.proposals import commands as proposals
from portal.proposals.models import Proposal
from portal.storage.locks import lock
from portal.storage.model import db


def propose(brand_id: int, limits: Limits, *, by: int) -> Proposal:
    """Propose other limits; they hold once somebody else has confirmed. Raises InvalidInput for
    limits that cannot be, or that are in force already."""
    currency = identity.brand(brand_id).currency
    rules.check(limits)
    if limits.adjustment_limit.currency != currency:
        raise InvalidInput("adjustment_limit", f"Write the limit in {currency}.")
    above = limits.review_above
    facts = {
        "currency": currency, "clawback_days": limits.clawback_days,
        "adjustment_limit_minor": limits.adjustment_limit.minor,
        "review_above_minor": None if above is None else above.minor,
    }  # fmt: skip
    held = queries.in_force(brand_id)
    return proposals.put_forward(brand_id, "limits", facts, rules.lines(held, limits), by=by)


def take_effect(change: Proposal, facts: Mapping[str, Any]) -> None:
    """Put limits into force, from the moment they were decided on."""
    made = MoneyPolicy(
        brand_id=change.brand_id, status=PolicyStatus.AGREED,
        proposed_by=change.proposed_by, proposed_at=change.proposed_at,
        decided_by=change.decided_by, decided_at=change.decided_at, **facts,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    _note(made, "agreed", change.decided_by)


def propose_codes(brand_id: int, codes: Mapping[str, str], *, by: int) -> Proposal:
    """Propose other general-ledger codes by kind of account. Raises InvalidInput for a code that
    cannot be, or when all are in force already."""
    wanted, held = rules.checked_codes(codes), queries.codes_of(brand_id)
    lines = [(rules.MEANINGS[kind], held[kind], code) for kind, code in wanted.items()]
    return proposals.put_forward(brand_id, "ledger-codes", wanted, lines, by=by)


def codes_take_effect(change: Proposal, facts: Mapping[str, Any]) -> None:
    """Put codes into force; noted as done by the second person, or by the first where it waited
    instead."""
    set_codes(change.brand_id, facts, by=change.decided_by or change.proposed_by)


def set_codes(brand_id: int, codes: Mapping[str, str], *, by: int) -> None:
    """Set the brand's general-ledger codes by kind of account. Raises InvalidInput."""
    lock(Brand, brand_id)
    wanted = rules.checked_codes(codes)
    before = queries.codes_of(brand_id)
    rows = {row.kind: row for row in queries.code_rows(brand_id)}
    for kind, code in wanted.items():
        if kind in rows:
            rows[kind].code = code
        elif code != rules.CODES[kind]:
            db.session.add(LedgerCode(brand_id=brand_id, kind=kind, code=code))
    db.session.flush()
    changed = {kind: code for kind, code in wanted.items() if before[kind] != code}
    if changed:
        audit.note(
            by, "ledger-codes.changed", brand_id, brand_id=brand_id,
            before={kind: before[kind] for kind in changed}, after=changed,
        )  # fmt: skip


# ---- inside
def _note(policy: MoneyPolicy, act: str, by: int | None) -> None:
    audit.note(
        by, f"money-policy.{act}", policy.id, brand_id=policy.brand_id,
        clawback_days=policy.clawback_days, adjustment_limit=str(policy.adjustment_limit),
        review_above=str(policy.review_above or ""),
    )  # fmt: skip
