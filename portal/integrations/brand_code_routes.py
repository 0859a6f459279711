"""Doors for a brand's staff: which code is in which shop, why not, and trying again."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.identity import queries as identity
from portal.integrations import code_commands, code_queries
from portal.integrations.models import SyncState
from portal.kernel.errors import NotFound
from portal.kernel.pages import PageRequest
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import opens_to, person
from portal.web.reply import reply, wants_list

blueprint = Blueprint(
    "integrations_codes", __name__, url_prefix="/brand/<brand:brand_id>/shops/codes"
)
RETRIED = (SyncState.REFUSED, SyncState.UNREACHABLE)


@blueprint.get("")
@opens_to("brand.viewer")
def codes(brand_id: int) -> ResponseReturnValue:
    """Every code in every shop; those that need a person in a view of their own."""
    asked = request.args.get("status", "")
    state = SyncState(asked) if asked in set(SyncState) else None
    return reply(
        "integrations/brand/codes.html",
        "integrations/brand/_codes.html" if wants_list() else None,
        brand=identity.brand(brand_id), state=asked if state else "",
        listing=code_queries.listing(brand_id, PageRequest(request.args.get("cursor")), state),
        counts=code_queries.counts(brand_id), states=list(SyncState), retried=RETRIED,
        may_change=person().may("brand.manager", brand_id),
    )  # fmt: skip


@blueprint.post("/<sync>/retry")
@opens_to("brand.manager")
def retry(brand_id: int, sync: str) -> ResponseReturnValue:
    """Try one code again, now."""
    found = code_queries.one_of_brand(brand_id, sync)
    with unit_of_work():
        code_commands.retry(found.id, by=person().id)
    return reply(then=url_for(".codes", brand_id=brand_id), said="It is tried again now.")


@blueprint.post("/retry/<state>")
@opens_to("brand.manager")
def retry_all(brand_id: int, state: str) -> ResponseReturnValue:
    """Try all refused ones again, or all that could not be told, at most 200 at once."""
    chosen = next((one for one in RETRIED if one.value == state), None)
    if chosen is None:
        raise NotFound()
    with unit_of_work():
        count = code_commands.retry_all(brand_id, chosen, by=person().id)
    said = f"{count} {'code is' if count == 1 else 'codes are'} tried again now."
    return reply(then=url_for(".codes", brand_id=brand_id), said=said)
