"""A creator's links with what they brought, and where new ones may lead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import MembershipStatus
from portal.attribution import queries as attributions
from portal.identity import queries as identity
from portal.identity.models import Brand
from portal.kernel import clock
from portal.tracking import queries as tracking
from portal.tracking.models import AffiliateLink, LinkStatus

CLICK_DAYS = 30
GONE = (MembershipStatus.ENDED, MembershipStatus.BANNED)


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One link: clicks of the last 30 days, credited orders of all time. `status` is its own, or
    paused while the membership rests."""

    link: AffiliateLink
    brand: Brand
    status: LinkStatus
    clicks: int
    orders: int


def of_creator(creator_id: int) -> Sequence[LinkRow]:
    """Her links of memberships that are not over, default ones first."""
    members = {one.id: one for one in ambassadors.of_creator(creator_id) if one.status not in GONE}
    clicks = tracking.clicks_by_link(list(members), clock.now() - timedelta(days=CLICK_DAYS))
    orders = attributions.orders_by_link(list(members))
    brands = {one.brand_id: identity.brand(one.brand_id) for one in members.values()}
    rows = []
    for link in tracking.links_of_ambassadors(list(members)):
        resting = link.status is LinkStatus.ACTIVE and not members[link.ambassador_id].is_active
        status = LinkStatus.PAUSED if resting else link.status
        found = LinkRow(
            link, brands[link.brand_id], status, clicks.get(link.id, 0), orders.get(link.id, 0)
        )
        rows.append(found)
    return rows
