"""What a creator sees of her rewards."""

from typing import Any

from portal.creators import queries as creators
from portal.identity import queries as identity
from portal.kernel import codes
from portal.kernel.errors import NotFound
from portal.kernel.pages import PageRequest
from portal.rewards import promise_queries, queries, wording
from portal.rewards.models import RewardItem


def rewards(creator_id: int, page: PageRequest) -> dict[str, Any]:
    """Points, what they buy, what she was given."""
    purses, offers = queries.purses_of(creator_id), queries.offered_to(creator_id)
    rows = queries.given_to(creator_id, page)
    brands = {one.brand_id for one in purses} | {one.brand_id for one in offers}
    brands |= {one.reward.brand_id for one in rows.rows}
    return {
        "promises": promise_queries.of_creator(creator_id),
        "purses": purses, "offers": offers, "rows": rows, "wording": wording, "refusal": "",
        "brands": {brand_id: identity.brand(brand_id) for brand_id in sorted(brands)},
        "points": {one.brand_id: one.points for one in purses},
        "tokens": {one.id: codes.public_id("rdm") for one in offers},
        "zone": creators.creator(creator_id).zone,
    }  # fmt: skip


def offered(creator_id: int, public_id: str) -> RewardItem:
    """What points buy for her, by public id. Raises NotFound, for other brands' too."""
    for one in queries.offered_to(creator_id):
        if one.public_id == public_id:
            return one
    raise NotFound()
