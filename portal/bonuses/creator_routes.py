"""Doors for creators: the bonuses of her programs and how far she is."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.bonuses import queries, wording
from portal.bonuses.queries import Progress
from portal.creators import queries as creators
from portal.web.guards import CREATOR, opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("bonuses_creator", __name__, url_prefix="/creator/bonuses")


@blueprint.get("")
@opens_to(CREATOR)
def bonuses() -> ResponseReturnValue:
    """Every bonus she can reach or has reached."""
    me = int(person().creator_id)  # type: ignore[attr-defined]
    rows = [(row, *_words(row)) for row in queries.progress_of(me)]
    return reply("bonuses/creator/bonuses.html", rows=rows, zone=creators.creator(me).zone)


def _words(row: Progress) -> tuple[str, str, str]:
    """What it promises, how far she is, and over which time."""
    bonus = row.bonus
    had = wording.counted(bonus.metric, row.done, bonus.currency)
    return (
        wording.sentence(queries.goal_of(bonus)), had,
        wording.of_period(row.period.key, bonus.window),
    )  # fmt: skip
