"""Look at the sites a brand's links may lead to."""

from urllib.parse import urlsplit

from sqlalchemy import select

from portal.identity.models import Brand
from portal.storage.model import db
from portal.tracking import rules
from portal.tracking.models import AffiliateLink, LinkStatus


def links_by_site(brand: Brand) -> dict[str, int]:
    """How many links that are not retired lead to each of a brand's sites."""
    wanted = select(AffiliateLink.destination_url).where(
        AffiliateLink.brand_id == brand.id, AffiliateLink.status != LinkStatus.RETIRED
    )
    sites = list(brand.allowed_hosts or ())
    found = dict.fromkeys(sites, 0)
    for url in db.session.scalars(wanted):
        parts = urlsplit(url)
        for site in sites:
            if rules.is_allowed(parts.hostname or "", parts.port, [site]):
                found[site] += 1
                break
    return found
