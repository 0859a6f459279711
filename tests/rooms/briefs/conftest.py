"""The stage of the briefs' command tests."""

from types import SimpleNamespace
from typing import Any

import pytest

from portal.storage.model import db
from tests.support import assignments as make
from tests.support.people import a_program
from tests.support.world import World

HIGH_LIMIT = 50_000


@pytest.fixture
def stage(world: World) -> Any:
    """Glow with a program, its ambassador Ada, and a fee limit of 500.00."""
    world.glow.brief_fee_limit_minor = HIGH_LIMIT
    db.session.commit()
    program = a_program(world.glow)
    ada = make.a_member(program, "Ada")
    return SimpleNamespace(
        world=world, brand=world.glow, program=program, ada=ada, mona=world.mona.user_id,
        owen=world.owen.user_id, ada_user=make.user_of(ada.creator_id),
    )  # fmt: skip


@pytest.fixture
def at_work(stage: Any) -> Any:
    """Ada has accepted the open brief."""
    stage.brief = make.an_open_brief(stage.program, stage.mona)
    stage.assignment = make.an_accepted(stage.brief, stage.ada, stage.ada_user)
    return stage
