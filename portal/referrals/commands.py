"""Publish what recruiting pays, invite, remember who recruited whom."""

from datetime import timedelta

from portal.ambassadors import queries as ambassadors
from portal.applications import queries as applications
from portal.applications.models import Application
from portal.audit import commands as audit
from portal.creators.models import Creator
from portal.kernel import clock, codes
from portal.kernel.errors import NotFound
from portal.programs.models import Program
from portal.referrals import queries, rules
from portal.referrals.models import Invite, Recruit, ReferralTerms
from portal.referrals.rules import Plan
from portal.storage.insert_once import insert_once
from portal.storage.locks import lock
from portal.storage.model import db


def publish(program_id: int, plan: Plan, *, by: int | None) -> ReferralTerms:
    """The next version of what recruiting pays, for orders bought from its date on. What takes
    something from recruiters begins after the program's notice (R17). Raises InvalidInput."""
    program = lock(Program, program_id)
    rules.check(plan)
    versions = queries.versions_of([program_id]).get(program_id, [])
    old, now = queries.in_force(versions, clock.now()), clock.now()
    takes = rules.takes_something(plan, queries.plan_of(old) if old else None)
    terms = ReferralTerms(
        brand_id=program.brand_id, program_id=program_id, version=len(versions) + 1,
        basis=plan.basis, levels=list(plan.levels), first_sale_minor=plan.first_sale.minor,
        currency=plan.first_sale.currency, hold_days=plan.hold_days,
        effective_at=now + timedelta(days=program.notice_days if takes else 0), published_by=by,
    )  # fmt: skip
    db.session.add(terms)
    db.session.flush()
    audit.note(
        by, "referral-terms.published", terms.id, brand_id=program.brand_id,
        version=terms.version, basis=plan.basis.value, levels=list(plan.levels),
        first_sale=str(plan.first_sale),
    )  # fmt: skip
    return terms


def invite(ambassador_id: int) -> Invite:
    """A member's invitation: the one she has, or a new one."""
    insert_once(Invite, ambassador_id=ambassador_id, code=codes.random_symbols(8))
    found = queries.invite_of(ambassador_id)
    assert found is not None, "a code that was taken is as rare as R42 says"
    return found


def fix_recruiter(application_id: int) -> Recruit | None:
    """Fix who invited this applicant, if somebody did (R82); None when nobody did validly.

    Valid is the code of an active member of the same program who is somebody else, for a creator
    who never was a member and has no recruiter there. The first one stays for good.
    """
    application = applications.application(application_id)
    code, creator_id = codes.folded(application.invite), application.creator_id
    if not code or creator_id is None:
        return None
    lock(Creator, creator_id)
    try:
        parent, recruiter, program = queries.inviter(code)
    except NotFound:
        return None
    if program.id != application.program_id:
        return None
    above = queries.creators_above(program.id)
    if creator_id in above or rules.is_cycle(creator_id, recruiter.id, above):
        return None
    if _was_member_before(application):
        return None
    recruit = Recruit(
        program_id=program.id, creator_id=creator_id, parent_id=parent.id, at=clock.now()
    )
    db.session.add(recruit)
    db.session.flush()
    audit.note(
        None, "recruit.joined", recruit.id, brand_id=program.brand_id, parent=parent.public_id
    )  # fmt: skip
    return recruit


# ---- inside
def _was_member_before(application: Application) -> bool:
    """Whether she was in the program before she sent this, which may be decided already."""
    member = ambassadors.of_program(application.program_id, application.creator_id or 0)
    if member is None or application.submitted_at is None:
        return False
    return ambassadors.history_of(member.id)[0].at < application.submitted_at
