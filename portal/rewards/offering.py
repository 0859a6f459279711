"""What a program gives beside its rates, for its own pages."""

from portal.bonuses import queries as bonuses
from portal.bonuses import wording as goals
from portal.rewards import promise_queries, wording
from portal.rewards.models import Occasion


def sentences_of(program_id: int, has_joined: bool) -> list[str]:
    """What it gives now, each as a sentence to a creator: welcome gifts, unless she has joined
    already, then bonuses, then rewards for goals. Stopped ones and things given no more are left
    out."""
    promised = promise_queries.of_program(program_id)
    gifts = [one for one in promised if one[0].occasion is Occasion.JOINED and not has_joined]
    reached = [one for one in promised if one[0].occasion is Occasion.REACHED]
    return [
        *(wording.offered(*one) for one in gifts),
        *(goals.offered(bonuses.goal_of(one)) for one in bonuses.of_program(program_id)),
        *(wording.offered(*one) for one in reached),
    ]
