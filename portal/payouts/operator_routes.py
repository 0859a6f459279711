"""Doors for the operator: stop all sending, and release it."""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from portal.identity import sign_in
from portal.kernel.errors import InvalidInput
from portal.payouts import commands
from portal.payouts import operator_pages as pages
from portal.payouts.forms import StopForm
from portal.sending_stops import commands as stops
from portal.sending_stops import queries
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import OPERATOR, opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("payouts_operator", __name__, url_prefix="/operator/sending")
PAGE = "payouts/operator/sending.html"


@blueprint.get("")
@opens_to(OPERATOR)
def sending() -> ResponseReturnValue:
    """Whether payouts are sent, and what stopping them, or releasing them, would mean."""
    return reply(PAGE, **pages.sending(StopForm(formdata=None, data=sign_in.typed())))


@blueprint.post("/stop")
@opens_to(OPERATOR)
def stop() -> ResponseReturnValue:
    """Let nothing be sent any more, for any brand."""
    form = StopForm()
    if not form.validate():
        return reply(PAGE, status=422, **pages.sending(form))
    elsewhere = sign_in.require_step_up(then=url_for(".sending"), keep=form)
    if elsewhere:
        return elsewhere
    try:
        with unit_of_work():
            stops.stop_all(form.reason.data, by=person().id)
    except InvalidInput as error:
        form.refuse(error)
        return reply(PAGE, status=422, **pages.sending(form))
    said = "All sending is stopped. What was with a provider at this moment is finished."
    return reply(then=url_for(".sending"), said=said)


@blueprint.post("/release/<int:stop>")
@opens_to(OPERATOR)
def release(stop: int) -> ResponseReturnValue:
    """Let sending go on: of the stop that the page showed."""
    elsewhere = sign_in.require_step_up(then=url_for(".sending"))
    if elsewhere:
        return elsewhere
    with unit_of_work():
        count = commands.release_sending(queries.one(stop).id, by=person().id)
    runs = {0: "No run was waiting for it.", 1: "1 run goes on."}.get(count, f"{count} runs go on.")
    return reply(then=url_for(".sending"), said=f"Sending is released. {runs}")
