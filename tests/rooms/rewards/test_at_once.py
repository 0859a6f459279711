"""Points given, spent and given back at once: nothing waits in a circle. Bites on PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor

from portal.rewards import queries
from portal.rewards.models import RewardKind
from portal.storage.model import db
from tests.rooms.rewards.test_commands import add, give, move, redeem, stands

ROUNDS = 12


def test_giving_redeeming_and_cancelling_at_once_all_go_through(world, ada):
    points = add(world.glow, RewardKind.POINTS, "points", "0.10 USD")
    box, mug = add(world.glow, points_price=5, stock=99), add(world.glow, points_price=5, stock=99)
    give(points, ada, 500)
    ordered = [redeem(box, ada, f"redeem:before:{number}") for number in range(ROUNDS)]

    def together(number):
        acts = (
            lambda: give(points, ada, 10, source=f"hand:at once:{number}"),
            lambda: redeem(mug, ada, f"redeem:at once:{number}"),
            lambda: redeem(box, ada, f"redeem:the same:{number}"),
            lambda: move(ordered[number], "cancel"),
        )

        def act(one):
            with world.app.app_context():
                one()

        with ThreadPoolExecutor(len(acts)) as threads:
            list(threads.map(act, acts))

    for number in range(ROUNDS):
        together(number)
    db.session.remove()
    assert stands(ada)[:2] == (500, 5_000)
    assert (queries.item(box.id).stock, queries.item(mug.id).stock) == (99 - ROUNDS, 99 - ROUNDS)
    assert queries.violations() == []
