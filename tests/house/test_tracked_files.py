"""Git keeps what we wrote, and nothing that a clone makes for itself."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def git(*words: str) -> list[str]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a clone: there is nothing that git keeps")
    told = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return told.stdout.splitlines()


def test_nothing_ignored_is_kept():
    assert git("ls-files", "--cached", "--ignored", "--exclude-standard") == []


def test_no_link_is_kept():
    """A link to a place of this machine replaces the folder of that name in every other clone."""
    assert [line for line in git("ls-files", "--stage") if line.startswith("120000")] == []
