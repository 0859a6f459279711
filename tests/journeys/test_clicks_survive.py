"""Acknowledged minus recorded is zero, whatever is killed: clicks against a real server."""

import json
import os
import subprocess
import sys
import uuid

import pytest

from tests.support import schema


def crashed(kills: int, url: str = "") -> dict:
    seed = os.environ.get("PYTEST_CRASH_SEED", uuid.uuid4().hex[:8])
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.click_crash", str(kills), seed, *([url] if url else [])],
        capture_output=True, text=True, check=False, timeout=300 + 120 * kills,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["answered"] > 20 * kills, found
    assert found["lost"] == 0, found
    assert found["counted"] == found["stored"] >= found["answered"], found
    assert found["left"] == [], found
    return found


def test_a_killed_server_loses_no_click_it_answered():
    crashed(1)


@pytest.mark.long
def test_ten_kills_lose_no_click_on_sqlite():
    crashed(10)


@pytest.mark.long
def test_ten_kills_lose_no_click_on_postgresql():
    with schema.postgresql(f"portal_{uuid.uuid4().hex[:10]}") as url:
        crashed(10, url)
