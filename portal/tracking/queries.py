"""Look at codes, links and clicks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import func, select

from portal.ambassadors.models import Ambassador, MembershipStatus
from portal.creators.models import Creator
from portal.kernel import clock, codes
from portal.kernel.errors import NotFound
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.storage.model import db
from portal.tracking import rules
from portal.tracking.click_queries import clicks_by_link as clicks_by_link
from portal.tracking.click_queries import clicks_of_ambassador as clicks_of_ambassador
from portal.tracking.click_queries import ingested_through as ingested_through
from portal.tracking.click_queries import is_underway as is_underway
from portal.tracking.models import (
    AffiliateLink,
    Click,
    CodeChange,
    CodeStatus,
    DiscountCode,
    LinkChange,
    LinkStatus,
)
from portal.tracking.redirect import read_click_id as read_click_id
from portal.tracking.rules import CodeStanding
from portal.tracking.touch_queries import Ask as Ask
from portal.tracking.touch_queries import ClickTouch as ClickTouch
from portal.tracking.touch_queries import Touches as Touches
from portal.tracking.touch_queries import touches as touches
from portal.tracking.touch_queries import touches_of as touches_of

SLUG_CHARACTERS = 60
CODE_VIEWS = {
    "active": (CodeStatus.ACTIVE, CodeStatus.REPLACED),
    "reserved": (CodeStatus.RESERVED,),
    "paused": (CodeStatus.PAUSED,),
    "retired": (CodeStatus.RETIRED, CodeStatus.EXPIRED, CodeStatus.EXHAUSTED),
}


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One row of a brand's list of codes."""

    code: DiscountCode
    ambassador: Ambassador
    creator_name: str


def code_matching(brand_id: int, typed: str, at: datetime) -> CodeStanding | None:
    """The brand's code that was typed, with the status it had at that instant (R38, R40, R43).

    None when the brand has no such code, or had none yet.
    """
    if not codes.is_well_formed(codes.folded(typed)):
        return None
    code = db.session.scalar(
        select(DiscountCode).where(
            DiscountCode.brand_id == brand_id, DiscountCode.folded == codes.folded(typed)
        )
    )
    if code is None:
        return None
    status = rules.standing_of(history_of(code.id), at)
    if status is None:
        return None
    return CodeStanding(
        code.id, code.ambassador_id, code.code, status, code.discount_bp,
        code.activated_at or code.reserved_at,
    )  # fmt: skip


def history_of(code_id: int) -> list[tuple[datetime, CodeStatus]]:
    """(since, status) of a code, oldest first."""
    rows = db.session.execute(
        select(CodeChange.at, CodeChange.status)
        .where(CodeChange.code_id == code_id)
        .order_by(CodeChange.at, CodeChange.id)
    )
    return [(at, status) for at, status in rows]


def changes_of(code_id: int) -> Sequence[CodeChange]:
    """A code's history with who and why, oldest first."""
    rows = db.session.scalars(
        select(CodeChange)
        .where(CodeChange.code_id == code_id)
        .order_by(CodeChange.at, CodeChange.id)
    )
    return rows.all()


def changes_of_link(link_id: int) -> Sequence[LinkChange]:
    """A link's history with who and why, oldest first."""
    rows = db.session.scalars(
        select(LinkChange)
        .where(LinkChange.link_id == link_id)
        .order_by(LinkChange.at, LinkChange.id)
    )
    return rows.all()


def codes_of(
    brand_id: int, request: PageRequest, view: str = "", search: str = "", batch_id: int = 0
) -> Page[CodeRow]:
    """A brand's codes, newest first. `view` is a key of CODE_VIEWS; "" shows all."""
    wanted = (
        select(DiscountCode, Ambassador, Creator.name)
        .join(Ambassador, Ambassador.id == DiscountCode.ambassador_id)
        .join(Creator, Creator.id == Ambassador.creator_id)
        .where(DiscountCode.brand_id == brand_id)
    )
    if batch_id:
        wanted = wanted.where(DiscountCode.batch_id == batch_id)
    if view in CODE_VIEWS:
        wanted = wanted.where(DiscountCode.status.in_(CODE_VIEWS[view]))
    if search:
        typed = search.strip()
        wanted = wanted.where(
            DiscountCode.code.icontains(typed, autoescape=True)
            | Creator.name.icontains(typed, autoescape=True)
        )
    ids = wanted.with_only_columns(DiscountCode.id).limit(COUNT_CAP + 1).subquery()
    total = db.session.scalar(select(func.count()).select_from(ids))
    last = request.row_id()
    if last is not None:
        wanted = wanted.where(DiscountCode.id < last)
    rows = [
        CodeRow(code, ambassador, name)
        for code, ambassador, name in db.session.execute(
            wanted.order_by(DiscountCode.id.desc()).limit(request.size + 1)
        )
    ]
    cursor = cursor_of(rows[request.size - 1].code.id) if len(rows) > request.size else None
    return Page(rows[: request.size], cursor, int(total or 0), is_first=last is None)


def one_of_brand(brand_id: int, public_id: str) -> DiscountCode:
    """A brand's code. Raises NotFound."""
    found = db.session.scalar(
        select(DiscountCode).where(
            DiscountCode.brand_id == brand_id, DiscountCode.public_id == public_id
        )
    )
    if found is None:
        raise NotFound()
    return found


def code(code_id: int) -> DiscountCode:
    """A code by row id. Raises NotFound."""
    found = db.session.get(DiscountCode, code_id)
    if found is None:
        raise NotFound()
    return found


