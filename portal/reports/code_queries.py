"""A brand's codes with what they sold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.ambassadors import queries as ambassadors
from portal.attribution import queries as attributions
from portal.attribution.queries import Figures
from portal.creators import queries as creators
from portal.creators.models import Creator
from portal.identity import queries as identity
from portal.identity.models import User
from portal.kernel.pages import Page, PageRequest
from portal.tracking import queries as tracking
from portal.tracking.models import CodeChange, CodeStatus, DiscountCode
from portal.tracking.queries import CodeRow

VIEWS = {"all": "All", "active": "Active", "reserved": "Reserved", "paused": "Paused",
         "retired": "Retired"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of codes; `figures` by code row id, one per currency."""

    page: Page[CodeRow]
    figures: dict[int, list[Figures]]


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a code's history; `is_ahead`: it is still to come."""

    at: datetime
    status: CodeStatus
    who: str
    reason: str
    is_ahead: bool


@dataclass(frozen=True, slots=True)
class CodeStory:
    """One code: whose, what it sold, what happened to it."""

    code: DiscountCode
    creator: Creator
    ambassador_public_id: str
    figures: Sequence[Figures]
    changes: Sequence[Change]
    replaced_by: DiscountCode | None


def listing(brand_id: int, view: str, search: str, request: PageRequest) -> Listing:
    """A brand's codes of one view of VIEWS, newest first."""
    page = tracking.codes_of(brand_id, request, view if view != "all" else "", search)
    return Listing(page, attributions.figures_by_code([row.code.id for row in page.rows]))


def story(found: DiscountCode, now: datetime) -> CodeStory:
    """Everything its page shows."""
    member = ambassadors.ambassador(found.ambassador_id)
    changes = tracking.changes_of(found.id)
    people = identity.users([one.by_id for one in changes if one.by_id])
    ended = found.status is CodeStatus.RETIRED
    return CodeStory(
        code=found, creator=creators.creator(member.creator_id),
        ambassador_public_id=member.public_id,
        figures=attributions.figures_by_code([found.id]).get(found.id, ()),
        changes=[_change(one, people, now) for one in changes if one.at <= now or not ended],
        replaced_by=tracking.code(found.replaced_by_id) if found.replaced_by_id else None,
    )  # fmt: skip


def _change(one: CodeChange, people: dict[int, User], now: datetime) -> Change:
    who = people[one.by_id].name if one.by_id in people else ""
    return Change(one.at, one.status, who, one.reason, is_ahead=one.at > now)
