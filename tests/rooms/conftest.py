"""Whom most rooms’ tests need: a program of Glow, two of its ambassadors, its shop."""

import pytest

from tests.support.people import a_program, an_ambassador
from tests.support.shop import Shop


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
