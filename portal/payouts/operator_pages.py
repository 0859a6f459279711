"""What the operator's page of the kill switch shows."""

from typing import Any

from portal.identity import queries as identity
from portal.payouts import waiting_queries
from portal.sending_stops import queries as stops
from portal.web.forms import HouseForm


def sending(form: HouseForm) -> dict[str, Any]:
    """Whether sending is stopped, what a stop would hold up, and the stops before."""
    standing, latest = stops.standing(), stops.latest()
    ids = {one for stop in latest for one in (stop.stopped_by, stop.released_by) if one}
    return {
        "form": form,
        "standing": standing,
        "latest": latest,
        "names": {user_id: user.name for user_id, user in identity.users(sorted(ids)).items()},
        "left": waiting_queries.left_to_send(),
    }
