"""What the review panel shows of one application, and what stands round it."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Ambassador
from portal.applications import queries, rules
from portal.applications.models import Application
from portal.applications.queries import Neighbours
from portal.applications.rules import ChannelFacts, Criterion
from portal.creators import queries as creators
from portal.creators.models import Creator, Platform
from portal.creators.rules import PLATFORM_NAMES
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.pages import Page
from portal.programs import queries as programs
from portal.programs.models import CommissionTerms, Program
from portal.tracking import queries as tracking


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A channel beside what accounts of its size usually reach; rates in basis points."""

    platform: str
    facts: ChannelFacts
    engagement_bp: int | None
    benchmark_bp: int


@dataclass(frozen=True, slots=True)
class Review:
    """One application with all that a decision needs."""

    application: Application
    creator: Creator
    program: Program
    terms: CommissionTerms
    criteria: Sequence[Criterion]
    channels: Sequence[ChannelView]
    earlier: Sequence[Application]
    code: str
    ambassador: Ambassador | None
    decided_by: str
    claimed_by: str
    neighbours: Neighbours

    @property
    def met(self) -> int:
        """How many criteria are met."""
        return sum(1 for line in self.criteria if line.is_met)


def review_of(
    application: Application, *, view: str, user_id: int, within: Page[Application] | None = None
) -> Review:
    """Everything about one application of the caller's brand; `user_id` is who looks, `within`
    the page of the queue that stands beside it."""
    program = programs.program(application.program_id)
    creator = creators.creator(application.creator_id or 0)
    applicant, now = queries.applicant_of(application), clock.now()
    names = identity.users([one for one in (application.decided_by, application.claimed_by) if one])
    is_taken = rules.is_claimed_by_other(application, user_id, now)
    decided_by = names.get(application.decided_by or 0)
    claimed_by = names.get(application.claimed_by or 0)
    membership = application.ambassador_id
    beside = queries.neighbours_in(within, application) if within else None
    return Review(
        application=application,
        creator=creator,
        program=program,
        terms=programs.offered_terms(program.id),
        criteria=rules.criteria(applicant, queries.wanted_by(program)),
        channels=[_channel(facts) for facts in applicant.channels],
        earlier=_earlier(application),
        code=_code_for(application, program),
        ambassador=ambassadors.ambassador(membership) if membership else None,
        decided_by=decided_by.name if decided_by else "",
        claimed_by=claimed_by.name if claimed_by and is_taken else "",
        neighbours=beside or queries.neighbours(application.brand_id, view, application),
    )


def _code_for(application: Application, program: Program) -> str:
    if application.ambassador_id:
        code = tracking.current_codes([application.ambassador_id]).get(application.ambassador_id)
        return code.code if code else ""
    ideas = tracking.suggestions(program.brand_id, application.name, program.discount_bp, 1)
    return ideas[0] if ideas else ""


def _earlier(application: Application) -> list[Application]:
    sent = queries.of_creator(application.creator_id or 0)
    return [one for one in sent if one.brand_id == application.brand_id and one.id < application.id]


def _channel(facts: ChannelFacts) -> ChannelView:
    return ChannelView(
        platform=PLATFORM_NAMES[Platform(facts.platform)],
        facts=facts,
        engagement_bp=rules.engagement_bp(facts),
        benchmark_bp=rules.benchmark_bp(facts.followers),
    )
