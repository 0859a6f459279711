"""Decide an appeal: what it moves is moved in the same transaction, by one journal."""

from dataclasses import dataclass
from datetime import datetime

from portal.ambassadors import commands as memberships
from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import MembershipStatus
from portal.appeals import queries, rules, subject_queries
from portal.appeals.events import AppealDecided, AppealPutForward
from portal.appeals.models import Appeal, AppealKind, AppealStatus, RejectReason
from portal.attribution import commands as attribution
from portal.audit import commands as audit
from portal.briefs import queries as briefs
from portal.commissions import commands as earnings
from portal.commissions import queries as commissions
from portal.commissions.models import Commission, CommissionStatus
from portal.consents import queries as consents
from portal.creators import queries as creators
from portal.jobs.commands import announce
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.kernel.money import Money
from portal.programs import queries as programs
from portal.programs.rules import TermsFacts
from portal.sales import queries as sales
from portal.storage.locks import lock
from portal.tracking import commands as tracking


@dataclass(frozen=True, slots=True)
class Effect:
    """What a decision did: the commission, what its journal moved, and the journal's reference."""

    commission_id: int | None = None
    moved: Money | None = None
    journal: str = ""


def decide(
    appeal_id: int, outcome: AppealStatus, answer: str, *, by: int,
    reason: RejectReason | None = None, amount: Money | None = None,
) -> Appeal:  # fmt: skip
    """Uphold, uphold in part, or keep what was decided; the creator reads `answer`.

    Above the brand's limit it only puts the decision forward: somebody of finance agrees to it or
    refuses. Raises InvalidInput for a missing answer, reason or amount, NotAllowed for the first
    decider of a reopened appeal, Conflict when the appeal or its subject changed meanwhile.
    """
    appeal = lock(Appeal, appeal_id)
    rules.next_status(appeal.status, "decide")
    rules.check_decider(appeal.first_decided_by, appeal.reopened_at, by)
    if not answer.strip():
        raise InvalidInput("answer", "Say why: the creator reads it.")
    if outcome is AppealStatus.REJECTED and reason is None:
        raise InvalidInput("reason", "Choose the reason.")
    award = rules.checked_award(
        appeal.kind, outcome, expected_of(appeal), amount, appeal.currency
    )  # fmt: skip
    appeal.answer, appeal.owner_id = answer.strip(), appeal.owner_id or by
    appeal.reason = reason if outcome is AppealStatus.REJECTED else None
    if rules.needs_finance(award, queries.policy_of(appeal.brand_id)):
        assert award, "only money needs finance"
        appeal.status = rules.next_status(appeal.status, "put forward")
        appeal.proposed, appeal.proposed_minor, appeal.proposed_by = outcome, award.minor, by
        appeal.waits_until = None
        _note(appeal, "put-forward", by, outcome=outcome.value, amount=str(award))
        announce(AppealPutForward(appeal.id))
        return appeal
    return _carry_out(appeal, outcome, award, by)


def agree(appeal_id: int, *, by: int) -> Appeal:
    """Finance agrees to what was put forward, and it is done. Raises NotAllowed for whoever put
    it forward or refused the first time, Conflict when the subject changed meanwhile."""
    appeal = lock(Appeal, appeal_id)
    rules.next_status(appeal.status, "agree")
    rules.check_decider(appeal.first_decided_by, appeal.reopened_at, by)
    rules.check_second_person(appeal.proposed_by, by)
    assert appeal.proposed, "what waits for finance was put forward"
    _note(appeal, "agreed", by, amount=str(appeal.put_forward))
    return _carry_out(appeal, appeal.proposed, appeal.put_forward, by)


def refuse(appeal_id: int, answer: str, *, by: int) -> Appeal:
    """Finance does not agree: the appeal is rejected, with a reason the creator reads."""
    appeal = lock(Appeal, appeal_id)
    rules.next_status(appeal.status, "agree")
    rules.check_decider(appeal.first_decided_by, appeal.reopened_at, by)
    rules.check_second_person(appeal.proposed_by, by)
    if not answer.strip():
        raise InvalidInput("answer", "Say why: the creator reads it.")
    appeal.answer, appeal.reason = answer.strip(), RejectReason.OTHER
    return _carry_out(appeal, AppealStatus.REJECTED, None, by)


def expected_of(appeal: Appeal) -> Money | None:
    """What upholding in full would move now; None when only a written amount can say."""
    if appeal.kind is AppealKind.SALE and appeal.order_id and appeal.ambassador_id:
        member = ambassadors.ambassador(appeal.ambassador_id)
        return subject_queries.would_earn(member, sales.by_id(appeal.order_id))
    if appeal.kind is AppealKind.HOLD and appeal.commission_id:
        return commissions.commission(appeal.commission_id).net
    if appeal.kind is AppealKind.AMOUNT and appeal.commission_id:
        found = commissions.commission(appeal.commission_id)
        return found.taken_back if found.void_reason else None
    if appeal.kind is AppealKind.CONTENT_FEE and appeal.assignment_id:
        earned = commissions.of_assignment(appeal.assignment_id)
        return None if earned else briefs.assignment(appeal.assignment_id).fee
    return None


