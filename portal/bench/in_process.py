"""The CPU of a click without a server around it: the figure that a busy machine disturbs least."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

from portal.bench import parts
from portal.bench.ground import ground
from portal.storage.unit_of_work import end_read
from portal.tracking import queries as tracking
from portal.tracking.ingester import Ingester

CLICKS, AGENTS, ROUNDS, MEMBERS = 20_000, 400, 3, 20
AGENT = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Instagram"


def measure() -> dict[str, Any]:
    """µs of CPU per click: bare Flask, our answer, our ingester; and the ratio of the sums."""
    bare = parts.bare_app()
    with ground("", MEMBERS) as laid:
        links = tracking.default_links([member.id for member in laid.members]).values()
        environs = [_environ(f"/go/{link.slug}", n) for n, link in enumerate(links)] * 20
        end_read()
        ours = laid.app.wsgi_app
        ingester = Ingester(laid.settings.data / "clicks")
        _ask(ours, environs, len(environs))  # the first of each goes through Flask
        seen = [
            (
                _spent(lambda: _ask(bare, [_environ("/", 0)], CLICKS)),
                _spent(lambda: _ask(ours, environs, CLICKS)),
                _spent(ingester.catch_up),
            )
            for _ in range(ROUNDS)
        ]
    flask, answer, ingest = (median(column) for column in zip(*seen, strict=True))
    return {
        "in one process, bare Flask → our answer + our ingester, µs CPU": (
            f"{flask:.0f} → {answer:.0f} + {ingest:.0f}"
        ),
        "in one process, bare ÷ ours": f"{flask / (answer + ingest):.1f}",
    }


def _spent(act: Callable[[], object]) -> float:
    started = time.process_time()
    act()
    return (time.process_time() - started) * 1e6 / CLICKS


def _ask(application: Any, environs: list[dict[str, Any]], count: int) -> None:
    for number in range(count):
        answer = application(dict(environs[number % len(environs)]), _start)
        b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()


def _start(_status: str, _headers: list[tuple[str, str]], _exc_info: Any = None) -> None:
    return None


def _environ(path: str, number: int) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": path,
        "QUERY_STRING": ("", "sub1=reel&utm_source=instagram")[number % 2],
        "REMOTE_ADDR": "127.0.0.1", "SERVER_NAME": "localhost", "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost", "wsgi.url_scheme": "http",
        "HTTP_USER_AGENT": f"{AGENT} {number % AGENTS}", "HTTP_ACCEPT": "text/html",
    }  # fmt: skip
