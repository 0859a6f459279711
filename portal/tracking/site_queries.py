"""Look at the sites a brand's links may lead to."""

from urllib.parse import urlsplit

from sqlalchemy import func, select

from portal.identity.models import Brand
from portal.storage.model import db
from portal.tracking import rules
from portal.tracking.models import AffiliateLink, LinkStatus


def links_by_site(brand: Brand) -> dict[str, int]:
    """How many links that are not retired lead to each of a brand's sites."""
    # Counted by page first: every ambassador's main link leads to the same one.
    wanted = (
        select(AffiliateLink.destination_url, func.count())
        .where(AffiliateLink.brand_id == brand.id, AffiliateLink.status != LinkStatus.RETIRED)
        .group_by(AffiliateLink.destination_url)
    )
    sites = list(brand.allowed_hosts or ())
    found = dict.fromkeys(sites, 0)
    for url, count in db.session.execute(wanted):
        parts = urlsplit(url)
        for site in sites:
            if rules.is_allowed(parts.hostname or "", parts.port, [site]):
                found[site] += count
                break
    return found
