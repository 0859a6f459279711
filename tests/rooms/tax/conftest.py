"""Glow pays from the US; nobody has signed anything yet."""

import pytest

from portal.identity.models import Brand
from portal.storage.locks import lock
from portal.storage.unit_of_work import unit_of_work
from tests.support.payees import Payees
from tests.support.tax import Papers


@pytest.fixture
def payees(world, rail):
    made = Payees(world, rail)
    with unit_of_work():
        lock(Brand, world.glow.id).country = "US"
    made.use(rail)
    return made


@pytest.fixture
def papers(payees):
    return Papers(payees)
