"""Whoever is put on a tier in the very moment of a look stays there. Bites on PostgreSQL."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from portal.commissions import jobs as money
from portal.kernel import clock
from portal.programs.models import Program
from portal.standings import commands, jobs, queries
from portal.storage.locks import lock
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tiers import commands as tiers
from portal.tiers import queries as ladders
from portal.tiers.rules import NOTHING, Ladder, Step

HEAD_START_SECONDS = 0.5
STEPS = (Step(0, "Base", 0, 1000), Step(0, "Silver", 10_000, 1200), Step(0, "Gold", 50_000, 1500))


def approved(shop, amount, number):
    shop.sells(amount, "ADA15", number=number)
    clock.pass_days(31)
    money.mature_due()
    clock.pass_time(timedelta(minutes=1))


def test_a_creator_is_pinned_while_a_look_moves_her(world, program, ada, shop):
    mona, ada_id, program_id = world.mona.user_id, ada.id, program.id
    with unit_of_work():
        tiers.publish_ladder(program_id, Ladder(0, 0, "USD", STEPS), by=None)
    approved(shop, "120.00 USD", "1")
    jobs.look()
    approved(shop, "600.00 USD", "2")
    until = clock.now() + timedelta(days=30)

    def pin():
        with world.app.app_context(), unit_of_work():
            own = ladders.ladder_of(program_id)
            tiers.pin(ada_id, 1, until, "Leaves in June", NOTHING, ladder=own, by=mona)

    with ThreadPoolExecutor(1) as threads:
        with unit_of_work():
            lock(Program, program_id)  # as a look begins
            other = threads.submit(pin)
            time.sleep(HEAD_START_SECONDS)  # it comes as far as it can before anybody is moved
            commands.look_at_program(program_id)
        other.result()
    db.session.remove()
    kinds = [one.kind.value for one in queries.history_of(ada_id)]
    assert (ladders.standing_of(ada_id).step, kinds) == (1, ["pinned", "up", "up"])
    assert queries.violations() == []
