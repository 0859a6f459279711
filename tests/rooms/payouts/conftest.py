"""Payees of Glow, and a rail that follows a script."""

import pytest

from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees
from tests.support.world import World


@pytest.fixture
def rail() -> ScriptedRail:
    return ScriptedRail()


@pytest.fixture
def payees(world: World, rail: ScriptedRail) -> Payees:
    made = Payees(world)
    made.use(rail)
    return made
