"""What a brand's manager sees of a commission that is above a limit of its terms."""

from typing import Any

from portal.commissions import queries
from portal.commissions.forms import VoidForm
from portal.commissions.models import Commission
from portal.creators import queries as creators
from portal.identity import queries as identity
from portal.sales import queries as sales


def above_limit(found: Commission, form: VoidForm) -> dict[str, Any]:
    """The order, who earned what with it, the limit, and whether it still waits."""
    return {
        "brand_id": found.brand_id, "zone": identity.brand(found.brand_id).zone,
        "commission": found, "form": form, "bill": queries.bill_of(found),
        "creator": creators.creator(found.creator_id),
        "order": sales.by_id(found.order_id) if found.order_id else None,
    }  # fmt: skip
