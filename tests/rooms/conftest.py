"""Whom most rooms’ tests need: a program of Glow, two of its ambassadors, its shop; its payees, and
a rail that follows a script."""

import pytest

from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees
from tests.support.people import a_program, an_ambassador
from tests.support.shop import Shop
from tests.support.world import World


@pytest.fixture
def program(world):
    return a_program(world.glow)


@pytest.fixture
def ada(program):
    return an_ambassador(program, "Ada")


@pytest.fixture
def ben(program):
    return an_ambassador(program, "Ben")


@pytest.fixture
def shop(world):
    return Shop(world.glow)


@pytest.fixture
def rail() -> ScriptedRail:
    return ScriptedRail()


@pytest.fixture
def payees(world: World, rail: ScriptedRail) -> Payees:
    made = Payees(world)
    made.use(rail)
    return made
