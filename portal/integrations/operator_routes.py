"""Doors for the operator: messages from outside, to read, replay or set aside."""

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.identity import queries as identity
from portal.integrations import commands, operator_queries, queries
from portal.integrations.forms import IgnoreForm
from portal.integrations.models import InboundEvent, InboundState
from portal.integrations.redaction import redacted, redacted_headers
from portal.kernel.errors import Conflict
from portal.kernel.pages import PageRequest
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import OPERATOR, opens_to, person
from portal.web.reply import reply, wants_list

blueprint = Blueprint("integrations_operator", __name__, url_prefix="/operator/webhooks")

ORDER = (
    InboundState.FAILED,
    InboundState.RECEIVED,
    InboundState.PROCESSED,
    InboundState.IGNORED,
    InboundState.REPLAYED,
)


@blueprint.record_once
def _lend_health(state: Any) -> None:
    state.app.extensions["health.inbound"] = operator_queries.health


@blueprint.get("")
@opens_to(OPERATOR)
def webhooks() -> ResponseReturnValue:
    """What shops and payment providers sent, newest first."""
    state = request.args.get("status", "")
    wanted = InboundState(state) if state in set(InboundState) else None
    part = "integrations/operator/_webhooks.html" if wants_list() else None
    return reply(
        "integrations/operator/webhooks.html",
        part,
        listing=queries.inbox(PageRequest(request.args.get("cursor")), wanted),
        state=state,
        counts=queries.counts(),
        order=ORDER,
        lag_words=operator_queries.lag_words,
    )


@blueprint.get("/<event>")
@opens_to(OPERATOR)
def webhook(event: str) -> ResponseReturnValue:
    """One message: what became of it, and its body without anything personal."""
    return _page(queries.one(event), IgnoreForm(), 200)


@blueprint.post("/<event>/replay")
@opens_to(OPERATOR)
def replay(event: str) -> ResponseReturnValue:
    """Read it again; what was done already is not done twice."""
    found = queries.one(event)
    if found.state is InboundState.RECEIVED:
        raise Conflict("This message already waits for the worker.")
    with unit_of_work():
        commands.replay(found.id, by=person().id)
    said = "It waits for the worker and is read again at once."
    return reply(then=url_for(".webhook", event=event), said=said)


@blueprint.post("/<event>/ignore")
@opens_to(OPERATOR)
def ignore(event: str) -> ResponseReturnValue:
    """Set it aside, with a reason."""
    found, form = queries.one(event), IgnoreForm()
    if not form.validate_on_submit():
        return _page(found, form, 422)
    with unit_of_work():
        commands.ignore(found.id, form.reason.data, by=person().id)
    return reply(then=url_for(".webhook", event=event), said="Set aside. It stays stored.")


def _page(found: InboundEvent, form: IgnoreForm, status: int) -> ResponseReturnValue:
    return reply(
        "integrations/operator/webhook.html",
        status=status,
        form=form,
        event=found,
        body=redacted(found.body),
        size_bytes=len(found.body),
        headers=redacted_headers(found.headers),
        brand=identity.brand(found.brand_id) if found.brand_id else None,
        lag=operator_queries.lag_words(found),
        is_open=found.state in (InboundState.FAILED, InboundState.RECEIVED),
    )
