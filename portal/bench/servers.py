"""Servers that the load is sent to, each a process of its own with the ground's settings."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from portal.bench.ground import Ground

PATIENCE_SECONDS = 120.0


@contextmanager
def server_of(
    target: str, laid: Ground, server: str, durability: str = "spool"
) -> Iterator[tuple[int, int]]:
    """(port, process id) of a server running a target with the ground's settings."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {
        **os.environ,
        "PORTAL_DATABASE_URL": laid.settings.database_url,
        "PORTAL_DATA": str(laid.settings.data),
        "PORTAL_SECRET_KEY": laid.settings.secret_key,
        "PORTAL_CLICK_DURABILITY": durability,
    }
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "portal.bench.parts", target, str(port), "1", server],
        env=environment,
    )
    try:
        _wait(port)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=40)


def _wait(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        one = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            one.request("GET", "/healthz")
            one.getresponse()  # whatever it says; a redirect is not followed
            return
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
        finally:
            one.close()
    raise RuntimeError("The server under load did not start.")
