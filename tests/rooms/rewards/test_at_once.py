"""Points given, spent and given back at once: nothing waits in a circle. Bites on PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier

from portal.kernel.errors import Conflict
from portal.rewards import commands, queries
from portal.rewards.models import RewardKind
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
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


def test_R70_points_that_are_spent_while_they_are_taken_back_stay_hers(world, ada):
    points = add(world.glow, RewardKind.POINTS, "points", "0.10 USD")
    box = add(world.glow, points_price=6)
    for number in range(ROUNDS):
        reward = give(points, ada, 10, source=f"sales:{number}")
        start = Barrier(2)

        def spends(number=number, start=start):
            with world.app.app_context(), suppress(Conflict):  # they were taken before
                start.wait()
                redeem(box, ada, f"redeem:{number}")

        def returns(reward=reward, start=start):
            with world.app.app_context():
                start.wait()
                with unit_of_work():
                    return commands.take_points_back(reward.id, 10)

        with ThreadPoolExecutor(2) as threads:
            spending, returning = threads.submit(spends), threads.submit(returns)
        spending.result()
        assert returning.result() in (4, 10)
        db.session.remove()
        assert stands(ada)[0] == 0
    assert queries.violations() == []
