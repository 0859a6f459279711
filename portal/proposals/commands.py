"""Put forward, confirm, withdraw, and let what waited take effect. Callers commit."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from portal.audit import commands as audit
from portal.identity.models import Brand
from portal.jobs.commands import announce
from portal.kernel import clock
from portal.proposals import queries, rules
from portal.proposals.events import ChangePutForward
from portal.proposals.models import Proposal, ProposalStatus
from portal.proposals.registry import registry
from portal.storage.locks import lock
from portal.storage.model import db


def put_forward(
    brand_id: int,
    kind: str,
    facts: Mapping[str, Any],
    lines: Sequence[tuple[str, str, str]],
    *,
    by: int,
) -> Proposal:
    """Put a change forward: it takes effect once somebody else of finance has confirmed it, or,
    where there is nobody else, after 7 days of which the owners are told at once. Replaces what
    was open of this kind. Raises InvalidInput when `lines` say that nothing would change."""
    assert kind in rules.KINDS, kind
    lock(Brand, brand_id)
    changed = rules.changed_lines(lines)
    before = queries.open_of_kind(brand_id, kind)
    if before is not None:
        _close(before, ProposalStatus.WITHDRAWN, by)
    now = clock.now()
    made = Proposal(
        brand_id=brand_id, kind=kind, status=ProposalStatus.PROPOSED,
        facts=json.dumps(dict(facts), sort_keys=True), lines=changed,
        proposed_by=by, proposed_at=now,
        waits_until=rules.waits_until(by, queries.who_may_confirm(brand_id), now),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    _note(made, "put-forward", by)
    announce(ChangePutForward(made.id))
    return made


def confirm(proposal_id: int, *, by: int) -> Proposal:
    """Put a change into force, from this moment on. Raises NotAllowed for its proposer, Conflict
    when it is not open any more."""
    found = _open(proposal_id)
    rules.check_second(found.proposed_by, by)
    _close(found, ProposalStatus.CONFIRMED, by)
    _take_effect(found)
    return found


def withdraw(proposal_id: int, *, by: int) -> Proposal:
    """Take it off the table; all of finance may, and owners. Raises Conflict when it is gone."""
    found = _open(proposal_id)
    _close(found, ProposalStatus.WITHDRAWN, by)
    return found


def end_wait(proposal_id: int) -> Proposal:
    """Its wait is over: it takes effect, unless whoever put it forward is of finance no more: then
    it is withdrawn. Raises Conflict when it is not open, or its day has not come."""
    found = _open(proposal_id)
    assert found.waits_until is not None, "only what waits by itself"
    assert found.waits_until <= clock.now(), "its day has come"
    if found.proposed_by not in queries.finance_people(found.brand_id):
        _close(found, ProposalStatus.WITHDRAWN, None)
        return found
    _close(found, ProposalStatus.WAITED, None)
    _take_effect(found)
    return found


# ---- inside
def _open(proposal_id: int) -> Proposal:
    lock(Brand, queries.proposal(proposal_id).brand_id)  # first, as `put_forward` does
    found = lock(Proposal, proposal_id)
    rules.check_open(found.status)
    return found


def _take_effect(found: Proposal) -> None:
    registry.effects[found.kind](found, json.loads(found.facts))


def _close(found: Proposal, status: ProposalStatus, by: int | None) -> None:
    found.status, found.decided_by, found.decided_at = status, by, clock.now()
    db.session.flush()
    _note(found, status.value.replace("_", "-"), by)


def _note(found: Proposal, act: str, by: int | None) -> None:
    audit.note(
        by, f"policy-change.{act}", found.id, brand_id=found.brand_id, kind=found.kind,
        changes=found.lines, proposed_by=found.proposed_by,
    )  # fmt: skip
