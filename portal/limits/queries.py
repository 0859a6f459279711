"""What is in force, what was before, and the codes."""

from collections.abc import Sequence

from sqlalchemy import select

from portal.identity import queries as identity
from portal.limits import rules
from portal.limits.models import LedgerCode, MoneyPolicy, PolicyStatus
from portal.limits.rules import Limits
from portal.storage.model import db


def in_force(brand_id: int) -> Limits:
    """The limits in force for a brand: the last agreed ones, or the usual."""
    return in_force_for([brand_id])[brand_id]


def in_force_for(brand_ids: Sequence[int]) -> dict[int, Limits]:
    """The limits in force, for several brands."""
    rows = db.session.scalars(
        select(MoneyPolicy)
        .where(MoneyPolicy.brand_id.in_(set(brand_ids)), MoneyPolicy.status == PolicyStatus.AGREED)
        .order_by(MoneyPolicy.decided_at, MoneyPolicy.id)
    )
    found = {row.brand_id: limits_in(row) for row in rows}
    for brand_id in set(brand_ids) - set(found):
        found[brand_id] = rules.usual(identity.brand(brand_id).currency)
    return found


def limits_in(row: MoneyPolicy) -> Limits:
    """The plain limits of one row."""
    return Limits(row.clawback_days, row.adjustment_limit, row.review_above)


def history_of(brand_id: int, limit: int = 10) -> Sequence[MoneyPolicy]:
    """The last policies that were agreed to, newest first."""
    return db.session.scalars(  # type: ignore[no-any-return]
        select(MoneyPolicy)
        .where(MoneyPolicy.brand_id == brand_id, MoneyPolicy.status == PolicyStatus.AGREED)
        .order_by(MoneyPolicy.decided_at.desc(), MoneyPolicy.id.desc())
        .limit(limit)
    ).all()


def code_rows(brand_id: int) -> Sequence[LedgerCode]:
    """The codes a brand has set."""
    return db.session.scalars(  # type: ignore[no-any-return]
        select(LedgerCode).where(LedgerCode.brand_id == brand_id)
    ).all()


def codes_of(brand_id: int) -> dict[str, str]:
    """The code of every kind of account: the brand's own, or the usual."""
    own = {row.kind: row.code for row in code_rows(brand_id)}
    return {kind: own.get(kind, usual) for kind, usual in rules.CODES.items()}
