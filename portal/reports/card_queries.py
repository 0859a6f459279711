"""A creator's memberships as the cards of her home page: code, link, terms, this month."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from portal.ambassadors.models import Acceptance, Ambassador, MembershipStatus
from portal.applications.membership_queries import can_be_undone
from portal.attribution import queries as attributions
from portal.attribution.queries import Figures
from portal.consents import queries as consents
from portal.consents import tier_queries as own_ladders
from portal.identity.models import Brand
from portal.kernel import clock
from portal.programs.models import Agreement, CommissionTerms, Program
from portal.storage.model import db
from portal.tiers import queries as tiers
from portal.tiers import wording
from portal.tiers.rules import Ladder
from portal.tracking import queries as tracking
from portal.tracking.models import AffiliateLink, DiscountCode

CARDS = 3
CURRENT = (MembershipStatus.ACTIVE, MembershipStatus.PAUSED, MembershipStatus.TERMS_NEEDED,
           MembershipStatus.ONBOARDING)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Card:
    """One membership; clicks and figures since `month_start`."""

    ambassador: Ambassador
    program: Program
    brand: Brand
    terms: CommissionTerms
    must_accept: bool
    code: DiscountCode | None
    link: AffiliateLink | None
    month_start: datetime
    clicks: int
    figures: Sequence[Figures]
    pays: str = ""  # what her tier pays, in words; nothing where the program has no tiers

    @property
    def orders(self) -> int:
        return sum(one.orders for one in self.figures)


def cards_of(creator_id: int, zone: str) -> list[Card]:
    """Her newest memberships that are not over; the month begins in her zone. One whose approval
    can still be taken back is not hers yet."""
    rows = db.session.execute(_memberships(creator_id)).all()
    first = clock.today(zone).replace(day=1)
    since = clock.start_of_day(first, zone)
    named = clock.start_of_day(first, "UTC")  # clicks are kept by UTC day: that of the same name
    ids = [row[0].id for row in rows]
    if not ids:
        return []
    codes, ladders = tracking.current_codes(ids), _ladders([row[0] for row in rows if row[0].tier])
    figures = attributions.figures_by_ambassador(ids, since)
    return [
        Card(
            ambassador=member, program=program, brand=brand,
            terms=consents.offered_to(member),
            must_accept=newest is not None and newest != accepted,
            code=codes.get(member.id), link=link, month_start=since,
            clicks=tracking.clicks_of_ambassador(member.id, named),
            figures=figures.get(member.id, ()), pays=_pays(member, ladders),
        )
        for member, program, brand, link, newest, accepted in rows
    ]  # fmt: skip


def _ladders(members: Sequence[Ambassador]) -> dict[int, Ladder | None]:
    """Hers in each membership, by its row id."""
    versions, now = tiers.versions_of([one.program_id for one in members]), clock.now()
    known = own_ladders.ladders_of(versions, [one.id for one in members])
    return {one.id: known.at(one.id, one.program_id, now) for one in members}


def _pays(member: Ambassador, ladders: Mapping[int, Ladder | None]) -> str:
    ladder = ladders.get(member.id)
    if ladder is None:
        return ""
    return wording.pays(
        next((one for one in ladder.steps if one.name == member.tier), ladder.first)
    )


def _memberships(creator_id: int) -> Any:
    """Membership, program, brand, default link, the newest agreement's row id and that of the one
    accepted."""
    newest = (
        select(Agreement.id)
        .where(Agreement.program_id == Ambassador.program_id)
        .order_by(Agreement.version.desc())
        .limit(1)
        .scalar_subquery()
    )
    accepted = (
        select(func.max(Acceptance.agreement_id))
        .where(Acceptance.ambassador_id == Ambassador.id)
        .scalar_subquery()
    )
    return (
        select(Ambassador, Program, Brand, AffiliateLink, newest, accepted)
        .join(Program, Program.id == Ambassador.program_id)
        .join(Brand, Brand.id == Ambassador.brand_id)
        .outerjoin(
            AffiliateLink,
            (AffiliateLink.ambassador_id == Ambassador.id) & AffiliateLink.is_default,
        )
        .where(
            Ambassador.creator_id == creator_id,
            Ambassador.status.in_(CURRENT),
            ~can_be_undone(),
        )
        .order_by(Ambassador.id.desc())
        .limit(CARDS)
    )
