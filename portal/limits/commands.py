"""Propose, agree to and withdraw policies; set the codes of accounts."""

from collections.abc import Mapping

from portal.audit import commands as audit
from portal.identity.models import Brand
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.limits import queries, rules
from portal.limits.models import LedgerCode, MoneyPolicy, PolicyStatus
from portal.limits.rules import Limits
from portal.storage.locks import lock
from portal.storage.model import db


def propose(brand_id: int, limits: Limits, *, by: int) -> MoneyPolicy:
    """Propose other limits; they hold once somebody else has agreed. Replaces what was proposed
    before. Raises InvalidInput for limits that cannot be, or that are in force already."""
    brand = lock(Brand, brand_id)
    rules.check(limits)
    if limits == queries.in_force(brand_id):
        raise InvalidInput("", "These limits are in force already.")
    if limits.adjustment_limit.currency != brand.currency:
        raise InvalidInput("adjustment_limit", f"Write the limit in {brand.currency}.")
    open_one = queries.proposed_of(brand_id)
    if open_one is not None:
        _close(open_one, PolicyStatus.WITHDRAWN, None)
    above = limits.review_above
    made = MoneyPolicy(
        brand_id=brand_id, status=PolicyStatus.PROPOSED, currency=brand.currency,
        clawback_days=limits.clawback_days,
        adjustment_limit_minor=limits.adjustment_limit.minor,
        review_above_minor=None if above is None else above.minor,
        proposed_by=by, proposed_at=clock.now(),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    _note(made, "proposed", by)
    return made


def agree(policy_id: int, *, by: int) -> MoneyPolicy:
    """Put proposed limits into force, from this moment on. Raises NotAllowed for the proposer,
    Conflict when it is not open any more."""
    policy = _open(policy_id)
    rules.check_second(policy.proposed_by, by)
    _close(policy, PolicyStatus.AGREED, by)
    _note(policy, "agreed", by)
    return policy


def withdraw(policy_id: int, *, by: int) -> MoneyPolicy:
    """Take a proposal off the table; anybody of finance may. Raises Conflict when it is gone."""
    policy = _open(policy_id)
    _close(policy, PolicyStatus.WITHDRAWN, None)
    _note(policy, "withdrawn", by)
    return policy


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
def _open(policy_id: int) -> MoneyPolicy:
    policy = lock(MoneyPolicy, policy_id)
    if policy.status is not PolicyStatus.PROPOSED:
        raise Conflict(f"This proposal is {policy.status.value} already.")
    return policy


def _close(policy: MoneyPolicy, status: PolicyStatus, by: int | None) -> None:
    policy.status, policy.decided_by, policy.decided_at = status, by, clock.now()
    db.session.flush()


def _note(policy: MoneyPolicy, act: str, by: int | None) -> None:
    audit.note(
        by, f"money-policy.{act}", policy.id, brand_id=policy.brand_id,
        clawback_days=policy.clawback_days, adjustment_limit=str(policy.adjustment_limit),
        review_above=str(policy.review_above or ""),
    )  # fmt: skip
