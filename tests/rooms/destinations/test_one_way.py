"""There is one way to say where money goes: the one that asks for a confirmation (R91)."""

from pathlib import Path


def test_only_destinations_takes_the_step_underneath():
    callers = {
        path.as_posix()
        for path in Path("portal").rglob("*.py")
        if "record_destination(" in path.read_text()
    }
    assert callers == {"portal/creators/commands.py", "portal/destinations/commands.py"}
