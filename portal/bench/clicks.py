"""Redirect with the click recorded durably, against bare Flask `redirect()` on the same server."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from sqlalchemy import func, select

from portal.bench.ground import Ground, ground
from portal.bench.load import Load, hammer
from portal.storage.model import db
from portal.storage.unit_of_work import end_read
from portal.tracking import queries as tracking
from portal.tracking.models import Click

ROUNDS, SECONDS, CONNECTIONS, LINKS = 3, 4.0, 8, 50


def measure() -> dict[str, Any]:
    """Interleaved rounds: bare, ours, bare, ours, … on granian with one worker process."""
    with ground("", LINKS) as laid:
        links = tracking.default_links([member.id for member in laid.members])
        paths = [f"/go/{link.slug}" for link in links.values()]
        end_read()
        with (
            _server("portal.bench.parts:bare", laid) as bare,
            _server("portal.bench.parts:app", laid) as ours,
        ):
            pairs = [(hammer(bare[0], ["/"], SECONDS, CONNECTIONS, bare[1]),
                      hammer(ours[0], paths, SECONDS, CONNECTIONS, ours[1]))
                     for _ in range(ROUNDS)]  # fmt: skip
        stored = int(db.session.scalar(select(func.count(Click.id))) or 0)
    return _figures(pairs, stored)


def _figures(pairs: list[tuple[Load, Load]], stored: int) -> dict[str, Any]:
    answered = sum(ours.requests for _, ours in pairs)
    bare, ours = [one for one, _ in pairs], [one for _, one in pairs]
    cpu = f"{median(b.cpu_us for b in bare):.0f} → {median(o.cpu_us for o in ours):.0f}"
    slow = f"{median(b.p99_ms for b in bare):.1f} → {median(o.p99_ms for o in ours):.1f}"
    return {
        "bare Flask redirect(), a second": round(median(b.per_second for b in bare)),
        "ours, click committed first, a second": round(median(o.per_second for o in ours)),
        "ours ÷ bare, requests a second": _ratio(o.per_second / b.per_second for b, o in pairs),
        "CPU per request, bare → ours, µs": cpu,
        "p99, bare → ours, ms": slow,
        "answered minus stored clicks": answered - stored,
    }


def _ratio(values: Any) -> str:
    found = sorted(values)
    return f"{median(found):.2f} ({found[0]:.2f}–{found[-1]:.2f})"


@contextmanager
def _server(target: str, laid: Ground) -> Iterator[tuple[int, int]]:
    """(port, process id) of granian running a target with the ground's settings."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {
        **os.environ,
        "PORTAL_DATABASE_URL": laid.settings.database_url,
        "PORTAL_DATA": str(laid.settings.data),
        "PORTAL_SECRET_KEY": laid.settings.secret_key,
    }
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "portal.bench.parts", target, str(port)], env=environment
    )
    try:
        _wait(port)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def _wait(port: int) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).close()
            return
        except urllib.error.HTTPError:
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError("The server under load did not start.")
