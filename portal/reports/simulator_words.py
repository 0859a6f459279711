"""Whom somebody means who names a creator by handle, code, link, or the number of a click."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, unquote, urlsplit

from portal.ambassadors import queries as ambassadors
from portal.creators import queries as creators
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.tracking import queries as tracking

CLICK = re.compile(r"[0-9]{10,19}")
LAST_CLICK = 2**63 - 1
GO = "/go/"


@dataclass(frozen=True, slots=True)
class Named:
    """A membership of the brand, and when the click was that names it."""

    ambassador_id: int
    clicked_at: datetime | None = None


def named(brand_id: int, typed: str) -> Named | None:
    """Whom these words mean at a brand; None when nobody of the brand."""
    slug, click_id = _of_address(typed)
    if click_id:
        return _by_click(brand_id, int(click_id))
    word = (slug or typed).lstrip("@")
    return (None if slug else _by_code_or_handle(brand_id, word)) or _by_slug(brand_id, word)


def _of_address(typed: str) -> tuple[str, str]:
    """(slug, click number) in a link of ours, or in the address it led to; "" for what is not."""
    if CLICK.fullmatch(typed):
        return "", typed
    try:
        parts = urlsplit(typed)
    except ValueError:
        return "", ""
    click = next(iter(parse_qs(parts.query).get("vclid", [])), "")
    if CLICK.fullmatch(click):
        return "", click
    inside = parts.path.partition(GO)[2]
    return unquote(inside.partition("/")[0]), ""


def _by_click(brand_id: int, click_id: int) -> Named | None:
    try:
        found = tracking.click(min(click_id, LAST_CLICK))
    except NotFound:
        return None
    return Named(found.ambassador_id, found.at) if found.brand_id == brand_id else None


def _by_code_or_handle(brand_id: int, word: str) -> Named | None:
    code = tracking.code_matching(brand_id, word, clock.now())
    if code is not None:
        return Named(code.ambassador_id)
    try:
        creator = creators.by_handle(word)
    except NotFound:
        return None
    mine = (one for one in ambassadors.of_creator(creator.id) if one.brand_id == brand_id)
    return next((Named(one.id) for one in mine), None)


def _by_slug(brand_id: int, slug: str) -> Named | None:
    link = tracking.link_by_slug(slug)
    return Named(link.ambassador_id) if link and link.brand_id == brand_id else None
