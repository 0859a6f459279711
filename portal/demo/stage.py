"""`portal demo`: database, demo data, Stripe simulator, web server and worker in one go."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import click
import stripe

from portal import serving
from portal.config import TEST_KEY, demo_settings
from portal.kernel.errors import Conflict
from portal.shell import FILLING

PATIENCE_SECONDS = 40.0
DATA_VARIABLE = "PORTAL_DEMO_DATA"
ANY_ADDRESS = "0.0.0.0"  # noqa: S104 — only when the operator asks for it


def run(*, port: int, host: str, data: Path, empty: bool, scale: int) -> None:
    """Start everything, print one URL, and stop everything on Ctrl-C or SIGTERM.

    Raises InvalidInput when a live Stripe key is set, Conflict when the port is taken.
    """
    data = data.resolve()
    data.mkdir(parents=True, exist_ok=True)
    _refuse_second(data)
    _refuse_taken(host, port)
    simulator = f"http://127.0.0.1:{_port_for_simulator(data)}"
    base_url = f"http://localhost:{port}"
    (data / "base-url").write_text(base_url)
    (data / "simulator-address").write_text(simulator)
    demo_settings(data, base_url, simulator)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Company(data) as company:
        kept = ("--port", simulator.rpartition(":")[2], "--state", str(data / "stripe.jsonl"))
        company.hire("simulator", "-m", "portal.demo.stripe_simulator", *kept)
        _wait_for(f"{simulator}/_simulator/state")
        _listen_to(simulator, data, f"http://127.0.0.1:{port}/hooks/stripe/platform")
        serving.upgrade(data)
        company.hire("server", "-m", "portal.demo.parts", "server", host, str(port))
        _wait_for(f"http://{'127.0.0.1' if host == ANY_ADDRESS else host}:{port}/healthz")
        click.echo(f"Vouch demo: {base_url}")
        if not empty:
            (data / FILLING).touch()
            company.call("-m", "portal.demo.parts", "fill", str(scale))
            (data / FILLING).unlink()
        company.hire("worker", "-m", "portal.demo.parts", "worker")
        click.echo("Everything is in place. Stop with Ctrl-C.")
        company.watch()


class Company:
    """The demo's processes. A part that dies is started again; leaving stops them all."""

    def __init__(self, data: Path) -> None:
        self.environment: Mapping[str, str] = {**os.environ, DATA_VARIABLE: str(data)}
        self.parts: dict[str, tuple[tuple[str, ...], subprocess.Popen[bytes]]] = {}

    def __enter__(self) -> "Company":
        return self

    def __exit__(self, *_: object) -> None:
        for _, process in self.parts.values():
            process.terminate()
        for _, process in self.parts.values():
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()

    def hire(self, name: str, *command: str) -> None:
        process = subprocess.Popen([sys.executable, *command], env=self.environment)  # noqa: S603
        self.parts[name] = (command, process)

    def call(self, *command: str) -> None:
        """Run one part to its end; what it prints is shown."""
        subprocess.run([sys.executable, *command], env=self.environment, check=True)  # noqa: S603

    def watch(self) -> None:
        """Until interrupted, start again what has died."""
        try:
            while True:
                time.sleep(1)
                for name, (command, process) in list(self.parts.items()):
                    if process.poll() is not None:
                        click.echo(f"The {name} stopped and is started again.", err=True)
                        self.hire(name, *command)
        except KeyboardInterrupt:
            click.echo("Stopped. The data is kept; the next start finds it again.")


def _refuse_second(data: Path) -> None:
    # The lock lives as long as this process; the file itself says nothing.
    lock = os.open(data / "in-use", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise Conflict(
            f"Another demo uses {data}. Stop it first, or give this one a folder: --data DIR"
        ) from None


def _refuse_taken(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise Conflict(
                f"Port {port} is taken. Choose another: make demo PORT={port + 1}"
            ) from None


def _port_for_simulator(data: Path) -> int:
    kept = data / "simulator-address"
    wanted = int(kept.read_text().rpartition(":")[2]) if kept.exists() else 0
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listen_to(simulator: str, data: Path, hook_url: str) -> None:
    """Have the simulator post its events to the portal, under the secret it gave at first."""
    client = stripe.StripeClient(TEST_KEY, base_addresses={"api": simulator})
    kept = data / "stripe-webhook-endpoint"
    known = kept.read_text() if kept.exists() else ""
    if known in {endpoint.id for endpoint in client.v1.webhook_endpoints.list().data}:
        client.v1.webhook_endpoints.update(known, {"url": hook_url})
        return
    made = client.v1.webhook_endpoints.create({"url": hook_url, "enabled_events": ["*"]})
    (data / "stripe-webhook-secret").write_text(made.secret or "")
    kept.write_text(made.id)


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 — our own server
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if time.monotonic() > deadline:
                raise Conflict("The server did not start; its messages stand above.") from None
            time.sleep(0.1)
