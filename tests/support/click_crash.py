"""Kill a server under load, again and again, and count what it had answered but not kept.

`python -m tests.support.click_crash KILLS SEED [DATABASE_URL]` prints JSON. A process of its own:
it brings up a portal of its own.
"""

import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from sqlalchemy import func, select

from portal.bench.ground import Ground, ground
from portal.storage.model import db
from portal.storage.unit_of_work import end_read
from portal.tracking import queries as tracking
from portal.tracking.click_models import ClickDay
from portal.tracking.ingester import Ingester
from portal.tracking.models import Click
from tests.support.ports import free_port, wait_for_server

SHOPPERS, LOAD_SECONDS = 4, 15.0
VCLID = re.compile(r"vclid=(\d+)")


class Shoppers:
    """Threads that follow links and write down every click id they were answered with."""

    def __init__(self, port: int, paths: list[str]) -> None:
        self.port, self.paths = port, paths
        self.answered: set[int] = set()
        self.threads = [threading.Thread(target=self._shop, args=(n,)) for n in range(SHOPPERS)]
        for thread in self.threads:
            thread.start()

    def _shop(self, number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            for step in range(number, 1_000_000):
                agent = f"Mozilla/5.0 (iPhone; shopper {number} {step % 50})"
                path = self.paths[step % len(self.paths)]
                connection.request("GET", path, headers={"User-Agent": agent})
                answer = connection.getresponse()
                answer.read()
                assert answer.status == 302, answer.status
                self.answered.add(int(VCLID.search(answer.headers["Location"]).group(1)))
        except (OSError, http.client.HTTPException):
            return  # the server is dead; what was answered is written down

    def go_on(self, answers: int) -> None:
        """Until so many answers came; on a slow machine until some did."""
        stop = time.monotonic() + LOAD_SECONDS
        while len(self.answered) < answers and time.monotonic() < stop:
            time.sleep(0.01)

    def leave(self) -> set[int]:
        for thread in self.threads:
            thread.join()
        return self.answered


def main(kills: int, seed: str, url: str = "") -> dict[str, object]:
    """Kill so often; every second time only one process, at last everything."""
    chance, answered = random.Random(seed), set[int]()
    with ground(url, 3) as laid:
        links = tracking.default_links([member.id for member in laid.members]).values()
        paths = [f"/go/{link.slug}" for link in links]
        end_read()
        for turn in range(kills):
            answered |= killed_once(laid, paths, chance, alone=turn % 2 == 1)
        Ingester(laid.settings.data / "clicks").catch_up()
        stored = set(db.session.scalars(select(Click.id)))
        days = db.session.scalar(select(func.sum(ClickDay.humans + ClickDay.repeats)))
        left = [path.name for path in (laid.settings.data / "clicks").glob("*.clicks")]
    return {"kills": kills, "seed": seed, "answered": len(answered), "stored": len(stored),
            "lost": len(answered - stored), "counted": int(days or 0), "left": left}  # fmt: skip


def killed_once(laid: Ground, paths: list[str], chance: random.Random, *, alone: bool) -> set[int]:
    """Start, load, kill -9 at a moment nobody chose; returns the click ids that were answered."""
    port = free_port()
    environment = {
        **os.environ, "PORTAL_DATABASE_URL": laid.settings.database_url,
        "PORTAL_DATA": str(laid.settings.data), "PORTAL_SECRET_KEY": laid.settings.secret_key,
        "PORTAL_CLICK_DURABILITY": chance.choice(("spool", "fsync")),
    }  # fmt: skip
    command = [sys.executable, "-m", "portal.bench.parts", "portal.bench.parts:app", str(port), "2"]
    server = subprocess.Popen(command, env=environment, start_new_session=True,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        wait_for_server(port)
        shoppers = Shoppers(port, paths)
        shoppers.go_on(chance.randint(60, 800))
        if alone:
            os.kill(chance.choice(children_of(server.pid)), signal.SIGKILL)
            time.sleep(chance.uniform(0.1, 0.6))
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
    return shoppers.leave()


def children_of(pid: int) -> list[int]:
    """The server's workers and its ingester."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1]), sys.argv[2], *sys.argv[3:])) + "\n")