# ---- inside
def _carry_out(appeal: Appeal, outcome: AppealStatus, award: Money | None, by: int) -> Appeal:
    decided_by = by
    if outcome is not AppealStatus.REJECTED:
        decided_by = appeal.proposed_by or by
        done = _effect(appeal, outcome, award, by)
        appeal.result_commission_id, appeal.journal = done.commission_id, done.journal
        appeal.awarded_minor = done.moved.minor if done.moved and done.journal else 0
    appeal.status, appeal.waits_until = outcome, None
    appeal.decided_by, appeal.decided_at = decided_by, clock.now()
    appeal.proposed = appeal.proposed_minor = appeal.proposed_by = None
    appeal.closed_at = clock.now()
    _note(
        appeal, outcome.value.replace("_", "-"), by, journal=appeal.journal,
        amount=str(appeal.awarded) if appeal.journal else "", answer=appeal.answer,
    )  # fmt: skip
    announce(AppealDecided(appeal.id))
    return appeal


def _effect(appeal: Appeal, outcome: AppealStatus, award: Money | None, by: int) -> Effect:
    in_full = outcome is AppealStatus.UPHELD
    if appeal.kind is AppealKind.MEMBERSHIP:
        return _give_membership_back(appeal, by)
    assert award is not None, "money decisions carry an amount"
    if appeal.kind is AppealKind.HOLD:
        return _end_hold(appeal, in_full, award, by)
    if appeal.kind is AppealKind.SALE and in_full and appeal.order_id:
        return _credit(appeal, by)
    if appeal.kind is AppealKind.CONTENT_FEE and in_full and appeal.commission_id is None:
        return _pay_fee(appeal, award, by)
    return _adjusted(appeal, award, by)


def _credit(appeal: Appeal, by: int) -> Effect:
    """Credited to her by hand: a normal commission that names the appeal (R63). What another
    earned on the order is taken back."""
    assert appeal.order_id is not None
    if appeal.ambassador_id is None:
        raise Conflict("She has no membership with this brand, so nothing can be credited.")
    decision = attribution.reassign(
        appeal.order_id, appeal.ambassador_id, by=by, reason=appeal.answer[:500]
    )
    earnings.earn(decision.id)
    found = commissions.of_decision(decision.id, appeal.ambassador_id)
    found.explanation = {**found.explanation, "source": f"appeal {appeal.public_id}"}
    return _earned(found) if found.amount else Effect(found.id)


def _end_hold(appeal: Appeal, in_full: bool, award: Money, by: int) -> Effect:
    """Released whole; or taken back, and the part given as an amount of its own."""
    assert appeal.commission_id is not None
    if not in_full:
        earnings.void(appeal.commission_id, appeal.answer, by=by)
        return _adjusted(appeal, award, by)
    found = earnings.release(appeal.commission_id, by=by)
    if found.status is CommissionStatus.ON_HOLD:
        raise Conflict(found.hold_reason + " Decide when that is over, or in part.")
    journal = commissions.reference(found.id, f"released:{found.holds}") if found.net else ""
    return Effect(found.id, found.net, journal)


def _pay_fee(appeal: Appeal, award: Money, by: int) -> Effect:
    assert appeal.assignment_id is not None
    if commissions.of_assignment(appeal.assignment_id) is not None:
        raise Conflict("This fee was paid meanwhile. Decide in part to add an amount to it.")
    work = briefs.work(appeal.assignment_id)
    found = earnings.earn_fee(
        work.assignment.id, appeal.brand_id, appeal.creator_id, work.assignment.ambassador_id,
        award, title=work.text.title, by=by,
    )  # fmt: skip
    return _earned(found)


def _adjusted(appeal: Appeal, award: Money, by: int) -> Effect:
    if appeal.ambassador_id is None:
        raise Conflict("She has no membership with this brand, so nothing can be added.")
    order = sales.by_id(appeal.order_id) if appeal.order_id else None
    first = commissions.commission(appeal.commission_id) if appeal.commission_id else None
    waits = first is not None and first.payable_at is None  # so does what is given in its place
    terms = None
    if order is not None and (waits or appeal.kind is AppealKind.SALE):
        terms = _terms_of(appeal.ambassador_id, order.placed_at)
    found = earnings.adjust(
        appeal.brand_id, appeal.creator_id, appeal.ambassador_id, award,
        f"Appeal: {appeal.title}", by=by, order_id=order.id if order else None,
        terms=terms, source=f"appeal {appeal.public_id}",
        not_before=first.hold_until if first is not None and waits else None,
    )  # fmt: skip
    return _earned(found)


def _terms_of(ambassador_id: int, placed_at: datetime) -> TermsFacts | None:
    """A sale that is credited late matures when it would have anyway, by its own terms (R58)."""
    try:
        terms = consents.terms_for(ambassadors.ambassador(ambassador_id), placed_at)
    except NotFound:
        return None
    return programs.facts_of(terms)


def _earned(found: Commission) -> Effect:
    return Effect(found.id, found.amount, commissions.reference(found.id, "earned"))


def _give_membership_back(appeal: Appeal, by: int) -> Effect:
    """Active again with codes and links; after an end she is enrolled anew, with a new code that
    works once she has accepted the agreement."""
    assert appeal.ambassador_id is not None
    member = ambassadors.ambassador(appeal.ambassador_id)
    if member.status is MembershipStatus.ENDED:
        program = programs.program(member.program_id)
        memberships.enrol(member.program_id, member.creator_id, by=by)
        name = creators.creator(member.creator_id).name
        tracking.reserve_code(member.id, None, name, program.discount_bp, by=by)
    else:
        memberships.reinstate(member.id, by=by, reason=appeal.answer[:300])
        tracking.activate(member.id, by=by)
    return Effect()


def _note(appeal: Appeal, act: str, by: int | None, **facts: object) -> None:
    audit.note(by, f"appeal.{act}", appeal.id, brand_id=appeal.brand_id, **facts)
