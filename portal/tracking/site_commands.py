"""The sites a brand's links may lead to (R55): the one guard against open redirects."""

import re
from urllib.parse import urlsplit

from portal.audit import commands as audit
from portal.identity.models import Brand
from portal.kernel.errors import InvalidInput
from portal.storage.locks import lock

MOST_SITES = 50
SITE = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9](:\d{1,5})?")
LOCAL = re.compile(r"localhost(:\d{1,5})?")


def allow_site(brand_id: int, typed: str, *, by: int | None) -> str:
    """Links may lead to this site from now on, with and without www; returns its name.

    A whole address may be typed. Raises InvalidInput for what is no site's name.
    """
    brand, site = lock(Brand, brand_id), _site_of(typed)
    present = list(brand.allowed_hosts or ())
    if site in present:
        return site
    if len(present) >= MOST_SITES:
        raise InvalidInput("site", f"A brand has at most {MOST_SITES} sites.")
    brand.allowed_hosts = [*present, site]
    audit.note(by, "site.allowed", brand_id, brand_id=brand_id, site=site)
    return site


def drop_site(brand_id: int, site: str, *, by: int | None) -> None:
    """Links to this site lead nowhere from now on; they work again once it is allowed again."""
    brand = lock(Brand, brand_id)
    present = list(brand.allowed_hosts or ())
    if site in present:
        brand.allowed_hosts = [one for one in present if one != site]
        audit.note(by, "site.dropped", brand_id, brand_id=brand_id, site=site)


def _site_of(typed: str) -> str:
    text = typed.strip().lower()
    try:
        site = urlsplit(text if "://" in text else f"https://{text}").netloc
    except ValueError:
        site = ""
    site = site.removeprefix("www.").removesuffix(":443")  # https means that port anyway
    if len(site) > 200 or not (SITE.fullmatch(site) or LOCAL.fullmatch(site)):
        raise InvalidInput("site", "Write a site’s name, such as shop.example.")
    return site
