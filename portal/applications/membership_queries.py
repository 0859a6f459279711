"""A creator's programs: memberships she has, applications she sent, and one of them whole."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Acceptance, Ambassador, MembershipStatus
from portal.applications import queries, rules
from portal.applications.models import DECIDED, Application, ApplicationStatus
from portal.consents import queries as consents
from portal.consents.queries import TERMS, TIERS
from portal.consents.rules import Step
from portal.creators import queries as creators
from portal.identity.models import Brand
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.kernel.money import Money
from portal.programs import queries as programs
from portal.programs.models import Agreement, CommissionTerms, Program
from portal.storage.model import db
from portal.tracking import queries as tracking
from portal.tracking.models import AffiliateLink, DiscountCode

NOT_SHOWN = (ApplicationStatus.DRAFT, ApplicationStatus.APPROVED)


@dataclass(frozen=True, slots=True)
class Joined:
    """One line of a creator's programs: a membership with its code."""

    ambassador: Ambassador
    program: Program
    brand: Brand
    code: DiscountCode | None


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of a creator's programs: an application, with the status she may see."""

    application: Application
    program: Program
    status: ApplicationStatus


@dataclass(frozen=True, slots=True)
class Membership:
    """A membership with all that its page shows."""

    ambassador: Ambassador
    name: str
    program: Program
    brand: Brand
    terms: CommissionTerms
    coming: CommissionTerms | None
    asked: Sequence[tuple[str, Step]]  # of terms and tiers, the newest first
    minimum: Money
    paid: str  # when the brand pays, in words
    agreement: Agreement | None
    acceptance: Acceptance | None
    accepted: Agreement | None
    code: DiscountCode | None
    link: AffiliateLink | None

    @property
    def must_accept(self) -> bool:
        """Whether the agreement in force still waits for her."""
        if self.ambassador.status in (MembershipStatus.ENDED, MembershipStatus.BANNED):
            return False
        wanted = self.agreement.id if self.agreement else None
        return wanted is not None and (self.accepted is None or self.accepted.id != wanted)


def joined_by(creator_id: int) -> Sequence[Joined]:
    """A creator's memberships, those whose decision can still be taken back left out."""
    rows = memberships_of(creator_id)
    codes = tracking.current_codes([one.id for one, _, _ in rows])
    return [Joined(one, program, brand, codes.get(one.id)) for one, program, brand in rows]


def can_be_undone() -> ColumnElement[bool]:
    """Of the membership of a row: that the approval it came from can still be taken back."""
    return (
        select(Application.id)
        .where(
            Application.ambassador_id == Ambassador.id,
            Application.status.in_(DECIDED),
            Application.undo_until > clock.now(),
        )
        .exists()
    )


def memberships_of(creator_id: int) -> Sequence[tuple[Ambassador, Program, Brand]]:
    """As `joined_by`, without the codes."""
    rows = db.session.execute(
        select(Ambassador, Program, Brand)
        .join(Program, Program.id == Ambassador.program_id)
        .join(Brand, Brand.id == Ambassador.brand_id)
        .where(Ambassador.creator_id == creator_id, ~can_be_undone())
        .order_by(Ambassador.id.desc())
    )
    return [(row[0], row[1], row[2]) for row in rows]


def asked_by(creator_id: int) -> Sequence[Asked]:
    """A creator's applications that did not become a membership, newest first."""
    now = clock.now()
    sent = [(one, rules.shown_status(one, now)) for one in queries.of_creator(creator_id)]
    shown = [(one, status) for one, status in sent if status not in NOT_SHOWN]
    about = programs.programs_by_id([one.program_id for one, _ in shown])
    return [Asked(one, about[one.program_id], status) for one, status in shown]


def membership_of(creator_id: int, program_public_id: str) -> Membership:
    """A creator's membership of one program. Raises NotFound when she has none."""
    for one in ambassadors.of_creator(creator_id):
        program = programs.program(one.program_id)
        if program.public_id == program_public_id:
            return _membership(one, program)
    raise NotFound()


def _membership(ambassador: Ambassador, program: Program) -> Membership:
    offer = programs.offer_at(program.slug)
    latest = programs.versions_of(program.id)[0]
    asked = {one.word: consents.open_steps(ambassador, one) for one in (TERMS, TIERS)}
    accepted = ambassadors.acceptances_of(ambassador.id)
    return Membership(
        ambassador=ambassador,
        name=creators.creator(ambassador.creator_id).name,
        program=program,
        brand=offer.brand,
        terms=(mine := consents.offered_to(ambassador)),
        coming=latest if latest.id != mine.id and not asked[TERMS.word] else None,
        asked=[(word, step) for word, steps in asked.items() for step in steps],
        minimum=offer.minimum,
        paid=offer.paid,
        agreement=offer.agreement,
        acceptance=accepted[0][0] if accepted else None,
        accepted=accepted[0][1] if accepted else None,
        code=tracking.current_codes([ambassador.id]).get(ambassador.id),
        link=tracking.default_links([ambassador.id]).get(ambassador.id),
    )
