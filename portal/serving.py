"""Run the parts of an installation: web server, worker, schema, imports."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from flask import Flask

from portal.config import Settings, demo_settings
from portal.kernel.errors import InvalidInput

BLOCKING_THREADS, BACKPRESSURE = 8, 64
THREADS_WAITING_FOR_DISK = 32  # each click waits, and all that wait share one sync
WORKER_THREADS = 4
RESTART_SECONDS, PATIENCE_SECONDS = 1.0, 20.0


def settings_for(data: Path | None) -> Settings:
    """The environment's settings, or those of the demo kept in a folder.

    Raises InvalidInput when the folder holds no demo.
    """
    if data is None:
        return Settings.from_env()
    address = data / "simulator-address"
    if not (data / "secret-key").exists():
        raise InvalidInput(
            "data", f"{data} holds no demo. Start one with: portal demo --data {data}"
        )
    return demo_settings(
        data,
        base_url=(data / "base-url").read_text().strip() if (data / "base-url").exists() else "",
        stripe_api_base=address.read_text().strip()
        if address.exists()
        else "http://127.0.0.1:12111",
    )


@contextmanager
def application(settings: Settings) -> Iterator[Flask]:
    """The portal with an open application context, for commands."""
    from portal.app import create_app

    app = create_app(settings)
    with app.app_context():
        yield app


def serve(
    host: str, port: int, workers: int, target: str = "wsgi:app", *, quiet: bool = False,
    data: Path | None = None, ingests: bool = True,
) -> None:  # fmt: skip
    """Run granian until SIGTERM; a worker that dies is replaced, requests in flight finish.

    The ingester runs beside it, and ends after it with everything taken in. `data` is a demo's.
    """
    is_slow = settings_for(data).click_durability == "fsync"
    threads = THREADS_WAITING_FOR_DISK if is_slow else BLOCKING_THREADS
    ingester = [sys.executable, "-m", "portal.cli", "ingest", *_of_demo(data)]
    with beside(ingester) if ingests else nullcontext():
        _serve(host, port, workers, target, threads, quiet=quiet)


def _of_demo(data: Path | None) -> list[str]:
    return [] if data is None else ["--data", str(data)]


def _serve(host: str, port: int, workers: int, target: str, threads: int, *, quiet: bool) -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        target,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        respawn_failed_workers=True,
        working_dir=Path(__file__).parent.parent,
        log_access=False,
        log_level=LogLevels.error if quiet else LogLevels.info,
        backpressure=BACKPRESSURE,
    ).serve()


@contextmanager
def beside(command: list[str]) -> Iterator[None]:
    """Keep a process running beside this one: started again when it dies, ended after the block."""
    leaving = threading.Event()
    running = [subprocess.Popen(command)]  # noqa: S603 — our own interpreter and module

    def watch() -> None:
        while not leaving.wait(RESTART_SECONDS):
            if running[0].poll() is not None:
                running[0] = subprocess.Popen(command)  # noqa: S603

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        leaving.set()
        watcher.join()
        running[0].terminate()
        try:
            running[0].wait(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            running[0].kill()


def ingest(data: Path | None = None) -> None:
    """Take the clicks of this machine's spool into the database, until SIGTERM.

    Ends by itself when the server it was started by is gone; what is written is taken in first.
    """
    from portal.tracking.ingester import Ingester
    from portal.tracking.spool import FOLDER

    stop, server = threading.Event(), os.getppid()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the server, which then ends us

    def watch() -> None:
        while not stop.wait(RESTART_SECONDS):
            if os.getppid() != server:
                stop.set()

    threading.Thread(target=watch, daemon=True).start()
    settings = settings_for(data)
    with application(settings):
        Ingester(settings.data / FOLDER).run(stop)


def work(data: Path | None = None, threads: int = WORKER_THREADS) -> None:
    """Run one worker until SIGTERM or SIGINT; the jobs in hand are finished first.

    All but one of its threads run job functions only. When one of them dies, all end and the
    error is raised: whoever supervises the process starts it again.
    """
    from portal.jobs import worker

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with application(settings_for(data)) as app, ThreadPoolExecutor(max(threads, 1)) as pool:
        hands = [pool.submit(_lend_hand, app, stop) for _ in range(threads - 1)]
        try:
            worker.work(stop, has_hands=bool(hands))
        finally:
            stop.set()
        for hand in hands:
            hand.result()


def _lend_hand(app: Flask, stop: threading.Event) -> None:
    from portal.jobs import worker

    try:
        with app.app_context():  # its own session, and so its own units of work
            worker.lend_hand(stop)
    finally:
        stop.set()


def upgrade(data: Path | None = None) -> None:
    """Bring the schema to this version's head."""
    with application(settings_for(data)):
        upgrade_here()


def upgrade_here() -> None:
    """As `upgrade`, inside an open application context."""
    from flask_migrate import upgrade as alembic_upgrade

    alembic_upgrade()


def verify_chains(data: Path | None = None) -> list[Any]:
    """Hold the audit trail and the books against their hash chains: one report for each chain."""
    from portal.chain import checkpoints
    from portal.chain import queries as chain
    from portal.chain.row_queries import SOURCES

    with application(settings_for(data)) as app:
        folder = app.config["PORTAL"].data
        return [chain.verified(name, checkpoints.kept(folder, name)) for name in SOURCES]


def import_orders(file: Path, brand_slug: str, data: Path | None, *, dry_run: bool) -> Any:
    """Read a CSV of orders into a brand. Raises NotFound for an unknown brand."""
    from portal.identity import queries as identity
    from portal.integrations.csv_orders import commands as csv_orders
    from portal.sales import commands as sales
    from portal.storage.unit_of_work import unit_of_work

    with application(settings_for(data)):
        brand = identity.brand_by_slug(brand_slug)
        with unit_of_work():
            connection_id = sales.csv_connection(brand.id)
        with file.open("rb") as stream:
            return csv_orders.import_orders(connection_id, stream, dry_run=dry_run)


def reset_factors(email: str, reason: str, data: Path | None) -> str:
    """Take somebody's second factors, on this machine; returns what was done, as a sentence.

    Raises InvalidInput, Conflict or NotFound with the sentence to print."""
    from portal.factors import commands
    from portal.identity import queries
    from portal.kernel.errors import NotFound
    from portal.storage.unit_of_work import unit_of_work

    with application(settings_for(data)), unit_of_work():
        found = queries.user_by_email(email)
        if found is None:
            raise NotFound(f"Nobody has the address {email}.")
        said = f"On the machine: {reason.strip()}" if reason.strip() else ""
        commands.reset(found.id, by=None, reason=said)
        return f"{found.name} has no second factor any more and is signed out. A mail says so."


def reseal(data: Path | None) -> int:
    """Seal every secret of the database again with the newest key; returns how many it were."""
    from portal.storage import sealing
    from portal.storage.unit_of_work import unit_of_work

    with application(settings_for(data)), unit_of_work():
        return sealing.reseal()
