"""A PostgreSQL of its own on a disk that can be filled to the last page, and emptied again.

Everything it writes, its log of changes too, lies on a file system of 128 MB in memory, mounted
for these processes alone (a mount namespace): it is gone with them, and needs no rights where
users may have namespaces of their own.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support import schema

MEGABYTES = 128
SECONDS = 60
SETTINGS = "-c min_wal_size=2MB -c max_wal_size=8MB -c fsync=off -c checkpoint_timeout=1h"


class SmallDisk:
    """`disk.fills()`, `disk.is_freed()`; the server on it may fall, and is started again."""

    def __init__(self, folder: Path) -> None:
        self.disk, self.run = folder / "disk", folder / "run"
        self.data, self.ballast = self.disk / "data", self.disk / "ballast"
        wheel = schema.wheel().PostgresServer(
            folder / "data"
        )  # knows its programs, and as whom they may run
        self.programs, is_root = wheel.bin_path, os.geteuid() == 0
        apart = (
            ["--mount"] if is_root else ["--user", "--map-current-user", "--keep-caps", "--mount"]
        )
        mount = (
            f'mount -t tmpfs -o size={MEGABYTES}m,mode=777 tmpfs "$0" && echo mounted && exec cat'
        )
        self.holder = subprocess.Popen(
            ["unshare", *apart, "sh", "-c", mount, str(self.disk)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert self.holder.stdout is not None
        self.is_mounted = self.holder.stdout.readline() == b"mounted\n"
        inside = ["--mount"] if is_root else ["--user", "--preserve-credentials", "--mount"]
        self.inside = ["nsenter", "--target", str(self.holder.pid), *inside]
        owner = wheel.system_user
        self.owner = (
            ["setpriv", f"--reuid={owner}", f"--regid={owner}", "--clear-groups"] if owner else []
        )

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres@/postgres?host={self.run}"

    def build(self) -> None:
        self._postgres(
            "initdb", "-U", "postgres", "-A", "trust", "-E", "utf8", "--no-sync", "--wal-segsize=1"
        )
        self.starts()

    def starts(self) -> None:
        """As whoever looks after the machine does once there is space, whether it fell or not."""
        options = f'-h "" -k {self.run} {SETTINGS}'
        log = str(self.run / "log")
        self._postgres("pg_ctl", "-w", "-m", "immediate", "-o", options, "-l", log, "restart")

    def is_up(self) -> bool:
        return self._run(str(self.programs / "pg_ctl"), "-D", str(self.data), "status") == 0

    def refusals(self, statement: str = "") -> int:
        """How many statements that begin so found no room, by the server's own log."""
        lines = (self.run / "log").read_text().split("No space left on device")[1:]
        return sum(f"STATEMENT:  {statement}" in line for line in lines)

    def fills(self) -> None:
        """Not a page is left."""
        assert self._run("dd", "if=/dev/zero", f"of={self.ballast}", "bs=4k") != 0
        assert self._run("dd", "if=/dev/zero", f"of={self.disk / 'one more'}", "bs=4k") != 0

    def is_freed(self) -> None:
        assert self._run("rm", str(self.ballast)) == 0

    def end(self) -> None:
        if self.is_mounted:
            self._run(
                str(self.programs / "pg_ctl"), "-m", "immediate", "-D", str(self.data), "stop"
            )
        self.holder.communicate(timeout=SECONDS)

    def _postgres(self, program: str, *options: str) -> None:
        assert self._run(str(self.programs / program), "-D", str(self.data), *options) == 0

    def _run(self, *command: str) -> int:
        return subprocess.run(
            [*self.inside, *self.owner, *command],
            cwd="/", timeout=SECONDS, check=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ).returncode  # fmt: skip


@contextmanager
def a_small_disk() -> Iterator[SmallDisk]:
    """A server on a disk of its own; the test is skipped where nobody may mount one."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        for name, mode in (("disk", 0o755), ("run", 0o777)):
            (folder / name).mkdir()
            (folder / name).chmod(mode)
        disk = SmallDisk(folder)
        try:
            if not disk.is_mounted:
                pytest.skip("neither root nor a user namespace: no small disk can be mounted")
            disk.build()
            yield disk
        finally:
            disk.end()