def working_code(brand_id: int, typed: str) -> DiscountCode | None:
    """The brand's code that a shopper who types this now would get a discount by; None alike for
    an unknown, a paused and an ended one, and by the same one question to the database."""
    now = clock.now()
    found: DiscountCode | None = db.session.scalar(
        select(DiscountCode).where(
            DiscountCode.brand_id == brand_id,
            DiscountCode.folded == codes.folded(typed)[: codes.CODE_MAX + 1],
            DiscountCode.status.in_((CodeStatus.ACTIVE, CodeStatus.REPLACED)),
            DiscountCode.valid_until.is_(None) | (DiscountCode.valid_until > now),
        )
    )
    return found


def codes_by_id(code_ids: Sequence[int]) -> dict[int, DiscountCode]:
    """Several codes by row id."""
    rows = db.session.scalars(select(DiscountCode).where(DiscountCode.id.in_(set(code_ids))))
    return {row.id: row for row in rows}


def codes_of_ambassador(ambassador_id: int) -> Sequence[DiscountCode]:
    """Her codes, newest first."""
    rows = db.session.scalars(
        select(DiscountCode)
        .where(DiscountCode.ambassador_id == ambassador_id)
        .order_by(DiscountCode.id.desc())
    )
    return rows.all()


def current_codes(ambassador_ids: Sequence[int]) -> dict[int, DiscountCode]:
    """Each ambassador's newest code that is not retired or replaced, for lists."""
    rows = db.session.scalars(
        select(DiscountCode)
        .where(
            DiscountCode.ambassador_id.in_(ambassador_ids),
            DiscountCode.status.in_((CodeStatus.RESERVED, CodeStatus.ACTIVE, CodeStatus.PAUSED)),
        )
        .order_by(DiscountCode.id)
    )
    return {row.ambassador_id: row for row in rows}


def links_of(ambassador_id: int) -> Sequence[AffiliateLink]:
    """Her links, the default one first, then newest first."""
    return links_of_ambassadors([ambassador_id])


def links_of_ambassadors(ambassador_ids: Sequence[int]) -> Sequence[AffiliateLink]:
    """The links of several memberships, default ones first, then newest first."""
    rows = db.session.scalars(
        select(AffiliateLink)
        .where(AffiliateLink.ambassador_id.in_(ambassador_ids))
        .order_by(AffiliateLink.is_default.desc(), AffiliateLink.id.desc())
    )
    return rows.all()


def default_links(ambassador_ids: Sequence[int]) -> dict[int, AffiliateLink]:
    """Each ambassador's default link."""
    return {
        row.ambassador_id: row for row in links_of_ambassadors(ambassador_ids) if row.is_default
    }


def link_of_creator(creator_id: int, public_id: str) -> AffiliateLink:
    """One of a creator's links. Raises NotFound, for another creator's too."""
    found = db.session.scalar(
        select(AffiliateLink)
        .join(Ambassador, Ambassador.id == AffiliateLink.ambassador_id)
        .where(Ambassador.creator_id == creator_id, AffiliateLink.public_id == public_id)
    )
    if found is None:
        raise NotFound()
    return found


def link_of_brand(brand_id: int, public_id: str) -> AffiliateLink:
    """One of a brand's links. Raises NotFound."""
    found = db.session.scalar(
        select(AffiliateLink).where(
            AffiliateLink.brand_id == brand_id, AffiliateLink.public_id == public_id
        )
    )
    if found is None:
        raise NotFound()
    return found


def link_by_slug(slug: str) -> AffiliateLink | None:
    """The link of a slug, in any case of its letters; None when no link ever had it."""
    if not slug.isprintable() or len(slug) > SLUG_CHARACTERS:
        return None
    found: AffiliateLink | None = db.session.scalar(
        select(AffiliateLink).where(AffiliateLink.folded == slug.casefold())
    )
    return found


def click(click_id: int) -> Click:
    """A click by its id. Raises NotFound."""
    found = db.session.get(Click, click_id)
    if found is None:
        raise NotFound()
    return found


def suggestions(brand_id: int, name: str, discount_bp: int = 0, count: int = 3) -> list[str]:
    """Free codes for a person, best first."""
    ideas = {idea: rules.lookalike(idea) for idea in rules.code_ideas(name, discount_bp)}
    taken = set(
        db.session.scalars(
            select(DiscountCode.lookalike).where(
                DiscountCode.brand_id == brand_id, DiscountCode.lookalike.in_(ideas.values())
            )
        )
    )
    return list(islice((idea for idea, like in ideas.items() if like not in taken), count))


def is_slug_taken(slug: str) -> bool:
    """Whether any link of any brand ever had this slug."""
    return link_by_slug(slug) is not None


def has_default_link(ambassador_id: int) -> bool:
    """Whether the membership has its first link."""
    found = select(AffiliateLink.id).where(
        AffiliateLink.ambassador_id == ambassador_id, AffiliateLink.is_default
    )
    return db.session.scalar(found.limit(1)) is not None


def violations() -> list[str]:
    """Codes and links that work although their membership does not."""
    resting = Ambassador.status != MembershipStatus.ACTIVE
    codes_on = db.session.scalars(
        select(DiscountCode.code)
        .join(Ambassador, Ambassador.id == DiscountCode.ambassador_id)
        .where(resting, DiscountCode.status == CodeStatus.ACTIVE)
    )
    links_on = db.session.scalars(
        select(AffiliateLink.slug)
        .join(Ambassador, Ambassador.id == AffiliateLink.ambassador_id)
        .where(resting, AffiliateLink.status == LinkStatus.ACTIVE)
    )
    return [
        *(f"Code {code} works, but its membership is not active." for code in codes_on),
        *(f"Link {slug} works, but its membership is not active." for slug in links_on),
    ]
