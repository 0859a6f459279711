"""Doors for creators: asking the brand for a code of their own choice."""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from portal.ambassadors import queries as ambassadors
from portal.kernel.errors import Conflict, InvalidInput
from portal.programs import queries as programs
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import issue_queries, queries, request_commands
from portal.tracking.issue_forms import WishForm
from portal.web.forms import SelectChoice
from portal.web.guards import CREATOR, opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("tracking_creator_wishes", __name__, url_prefix="/creator/codes")


@blueprint.route("/wish", methods=["GET", "POST"])
@opens_to(CREATOR)
def wish() -> ResponseReturnValue:
    """Ask for another code; the brand answers."""
    members = [one for one in ambassadors.of_creator(_me()) if one.is_active]
    names = programs.programs_by_id([one.program_id for one in members])
    form = WishForm()
    form.program.choices = [
        SelectChoice(one.public_id, names[one.program_id].name) for one in members
    ]
    if form.validate_on_submit():
        chosen = next(one for one in members if one.public_id == form.program.data)
        try:
            with unit_of_work():
                request_commands.request_code(
                    chosen.id, form.wanted.data or "", form.why.data or "", by=person().id
                )
        except (InvalidInput, Conflict) as refusal:
            form.refuse(InvalidInput("wanted", refusal.message))
        else:
            return reply(then=_links(), said="Sent. The brand’s answer shows here.")
    return reply(
        "tracking/creator/wish.html", status=422 if form.errors else 200, form=form,
        present=queries.current_codes([one.id for one in members]).values(),
    )  # fmt: skip


@blueprint.post("/wishes/<wish>/withdraw")
@opens_to(CREATOR)
def withdraw(wish: str) -> ResponseReturnValue:
    """Take an open wish back."""
    found = issue_queries.request_of_creator(_me(), wish)
    with unit_of_work():
        request_commands.withdraw_request(found.id, by=person().id)
    return reply(then=_links(), said="Your wish is taken back. Your code stays as it is.")


def _links() -> str:
    return url_for("reports_links.links")


def _me() -> int:
    return int(person().creator_id)  # type: ignore[attr-defined]
