"""What staff see of an order that a person decides about, as finished values."""

from typing import Any

from portal.ambassadors import queries as ambassadors
from portal.attribution import answers, wording
from portal.attribution import queries as decisions
from portal.attribution.models import Attribution, Outcome
from portal.attribution.rules import Touch, TouchKind
from portal.commissions import queries as commissions
from portal.decisions import queries, rules
from portal.decisions.models import Proposal
from portal.identity import queries as identity
from portal.kernel.errors import Conflict
from portal.sales import queries as sales
from portal.sales.models import Order
from portal.web.formatting import plural, when


def decision(order: Order, named: int | None = None) -> dict[str, Any]:
    """The evidence, the people it could be credited to, and what may be done."""
    zone, latest = identity.brand(order.brand_id).zone, decisions.of_order(order.id)
    proposal = queries.proposal_of(order.id)
    can_act = _can_act(order, latest, proposal)
    by_hand = latest is not None and latest.by_id is not None
    return {
        "brand_id": order.brand_id, "order": order, "zone": zone, "decision": latest,
        "headline": wording.HEADLINES[latest.reason] if latest else "Not judged yet",
        "words": answers.words_for(latest.reason) if latest else None,
        "steps": steps(latest, wording.BRAND, zone), "twin": queries.twin_of(order),
        "candidates": _candidates(order, latest, named, zone) if latest and not can_act else [],
        "refused": can_act, "proposal": proposal if _shows(proposal) else None,
        "proposed_to": _name(proposal.ambassador_id) if proposal else "",
        "proposed_by": _user(proposal.by_id if proposal else None),
        "answered_by": _user(proposal.answered_by_id if proposal else None),
        "decided_by": _user(latest.by_id if latest and by_hand else None),
        "may_decline": not can_act and latest is not None
        and latest.outcome is Outcome.NEEDS_DECISION,
        "may_undo": by_hand and not _unmovable(order),
        "limit": queries.finance_limit(order.brand_id),
    }  # fmt: skip


def steps(latest: Attribution | None, audience: str, zone: str) -> Any:
    """The trace in words, with the ambassadors' names."""
    if latest is None:
        return ()
    who = {step["facts"].get("ambassador_id") for step in latest.trace} - {None}
    names = {one: found.creator.name for one, found in ambassadors.members(sorted(who)).items()}
    return wording.sentences(latest.trace, audience, names=names, zone=zone)


def part_words(touch: Touch, zone: str) -> str:
    """ "ADA15 was typed", "Link clicked 3 Mar, 12:00", "Brought this customer on …"."""
    at = when(touch.at, zone)
    if touch.kind is TouchKind.CODE:
        return f"{touch.code} was typed"
    if touch.kind is TouchKind.CLICK:
        return f"Link clicked {at}"
    what = "subscription" if touch.kind is TouchKind.RENEWAL else "customer"
    return f"Brought this {what} {at}"


def _candidates(
    order: Order, latest: Attribution, named: int | None, zone: str
) -> list[dict[str, Any]]:  # fmt: skip
    made = []
    for one in queries.candidates(order, latest, named):
        parts = [part_words(touch, zone) for touch in one.parts]
        told = parts[:3] + ([f"and {plural(len(parts) - 3, 'more', 'more')}"] if parts[3:] else [])
        shared = {word for touch in one.parts for word in touch.evidence}
        made.append({
            "id": one.public_id, "name": one.name, "parts": told or ["No part in it is known"],
            "shared": [wording.SHARED[word] for word in sorted(shared)],
            "worth": one.worth, "refusal": one.refusal,
            "holds": latest.ambassador_id == one.ambassador_id,
            "finance": one.worth is not None and rules.needs_finance(
                one.worth.amount, queries.finance_limit(order.brand_id)
            ),
        })  # fmt: skip
    return made


def _can_act(order: Order, latest: Attribution | None, proposal: Proposal | None) -> str:
    """Why nothing can be decided now; "" when it can."""
    try:
        rules.check_can_decide(latest.outcome if latest else None)
        if proposal is not None and proposal.is_waiting:
            return "This order waits for finance."
        rules.check_can_move(_statuses(order))
    except Conflict as no:
        return no.message
    return ""


def _unmovable(order: Order) -> bool:
    try:
        rules.check_can_move(_statuses(order))
    except Conflict:
        return True
    return False


def _statuses(order: Order) -> list[Any]:
    earned = commissions.sales_of_orders([order.id]).get(order.id, {})
    return [commissions.commission(one).status for one in earned]


def _shows(proposal: Proposal | None) -> bool:
    return proposal is not None and (proposal.is_waiting or bool(proposal.answer))


def _name(ambassador_id: int) -> str:
    return ambassadors.members([ambassador_id])[ambassador_id].creator.name


def _user(user_id: int | None) -> str:
    return identity.user(user_id).name if user_id is not None else ""


def put_forward(found: Proposal) -> dict[str, Any]:
    """What finance reads of a proposal."""
    zone, order = identity.brand(found.brand_id).zone, sales.by_id(found.order_id)
    latest = decisions.of_order(order.id)
    return {
        "brand_id": found.brand_id, "proposal": found, "order": order, "zone": zone,
        "steps": steps(latest, wording.FINANCE, zone),
        "headline": wording.HEADLINES[latest.reason] if latest else "",
        "name": _name(found.ambassador_id), "proposer": _user(found.by_id),
        "answered_by": _user(found.answered_by_id), "told": queries.words(found.status),
        "limit": queries.finance_limit(found.brand_id),
    }  # fmt: skip
