"""An operator who is alone and lost her factors gets back in on the machine itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.factors import commands, queries
from portal.kernel.errors import Conflict, InvalidInput
from portal.notifications.models import Message
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work

MAKES = """
from portal import serving
from portal.factors import commands as factors
from portal.factors.rules import new_secret
from portal.identity import commands as identity
from portal.storage.unit_of_work import unit_of_work
with serving.application(serving.settings_for(None)), unit_of_work():
    user = identity.register(email="olga@example.com", name="Olga", password="a long password 9")
    user.is_operator = True
    factors.give_app(user.id, new_secret())
"""


def test_a_reset_on_the_machine_names_nobody_and_is_told(world):
    olga = world.olga
    with pytest.raises(InvalidInput, match="how you know"), unit_of_work():
        commands.reset(olga.user_id, by=None, reason=" ")
    with unit_of_work():
        commands.reset(olga.user_id, by=None, reason="On the machine: she sits at it.")
    assert queries.factors_of(olga.user_id).app is None
    entry = db.session.scalar(select(AuditEntry).where(AuditEntry.act == "second-factor.reset"))
    assert (entry.actor_id, entry.facts["reason"]) == (None, "On the machine: she sits at it.")
    world.settle()
    told = db.session.scalars(select(Message.recipient).where(Message.letter == "second_factor"))
    assert "olga@example.com" in set(told)
    with pytest.raises(Conflict, match="no second factor"), unit_of_work():
        commands.reset(olga.user_id, by=None, reason="Again.")


@pytest.mark.long
def test_the_command_says_what_it_did(tmp_path: Path):
    env = {
        **os.environ, "PORTAL_DATA": str(tmp_path), "PORTAL_SECRET_KEY": "s" * 40,
        "PORTAL_DATABASE_URL": f"sqlite:///{tmp_path / 'portal.db'}",
    }  # fmt: skip

    def portal(*words: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "portal.cli", *words],
            env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    assert portal("db", "upgrade")[0] == 0
    subprocess.run([sys.executable, "-c", MAKES], env=env, check=True)
    reset = ("factors", "reset", "olga@example.com", "--reason")
    assert portal(*reset, " ")[0] == 2
    code, said = portal(*reset, "I am she, at the machine.")
    assert (code, "Olga has no second factor any more" in said) == (0, True)
    code, said = portal("factors", "reset", "nobody@example.com", "--reason", "x")
    assert (code, said.strip()) == (2, "Nobody has the address nobody@example.com.")
