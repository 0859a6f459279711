"""What a creator sees of her appeals, as finished values for the pages."""

from datetime import timedelta
from typing import Any

from flask import url_for

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Ambassador
from portal.appeals import queries, rules
from portal.appeals.models import Appeal, AppealKind, AppealStatus
from portal.appeals.queries import Row
from portal.appeals.rules import Subject
from portal.attribution import queries as attribution
from portal.attribution import wording
from portal.briefs import queries as briefs
from portal.commissions import queries as commissions
from portal.creators import queries as creators
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.pages import Page
from portal.payouts import queries as payouts
from portal.programs import queries as programs

KINDS = {
    AppealKind.SALE: "A sale",
    AppealKind.AMOUNT: "An amount",
    AppealKind.HOLD: "A hold",
    AppealKind.MEMBERSHIP: "A membership",
    AppealKind.CONTENT_FEE: "A brief’s fee",
    AppealKind.PAYOUT: "A payout",
}
WORDS = {
    AppealStatus.WAITING_CREATOR: "Waiting for you",
    AppealStatus.WAITING_FINANCE: "Under review",
}


def programs_of(creator_id: int) -> list[tuple[Ambassador, str]]:
    """Her memberships with the name of the program and its brand."""
    found = ambassadors.members([one.id for one in ambassadors.of_creator(creator_id)])
    members = [one.ambassador for one in found.values()]
    names = programs.programs_by_id([one.program_id for one in members])
    return [(one, names[one.program_id].name) for one in members]


def appeals(creator_id: int, listing: Page[Row]) -> dict[str, Any]:
    """The list, with the brands' names."""
    brands = {one.id: one.name for one in identity.brands()}
    return {
        "listing": listing, "kinds": KINDS, "words": WORDS, "brands": brands,
        "zone": creators.creator(creator_id).zone, "may_ask": bool(programs_of(creator_id)),
    }  # fmt: skip


def new(creator_id: int, subject: Subject | None) -> dict[str, Any]:
    """The form's page: what it is about, and until when it may be opened."""
    zone = creators.creator(creator_id).zone
    if subject is None:
        return {"subject": None, "zone": zone, "until": None, "policy": None, "refusal": "",
                "brand_name": "", "action": url_for("appeals_creator.new_sale"),
                "back": url_for("appeals_creator.appeals")}  # fmt: skip
    policy = queries.policy_of(subject.brand_id)
    until = rules.last_instant(subject.since, policy)
    refusal = rules.refusal_of(subject, policy, clock.now())
    kind, about, back = _address(subject)
    return {
        "subject": subject, "zone": zone, "policy": policy, "until": until, "refusal": refusal,
        "brand_name": identity.brand(subject.brand_id).name, "back": back,
        "action": url_for("appeals_creator.new", kind=kind, subject=about),
    }  # fmt: skip


def detail(found: Appeal) -> dict[str, Any]:
    """One appeal: no buyer, no other creator, and of the brand's people only first names."""
    me, brand = creators.creator(found.creator_id), identity.brand(found.brand_id)
    now, steps = clock.now(), []
    decision = attribution.of_order(found.order_id) if found.order_id else None
    if decision is not None:
        steps = wording.sentences(
            decision.trace, wording.CREATOR, viewer=found.ambassador_id or 0, zone=me.zone
        )
    result = None
    if found.result_commission_id:
        result = commissions.commission(found.result_commission_id)
    return {
        "appeal": found, "kind": KINDS[found.kind], "brand": brand, "zone": me.zone,
        "word": WORDS.get(found.status), "talk": queries.messages_of(found.id), "steps": steps,
        "result": result, "policy": queries.policy_of(found.brand_id),
        "may_reopen": _may_reopen(found), "reopens_until": _reopens_until(found), "now": now,
    }  # fmt: skip


def _may_reopen(found: Appeal) -> bool:
    until = _reopens_until(found)
    is_first = found.status is AppealStatus.REJECTED and found.reopened_at is None
    return is_first and until is not None and clock.now() <= until


def _reopens_until(found: Appeal) -> Any:
    if found.decided_at is None:
        return None
    return found.decided_at + timedelta(days=rules.REOPEN_DAYS)


def _address(subject: Subject) -> tuple[str, str, str]:
    """The words of the form's own address, and where its subject stands."""
    if subject.kind is AppealKind.MEMBERSHIP and subject.ambassador_id:
        member = ambassadors.ambassador(subject.ambassador_id)
        program = programs.program(member.program_id)
        back = url_for("applications_creator.program", program=program.public_id)
        return "membership", member.public_id, back
    if subject.kind is AppealKind.CONTENT_FEE and subject.assignment_id:
        work = briefs.assignment(subject.assignment_id)
        back = url_for("briefs_creator.assignment", assignment=work.public_id)
        return "assignment", work.public_id, back
    if subject.kind is AppealKind.PAYOUT and subject.payout_id:
        paid = payouts.payout(subject.payout_id)
        back = url_for("payouts_creator.payout", payout=paid.public_id)
        return "payout", paid.public_id, back
    assert subject.commission_id is not None
    earned = commissions.commission(subject.commission_id)
    back = url_for("reports_creator.commission", commission=earned.public_id)
    return "commission", earned.public_id, back
