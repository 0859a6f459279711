"""Real HTTP servers on loopback that answer as a shop's documentation says."""

from __future__ import annotations

import abc
import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    document: Any


@dataclass
class Answered:
    """What goes back."""

    status: int
    document: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class StandIn(abc.ABC):
    """A shop's interface. `faults` are statuses answered first, one a request; "drop" closes the
    connection after the work was done."""

    def __init__(self) -> None:
        self.base_url = ""
        self.asked: list[Asked] = []
        self.faults: list[int | str] = []

    @abc.abstractmethod
    def answer(self, asked: Asked) -> Answered:
        """What the shop says to this request."""


@contextlib.contextmanager
def serving(shop: StandIn) -> Iterator[StandIn]:
    """The shop answers at `shop.base_url` until the end."""

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            parts = urlsplit(self.path)
            size = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(size) if size else b""
            asked = Asked(
                self.command, parts.path,
                {name: values[-1] for name, values in parse_qs(parts.query).items()},
                {name.lower(): value for name, value in self.headers.items()},
                json.loads(body) if body else None,
            )  # fmt: skip
            shop.asked.append(asked)
            fault = shop.faults.pop(0) if shop.faults else None
            if isinstance(fault, int):
                headers = {"Retry-After": "2.0"} if fault == 429 else {}
                self.reply(Answered(fault, {"errors": "asked too often"}, headers))
                return
            found = shop.answer(asked)
            if fault == "drop":
                self.close_connection = True
                return
            self.reply(found)

        do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815 (the library asks by these)

        def reply(self, found: Answered) -> None:
            body = json.dumps(found.document).encode()
            self.send_response(found.status)
            for name, value in {"Content-Type": "application/json", **found.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    shop.base_url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
