"""What looking at the destinations of links has found."""

from collections.abc import Sequence

from sqlalchemy import func, select

from portal.storage.model import db
from portal.tracking.issue_models import LinkCheck as LinkCheck
from portal.tracking.models import AffiliateLink, Health, LinkStatus

SURE_FAILURES = 2  # one failed look may be the network's; the second is the page's (UX 6.8)


def is_surely_broken(check: LinkCheck | None) -> bool:
    """Whether a link's destination failed often enough that somebody should act."""
    if check is None:
        return False
    return check.health is Health.BROKEN and check.failures >= SURE_FAILURES


def checks_of(link_ids: Sequence[int]) -> dict[int, LinkCheck]:
    """Link id → what the last look at its present destination found; unseen ones are left out."""
    rows = db.session.scalars(
        select(LinkCheck)
        .join(AffiliateLink, AffiliateLink.id == LinkCheck.link_id)
        .where(LinkCheck.link_id.in_(link_ids), LinkCheck.url == AffiliateLink.destination_url)
    )
    return {row.link_id: row for row in rows}


def broken_count(brand_id: int) -> int:
    """How many working links of a brand lead to a page that is surely broken."""
    return int(
        db.session.scalar(
            select(func.count())
            .select_from(LinkCheck)
            .join(AffiliateLink, AffiliateLink.id == LinkCheck.link_id)
            .where(
                LinkCheck.brand_id == brand_id,
                LinkCheck.health == Health.BROKEN,
                LinkCheck.failures >= SURE_FAILURES,
                LinkCheck.url == AffiliateLink.destination_url,
                AffiliateLink.status == LinkStatus.ACTIVE,
            )
        )
        or 0
    )
