"""The creator's door: her tier, how far it is to the next one, and what counts."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.ambassadors import queries as ambassadors
from portal.consents import queries as consents
from portal.consents.queries import TIERS
from portal.creators import queries as creators
from portal.kernel.errors import NotFound
from portal.programs import queries as programs
from portal.standings import looking, pages, queries
from portal.tiers import wording
from portal.web.guards import CREATOR, opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("standings_creator", __name__, url_prefix="/creator/tiers")
TIER = "standings/creator/tier.html"


@blueprint.get("/<ambassador>")
@opens_to(CREATOR)
def tier(ambassador: str) -> ResponseReturnValue:
    """Where she stands in one program."""
    creator = creators.creator(int(person().creator_id))  # type: ignore[attr-defined]
    member = ambassadors.one_of_creator(creator.id, ambassador)
    progress = looking.progress_of(member)
    if progress is None:
        raise NotFound("This program has no tiers.")
    return reply(
        TIER, member=member, program=programs.program(member.program_id), progress=progress,
        zone=creator.zone, ladder=progress.ladder, wording=wording,
        asked=consents.open_steps(member, TIERS),
        history=pages.timeline(queries.history_of(member.id)),
    )  # fmt: skip
