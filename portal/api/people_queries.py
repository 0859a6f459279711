"""Ambassadors, codes and links of a brand, as the interface tells them."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Select, select

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Ambassador
from portal.api import paging
from portal.api.people_shapes import (
    Ambassadors,
    AmbassadorsAsked,
    AmbassadorSeen,
    Codes,
    CodesAsked,
    CodeSeen,
    Links,
    LinksAsked,
    LinkSeen,
)
from portal.api.shapes import ListAsked
from portal.creators.models import Creator
from portal.kernel import codes as spelling
from portal.kernel.errors import NotFound
from portal.kernel.pages import PageRequest
from portal.programs.models import Program
from portal.storage.model import db
from portal.tracking.models import AffiliateLink, DiscountCode

LinkAddress = Callable[[str], str]


def ambassadors_of(brand_id: int, asked: AmbassadorsAsked) -> Ambassadors:
    """One page of a brand's ambassadors, the newest first."""
    wanted = _members().where(Ambassador.brand_id == brand_id)
    if asked.status is not None:
        wanted = wanted.where(Ambassador.status == asked.status)
    if asked.handle is not None:
        wanted = wanted.where(Creator.handle == asked.handle.lstrip("@").casefold())
    rows, cursor = _page(wanted, Ambassador.id, asked)
    return Ambassadors(data=[_member(*row) for row in rows], next_cursor=cursor)


def ambassador(brand_id: int, public_id: str) -> AmbassadorSeen:
    """One ambassador of a brand. Raises NotFound, for another brand's too."""
    found = ambassadors.one_of_brand(brand_id, public_id)
    return _member(*db.session.execute(_members().where(Ambassador.id == found.id)).one())


def codes_of(brand_id: int, asked: CodesAsked) -> Codes:
    """One page of a brand's codes, the newest first."""
    wanted = _codes().where(DiscountCode.brand_id == brand_id)
    if asked.status is not None:
        wanted = wanted.where(DiscountCode.status == asked.status)
    if asked.ambassador is not None:
        wanted = wanted.where(Ambassador.public_id == asked.ambassador)
    if asked.code is not None:
        wanted = wanted.where(DiscountCode.folded == spelling.folded(asked.code))
    rows, cursor = _page(wanted, DiscountCode.id, asked)
    return Codes(data=[_code(*row) for row in rows], next_cursor=cursor)


def code(brand_id: int, public_id: str) -> CodeSeen:
    """One code of a brand. Raises NotFound, for another brand's too."""
    mine = (DiscountCode.brand_id == brand_id) & (DiscountCode.public_id == public_id)
    row = db.session.execute(_codes().where(mine)).one_or_none()
    if row is None:
        raise NotFound()
    return _code(*row)


def links_of(brand_id: int, asked: LinksAsked, address: LinkAddress) -> Links:
    """One page of a brand's links, the newest first. `address` makes a link's whole URL."""
    wanted = _links().where(AffiliateLink.brand_id == brand_id)
    if asked.status is not None:
        wanted = wanted.where(AffiliateLink.status == asked.status)
    if asked.ambassador is not None:
        wanted = wanted.where(Ambassador.public_id == asked.ambassador)
    rows, cursor = _page(wanted, AffiliateLink.id, asked)
    return Links(data=[_link(row[0], row[1], address) for row in rows], next_cursor=cursor)


def link(brand_id: int, public_id: str, address: LinkAddress) -> LinkSeen:
    """One link of a brand. Raises NotFound, for another brand's too."""
    mine = (AffiliateLink.brand_id == brand_id) & (AffiliateLink.public_id == public_id)
    row = db.session.execute(_links().where(mine)).one_or_none()
    if row is None:
        raise NotFound()
    return _link(row[0], row[1], address)


def _page(wanted: Select[Any], row_id: Any, asked: ListAsked) -> tuple[Sequence[Any], str | None]:
    last = PageRequest(asked.cursor).row_id()
    if last is not None:
        wanted = wanted.where(row_id < last)
    rows = db.session.execute(wanted.order_by(row_id.desc()).limit(asked.limit + 1)).all()
    shown = rows[: asked.limit]
    cursor = paging.cursor(shown[-1][0].id) if len(rows) > asked.limit else None
    return shown, cursor


def _members() -> Any:
    return (
        select(Ambassador, Creator, Program.slug)
        .join(Creator, Creator.id == Ambassador.creator_id)
        .join(Program, Program.id == Ambassador.program_id)
        .execution_options(populate_existing=True)
    )


def _codes() -> Any:
    return (
        select(DiscountCode, Ambassador.public_id)
        .join(Ambassador, Ambassador.id == DiscountCode.ambassador_id)
        .execution_options(populate_existing=True)
    )


def _links() -> Any:
    return select(AffiliateLink, Ambassador.public_id).join(
        Ambassador, Ambassador.id == AffiliateLink.ambassador_id
    )


def _member(found: Ambassador, creator: Creator, program: str) -> AmbassadorSeen:
    return AmbassadorSeen(
        id=found.public_id,
        name=creator.name,
        handle=creator.handle,
        program=program,
        status=found.status,
        joined_at=found.joined_at,
        activated_at=found.activated_at,
        ended_at=found.ended_at,
    )


def _code(found: DiscountCode, ambassador_id: str) -> CodeSeen:
    return CodeSeen(
        id=found.public_id,
        code=found.code,
        ambassador=ambassador_id,
        status=found.status,
        discount_bp=found.discount_bp,
        reserved_at=found.reserved_at,
        activated_at=found.activated_at,
        ended_at=found.ended_at,
    )


def _link(found: AffiliateLink, ambassador_id: str, address: LinkAddress) -> LinkSeen:
    return LinkSeen(
        id=found.public_id,
        url=address(found.slug),
        ambassador=ambassador_id,
        destination_url=found.destination_url,
        label=found.label,
        status=found.status,
        created_at=found.created_at,
    )
