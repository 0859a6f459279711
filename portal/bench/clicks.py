"""`GET /go/<slug>` against bare Flask `redirect()` on the same server, in interleaved rounds.

The server has one core, the load another. CPU counts the server, the ingester beside it, and the
time until everything answered is in the database: classified, counted, committed.
"""

import importlib.util
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from typing import Any

from sqlalchemy import func, select

from portal.bench import history, in_process
from portal.bench.ground import Ground, ground
from portal.bench.load import Load, hammer, on_core, request_for
from portal.bench.servers import PATIENCE_SECONDS, server_of
from portal.storage.model import db
from portal.storage.unit_of_work import end_read
from portal.tracking import queries as tracking
from portal.tracking.click_models import ClickDay, ClickSegment
from portal.tracking.models import Click
from portal.tracking.spool import FOLDER, segments

ROUNDS, SECONDS, CONNECTIONS, LINKS = 5, 4.0, 16, 20
HISTORY = 200_000
AGENTS = 2_000  # each visitor of a link leaves at most 500 rows an hour (tracking.flood)
AGENT = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_{n} like Mac OS X) AppleWebKit/605.1.15 Instagram"
COMES_WITH = ("", "sub1=reel&utm_source=instagram")
SERVERS = ("granian", "gunicorn")


@dataclass(frozen=True, slots=True)
class Way:
    """One server under load. `laid` is None for the yardstick, which keeps nothing."""

    port: int
    pid: int
    requests: list[bytes]
    laid: Ground | None = None
    loads: list[Load] = field(default_factory=list)

    def load(self) -> None:
        """One round. It ends when all that was answered is in the database."""
        settled = partial(_settle, self.laid) if self.laid else lambda: None
        on_core(self.pid, 0)
        found = hammer(self.port, self.requests, SECONDS, CONNECTIONS, self.pid, settled=settled)
        self.loads.append(found)

    def over(self, other: "Way") -> str:
        """The ratio of requests a second, round by round: the median, least and most."""
        pairs = zip(self.loads, other.loads, strict=True)
        found = sorted(mine.per_second / its.per_second for mine, its in pairs)
        return f"{median(found):.2f} ({found[0]:.2f}–{found[-1]:.2f})"

    def cpu_over(self, other: "Way") -> str:
        """The ratio of CPU per request, the steadier figure."""
        mine, its = (median(load.cpu_us for load in way.loads) for way in (self, other))
        return f"{its / mine:.2f}"

    @property
    def line(self) -> str:
        rate = median(load.per_second for load in self.loads)
        cpu = median(load.cpu_us for load in self.loads)
        p99 = median(load.p99_ms for load in self.loads)
        return f"{rate:,.0f} a second, {cpu:.0f} µs CPU, p99 {p99:.1f} ms"


def measure(stored: int = HISTORY) -> Iterator[dict[str, Any]]:
    """Every comparison this machine can make; `stored` clicks lie in the full database."""
    yield in_process.measure()
    affinity = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(affinity)})
    try:
        for server in SERVERS:
            if importlib.util.find_spec(server) is None:
                yield {server: "not installed, so not measured"}
                continue
            yield {f"{server}: {key}": found for key, found in _on(server, stored).items()}
    finally:
        os.sched_setaffinity(0, affinity)


def _on(server: str, stored: int) -> dict[str, Any]:
    with ExitStack() as stack:
        ours = _our_way(stack, server)
        assert ours.laid
        bare, floor = (
            Way(*stack.enter_context(server_of(f"portal.bench.parts:{name}", ours.laid, server)),
                [request_for("/", AGENT)])
            for name in ("bare", "floor")
        )  # fmt: skip
        hot = Way(ours.port, ours.pid, _requests(_paths(ours.laid)[:1]), ours.laid)
        ways = {
            "bare": bare,
            "floor": floor,
            "ours": ours,
            "hot": hot,
            "fsync": _our_way(stack, server, durability="fsync"),
            "full": _our_way(stack, server, stored=stored),
        }
        turns = list(ways.values())
        for number in range(ROUNDS):  # each begins once, so that whatever drifts slows them all
            for way in turns[number % len(turns) :] + turns[: number % len(turns)]:
                way.load()
        kept = _kept([(ours, hot), (ways["fsync"],), (ways["full"],)], stored)
        return _figures(ways, stored) | kept


def _our_way(stack: ExitStack, server: str, *, durability: str = "spool", stored: int = 0) -> Way:
    laid = stack.enter_context(ground("", LINKS))
    if stored:
        history.write(laid, stored)
    found = stack.enter_context(server_of("portal.bench.parts:app", laid, server, durability))
    return Way(*found, _requests(_paths(laid)), laid)


def _figures(ways: dict[str, Way], stored: int) -> dict[str, Any]:
    bare, ours = ways["bare"], ways["ours"]
    return {
        "bare Flask redirect()": bare.line,
        "an answer without any work": ways["floor"].line,
        "ours, spool": ours.line,
        "ours, fsync": ways["fsync"].line,
        "ours ÷ bare, requests a second": ours.over(bare),
        "bare ÷ ours, CPU per request": ours.cpu_over(bare),
        "fsync ÷ bare, requests a second": ways["fsync"].over(bare),
        "one hot link ÷ spread": ways["hot"].over(ours),
        f"{stored:,} clicks stored ÷ none": ways["full"].over(ours),
    }


def _kept(groups: Sequence[Sequence[Way]], stored: int) -> dict[str, Any]:
    """Answered minus stored, and minus counted, over everything that was asked."""
    answered = sum(load.requests for ways in groups for way in ways for load in way.loads)
    rows = counted = -stored
    for ways in groups:
        assert ways[0].laid
        with ways[0].laid.app.app_context():
            end_read()
            rows += db.session.scalar(select(func.count(Click.id))) or 0
            sums = func.sum(ClickDay.humans + ClickDay.repeats + ClickDay.bots)
            counted += int(db.session.scalar(select(sums)) or 0)
    return {"answered minus stored, minus counted": f"{answered - rows}, {answered - counted}"}


def _paths(laid: Ground) -> list[str]:
    with laid.app.app_context():
        links = tracking.default_links([member.id for member in laid.members])
        end_read()
        return [f"/go/{link.slug}" for link in links.values()]


def _requests(paths: list[str]) -> list[bytes]:
    return [
        request_for(paths[n % len(paths)], AGENT.replace("{n}", str(n % AGENTS)), COMES_WITH[n % 2])
        for n in range(AGENTS * len(paths) + 1)
    ]


def _settle(laid: Ground) -> None:
    """Return when every line of the spool is in the database."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with laid.app.app_context():
        while True:
            end_read()
            taken = int(db.session.scalar(select(func.sum(ClickSegment.taken_bytes))) or 0)
            if taken >= sum(found.size for found in segments(laid.settings.data / FOLDER)):
                return
            if time.monotonic() > deadline:
                raise RuntimeError("The ingester did not catch up.")
            time.sleep(0.05)
